import { describe, expect, test } from "vitest";
import type { ChartSpec } from "./chart-spec.ts";
import type { ChartData } from "./columns.ts";
import { bandsOf, bandTop, spansOf, unusualInWords } from "./overlay.ts";

const band = { from: 0, stepMs: 10, middle: [1, 2, 3], lower: [1, 1, 1], upper: [1, 5, 90] };
const span = {
  metric: "cpu_busy_ratio",
  from: 0,
  to: 1,
  peakAt: 1,
  value: 0.96,
  usualLow: 0.1,
  usualHigh: 0.4,
  score: 1,
};
const spec = (...keys: string[]): ChartSpec => ({
  id: "x",
  title: "x",
  unit: "ratio",
  lines: keys.map((key) => ({ key, label: key })),
});
const data = (...last: (number | null)[]): ChartData => ({
  at: [0, 1],
  lines: last.map((value) => ({ mean: [0, value], min: [0, value], max: [0, value] })),
});

describe("which line a band goes on from", () => {
  test("is the line of the series it is of", () => {
    const overlay = { bands: { load_5m: band }, spans: [] };
    expect(bandsOf(overlay, spec("load_1m", "load_5m"), data(1, 1))).toEqual([{ line: 1, band }]);
  });

  test("is the worst of the parts, where it is of a ratio as a whole", () => {
    const overlay = { bands: { filesystem_used_ratio: band }, spans: [] };
    const parts = spec("filesystem_used_ratio:/", "filesystem_used_ratio:/var");
    expect(bandsOf(overlay, parts, data(0.6, 0.7))).toEqual([{ line: 1, band }]);
    expect(bandsOf(overlay, parts, data(0.6, null))).toEqual([{ line: 0, band }]);
    expect(bandsOf(overlay, spec("filesystem_used_ratio", "filesystem_used_ratio:/"), data(0.1, 0.9))).toEqual([
      { line: 0, band },
    ]);
  });

  test("is none of the parts of a sum", () => {
    const key = "network_receive_bytes_per_second";
    expect(bandsOf({ bands: { [key]: band }, spans: [] }, spec(`${key}:eth0`), data(1))).toEqual([]);
  });

  test("is none of a stack, whose lines stand on each other", () => {
    const stack = { ...spec("cpu_busy_ratio"), isStacked: true };
    expect(bandsOf({ bands: { cpu_busy_ratio: band }, spans: [] }, stack, data(1))).toEqual([]);
    expect(spansOf({ bands: {}, spans: [span] }, stack)).toEqual([]);
  });
});

test("what stood out is marked in the charts of its own series alone", () => {
  const overlay = { bands: {}, spans: [span] };
  expect(spansOf(overlay, spec("cpu_busy_ratio"))).toEqual([span]);
  expect(spansOf(overlay, spec("memory_used_ratio"))).toEqual([]);
});

test("the scale has room for what is foretold in the window, but not for an interval without end", () => {
  const bands = [{ line: 0, band }];
  expect(bandTop(bands, 0, 10, 2)).toBe(3);
  expect(bandTop(bands, 0, 20, 4)).toBe(6);
  expect(bandTop(bands, 50, 60, 4)).toBe(4);
});

test("what was unusual is told against what is usual", () => {
  expect(unusualInWords(span, "ratio")).toBe("Unusual: 96 %, usually 10 % – 40 %");
  expect(unusualInWords({ ...span, usualLow: null }, "ratio")).toBe("Unusual: 96 %");
});
