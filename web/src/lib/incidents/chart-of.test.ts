import { expect, test } from "vitest";
import { chartOf, rangeOf } from "./chart-of.ts";

const HOUR = 3_600_000;
const chart = { subject: "web-1", metric: "filesystem_used_ratio:/var", warning: 0.8, critical: 0.95 };

test("the thresholds are drawn in the unit of the series, and the opening is marked", () => {
  const spec = chartOf(chart, { openedAt: 5, resolvedAt: null });
  expect(spec).toMatchObject({ title: "Filesystem used: /var", unit: "ratio", whole: 1 });
  expect(spec.levels).toEqual([
    { value: 0.8, label: "warning 80 %", tone: "warn" },
    { value: 0.95, label: "critical 95 %", tone: "bad" },
  ]);
  expect(spec.moments).toEqual([{ at: 5, label: "opened" }]);
});

test("a series nobody knows, without thresholds, is drawn all the same", () => {
  const spec = chartOf(
    { subject: "web-1", metric: "queue_length", warning: null, critical: null },
    { openedAt: 5, resolvedAt: 9 },
  );
  expect(spec).toMatchObject({ title: "queue_length", unit: "count", levels: [] });
  expect(spec.moments).toHaveLength(2);
});

test("a short incident is shown with half an hour around it, never beyond now", () => {
  const openedAt = 100 * HOUR;
  expect(rangeOf({ kind: "metric", openedAt, resolvedAt: openedAt + 60_000 }, openedAt + 9 * HOUR)).toEqual({
    from: openedAt - HOUR / 2,
    to: openedAt + 60_000 + HOUR / 2,
  });
  expect(rangeOf({ kind: "metric", openedAt, resolvedAt: openedAt + 60_000 }, openedAt + 120_000).to).toBe(
    openedAt + 120_000,
  );
});

test("a long one is shown whole, with six hours before it; the edge moves by the minute", () => {
  const openedAt = 100 * HOUR;
  const range = rangeOf({ kind: "metric", openedAt, resolvedAt: null }, openedAt + 48 * HOUR + 1);
  expect(range).toEqual({ from: openedAt - 6 * HOUR, to: openedAt + 48 * HOUR + 60_000 });
  expect(rangeOf({ kind: "metric", openedAt, resolvedAt: null }, openedAt + 48 * HOUR + 30_000)).toEqual(range);
});

test("what is about to be full is shown with the days in which it filled up", () => {
  const openedAt = 100 * HOUR;
  const { from } = rangeOf({ kind: "forecast", openedAt, resolvedAt: null }, openedAt + HOUR);
  expect(from).toBe(openedAt - 72 * HOUR);
});
