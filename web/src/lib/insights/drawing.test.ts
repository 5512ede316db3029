import { describe, expect, test } from "vitest";
import type { InsightChart } from "../../../../contract/insights.ts";
import { drawingOf, niceTop, readingAt, windowOf } from "./drawing.ts";

const FRAME = { width: 100, height: 60, left: 0, right: 0, top: 0, bottom: 10 };
const chart = (over: Partial<InsightChart> = {}): InsightChart => ({
  subjects: ["web-1"],
  metrics: ["filesystem_used_ratio"],
  from: 0,
  to: 100,
  limit: null,
  band: null,
  spans: [],
  ...over,
});
const line = (values: (number | null)[], metric = "filesystem_used_ratio") => ({
  subject: "web-1",
  metric,
  at: values.map((_, index) => index * 10),
  values,
});
const band = { from: 50, stepMs: 50, middle: [0.5, 0.8, 1], lower: [0.5, 0.7, 0.8], upper: [0.5, 0.9, 1] };

test("a gap lifts the pen, and a lone reading can still be seen", () => {
  const { lines } = drawingOf(chart(), [line([0.5, null, 0.5, 0.5])], FRAME, 100);
  expect(lines[0]).toBe("M0 8.3L1 8.3M20 8.3L30 8.3");
});

test("a pause between readings is a gap too", () => {
  const late = { ...line([0.6, 0.6, 0.6, 0.6]), at: [0, 10, 20, 90] };
  expect(drawingOf(chart(), [late], FRAME, 100).lines[0]!.match(/M/g)).toHaveLength(2);
});

describe("what is foretold", () => {
  test("makes a window that ends before it reach as far as it does, and is cut where the window ends within it", () => {
    expect(windowOf(chart({ to: 50, band }))).toEqual([0, 150]);
    expect(windowOf(chart({ band }))).toEqual([0, 100]);
    expect(windowOf(chart())).toEqual([0, 100]);
    const { middle } = drawingOf(chart({ to: 75, band }), [line([0.4])], FRAME, 50).band!;
    expect(middle).toMatch(/^M66\.7 \S+L100 \S+$/);
  });

  test("is drawn as its middle within its interval, from where the readings end", () => {
    const drawing = drawingOf(chart({ to: 150, band }), [line([0.4, 0.45, 0.5])], FRAME, 50);
    expect(drawing.nowX).toBe(33.3);
    expect(drawing.band!.middle.startsWith("M33.3 ")).toBe(true);
    expect(drawing.band!.area.endsWith("Z")).toBe(true);
  });

  test("does not press the readings flat, however wide its interval grows", () => {
    const wide = { ...band, upper: [0.05, 4_000, 9_000], middle: [10, 11, 12], lower: [9, 1, 0] };
    const drawing = drawingOf(
      chart({ metrics: ["load_5m"], to: 150, band: wide }),
      [line([8, 9, 10], "load_5m")],
      FRAME,
      50,
    );
    expect(drawing.top).toBeLessThan(30);
  });
});

test("where nothing lies ahead, no line says where now is", () => {
  expect(drawingOf(chart(), [line([0.5, 0.5])], FRAME, 100).nowX).toBeNull();
});

test("a limit far above all readings does not press them flat, a near one is drawn", () => {
  const traffic = line([1e6, 2e6], "network_receive_bytes_per_second");
  const of = (limit: number) => drawingOf(chart({ metrics: [traffic.metric], limit }), [traffic], FRAME, 100).limitY;
  expect(of(1e9)).toBeNull();
  expect(of(4e6)).not.toBeNull();
});

test("lines of several units each have their own scale", () => {
  const lines = [line([0.5, 0.5], "cpu_busy_ratio"), line([2e6, 2e6], "network_receive_bytes_per_second")];
  const drawing = drawingOf(chart(), lines, FRAME, 100);
  expect(drawing).toMatchObject({ top: null, unit: null });
  expect(drawing.lines[0]).toBe(drawing.lines[1]);
});

test("a short span is wide enough to be seen, and marked at its peak", () => {
  const span = {
    metric: "filesystem_used_ratio",
    from: 99.9,
    to: 100,
    peakAt: 100,
    value: 1,
    usualLow: 0.25,
    usualHigh: 0.5,
    score: 1,
  };
  const { spans } = drawingOf(chart({ spans: [span] }), [line([0.9, 1])], FRAME, 100);
  expect(spans).toEqual([{ x: 97, width: 3, peak: { x: 100, y: 0 }, usual: { y: 25, height: 12.5 } }]);
});

test("a peak above all that is drawn of its line still has room", () => {
  const span = {
    metric: "load_5m",
    from: 10,
    to: 20,
    peakAt: 15,
    value: 30,
    usualLow: null,
    usualHigh: null,
    score: 1,
  };
  const drawing = drawingOf(chart({ metrics: ["load_5m"], spans: [span] }), [line([2, 3, 2], "load_5m")], FRAME, 100);
  expect(drawing.spans[0]).toMatchObject({ usual: null });
  expect(drawing.spans[0]!.peak!.y).toBeGreaterThan(0);
});

test("a chart without readings has a scale all the same", () => {
  expect(drawingOf(chart(), [], FRAME, 100)).toMatchObject({ unit: "ratio", lines: [] });
});

test.each([
  [0.93, "ratio", 1],
  [0.999, "ratio", 1],
  [0.31, "ratio", 0.4],
  [0.02, "ratio", 0.1],
  [5.2e6, "bytes/s", 6e6],
  [9 * 86_400, "seconds", 10 * 86_400],
  [3 * 2 ** 30, "bytes", 4 * 2 ** 30],
] as const)("an axis for %d %s reaches %d", (most, unit, top) => expect(niceTop(most, unit)).toBeCloseTo(top, 9));

test("the cursor reads the nearest reading, and none across a gap", () => {
  const readings = { at: [0, 10, 20, 90], values: [1, 2, null, 4] };
  expect(readingAt(readings, 12)).toBe(2);
  expect(readingAt(readings, 19)).toBe(2);
  expect(readingAt(readings, 89)).toBe(4);
  expect(readingAt({ at: [0, 10, 20], values: [null, null, null] }, 5)).toBeNull();
  expect(readingAt({ at: [0, 10, 20], values: [1, 1, 1] }, 500)).toBeNull();
});
