import { expect, test } from "vitest";
import { costInWords, fewInWords, hostnamesIn } from "./settings.ts";

test("each region has its price in probes", () => {
  expect(costInWords(3)).toBe("A check that looks every 2 min is 2,160 probes a day from 3 regions: 720 for each.");
});

test("too few regions to outvote one are told", () => {
  expect(fewInWords(1)).toMatch(/cannot be contradicted/);
  expect(fewInWords(2)).toMatch(/unsure/);
  expect(fewInWords(3)).toBeUndefined();
});

test("hostnames are taken however they are set apart, each once", () => {
  expect(hostnamesIn("A.example.com, b.example.com\na.example.com\n")).toEqual(["a.example.com", "b.example.com"]);
});
