import { expect, test } from "vitest";
import type { Unit } from "../../../../contract/units.ts";
import { exampleOf, parseQuantity, typedQuantity } from "./quantity.ts";

test.each<[string, Unit, number]>([
  ["80 %", "ratio", 0.8],
  ["7", "ratio", 0.07],
  ["12,5%", "ratio", 0.125],
  ["2 GiB", "bytes", 2 * 1024 ** 3],
  ["1.5gib", "bytes", 1.5 * 1024 ** 3],
  ["2 GB", "bytes", 2e9],
  ["10 MB/s", "bytes/s", 1e7],
  ["100 Mbit/s", "bytes/s", 12_500_000],
  ["300 ms", "seconds", 0.3],
  ["14 days", "seconds", 14 * 86_400],
  ["1 d 12 h", "seconds", 129_600],
  ["2", "seconds", 2],
  ["4.5", "count", 4.5],
  ["-3", "count", -3],
  ["2k", "count", 2_000],
  ["12,000", "count", 12_000],
  ["500 /s", "packets/s", 500],
  ["1", "bool", 1],
])("“%s” of %s is %d in base units", (text, unit, value) => expect(parseQuantity(text, unit)).toBe(value));

test.each<[string, Unit]>([
  ["", "ratio"],
  ["much", "ratio"],
  ["80 % or so", "ratio"],
  ["80 GiB", "ratio"],
  ["5", "bytes"],
  ["5 %", "bytes"],
  ["10 MB", "bytes/s"],
  ["2 GiB 5", "bytes"],
  ["1 GiB 2 MiB", "bytes"],
  ["3 parsecs", "seconds"],
  ["--4", "count"],
  ["1e3", "count"],
])("“%s” is no quantity of %s", (text, unit) => expect(parseQuantity(text, unit)).toBeUndefined());

test.each<[number, Unit, string]>([
  [0.9, "ratio", "90 %"],
  [0.07, "ratio", "7 %"],
  [0.995, "ratio", "99.5 %"],
  [1209600, "seconds", "14 d"],
  [0.25, "seconds", "250 ms"],
  [1, "seconds", "1 s"],
  [536870912, "bytes", "512 MiB"],
  [2e7, "bytes/s", "20 MB/s"],
  [0, "bytes", "0 B"],
  [4, "count", "4"],
  [500, "operations/s", "500/s"],
  [0.5, "bool", "0.5"],
])("%d of %s is shown as it would be typed: %s", (value, unit, text) => expect(typedQuantity(value, unit)).toBe(text));

test("whatever a threshold is, it can be typed back to the last digit", () => {
  const units: Unit[] = ["ratio", "bytes", "bytes/s", "operations/s", "packets/s", "seconds", "count", "bool"];
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (const unit of units) {
    for (let round = 0; round < 2_000; round += 1) {
      const value = Number((random() * 10 ** Math.floor(random() * 14 - 4)).toPrecision(1 + Math.floor(random() * 8)));
      expect(parseQuantity(typedQuantity(value, unit), unit), `${value} of ${unit}`).toBe(value);
    }
  }
});

test("every example is one", () => {
  expect(parseQuantity(exampleOf("ratio"), "ratio")).toBe(0.8);
  expect(
    exampleOf("bytes")
      .split(" or ")
      .map((text) => parseQuantity(text, "bytes")),
  ).not.toContain(undefined);
  expect(
    exampleOf("seconds")
      .split(/, | or /)
      .map((text) => parseQuantity(text, "seconds")),
  ).not.toContain(undefined);
});
