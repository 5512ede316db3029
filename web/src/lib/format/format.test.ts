import { describe, expect, test } from "vitest";
import { clockOffsetInWords, formatAgo } from "./ago.ts";
import { formatByteRate, formatBytes } from "./bytes.ts";
import { formatUntil } from "./day.ts";
import { formatDuration, formatDurationShort, formatSeconds } from "./duration.ts";
import { formatQuantity } from "./quantity.ts";
import { formatRatio, toneOf } from "./ratio.ts";

describe("bytes", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [16 * 2 ** 30, "16 GiB"],
    [2 ** 50, "1 PiB"],
    [-2048, "-2 KiB"],
  ])("sizes are binary: %d is %s", (bytes, words) => expect(formatBytes(bytes)).toBe(words));

  test.each([
    [999, "999 B/s"],
    [1000, "1 kB/s"],
    [12_345_678, "12.3 MB/s"],
    [999_999, "1 MB/s"],
  ])("rates are decimal: %d is %s", (rate, words) => expect(formatByteRate(rate)).toBe(words));
});

describe("ratio", () => {
  test.each([
    [0, "0 %"],
    [0.0001, "<0.1 %"],
    [0.0456, "4.6 %"],
    [0.5, "50 %"],
    [1, "100 %"],
  ])("%d is %s", (ratio, words) => expect(formatRatio(ratio)).toBe(words));

  test("a disk that is not full never reads 100 %", () => expect(formatRatio(0.9999)).toBe("99 %"));
  test("colour rises with the value", () => expect([0.5, 0.8, 0.95].map(toneOf)).toEqual(["calm", "high", "critical"]));
});

describe("duration", () => {
  test.each([
    [0, "0 s"],
    [59_999, "59 s"],
    [240_000, "4 min"],
    [3_600_000, "1 h"],
    [5_400_000, "1 h 30 min"],
    [1_051_200_000, "12 d 4 h"],
    [40 * 86_400_000, "40 d"],
    [-5, "0 s"],
  ])("%d ms is %s", (span, words) => expect(formatDuration(span)).toBe(words));

  test("a cell shows the largest unit alone", () => expect(formatDurationShort(1_051_200_000)).toBe("12 d"));

  test.each([
    [0.00042, "420 µs"],
    [0.0042, "4.2 ms"],
    [0.42, "420 ms"],
    [4.2, "4.2 s"],
    [7200, "2 h"],
  ])("a measured time of %d is %s", (seconds, words) => expect(formatSeconds(seconds)).toBe(words));
});

describe("ago", () => {
  test("a moment slightly ahead of the reader's clock is now", () => expect(formatAgo(1_000, 500)).toBe("now"));
  test("the age is told in its largest unit", () => expect(formatAgo(0, 5_400_000)).toBe("1 h ago"));
  test("a clock within two seconds is not worth a word", () => expect(clockOffsetInWords(-2_000)).toBeUndefined());
  test("a clock further off is told with its direction", () => {
    expect(clockOffsetInWords(240_000)).toBe("4 min ahead of");
    expect(clockOffsetInWords(-3_000)).toBe("3 s behind");
  });
});

test("what was not measured is a dash in every unit, never a zero", () => {
  expect(formatQuantity(null, "bytes")).toBe("–");
  expect(formatQuantity(undefined, "ratio")).toBe("–");
  expect(formatQuantity(0, "count")).toBe("0");
});

test("what is still good says for how long, rounded", () => {
  const HOUR = 3_600_000;
  expect(formatUntil(7 * 24 * HOUR - 1_000, 0)).toBe("in 7 d");
  expect(formatUntil(24 * HOUR - 1_000, 0)).toBe("in 24 h");
  expect(formatUntil(90_000, 0)).toBe("in 2 min");
  expect(formatUntil(20_000, 0)).toBe("in less than a minute");
  expect(formatUntil(0, 1)).toBe("over");
});
