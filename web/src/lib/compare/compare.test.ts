import { expect, test } from "vitest";
import { comparisonQuerySchema, type SeriesColumns } from "../../../../contract/series.ts";
import { queryOf, refreshEvery, resolutionOf } from "./compare.svelte.ts";

const choice = { instances: ["web-1", "a@b:2"], metric: "disk_util_ratio:a b&c", window: "24h" };

test("what is asked is what the server takes", () => {
  const query = Object.entries(queryOf(choice, 1e12 + 0.5, 700)).map(([name, value]) => `${name}=${value}`);
  const { searchParams } = new URL(`https://nephos.example/api/series?${query.join("&")}`);
  expect(comparisonQuerySchema.parse(Object.fromEntries(searchParams))).toEqual({
    instances: ["web-1", "a@b:2"],
    metrics: ["disk_util_ratio:a b&c"],
    from: 1e12 - 86_400_000,
    to: 1e12 + 1,
    points: 700,
  });
});

test("it is asked again every half minute at most, and less often where nothing would move", () => {
  expect(refreshEvery({ ...choice, window: "5m" }, 700)).toBe(30_000);
  expect(refreshEvery({ ...choice, window: "30d" }, 720)).toBe(900_000);
  expect(refreshEvery({ ...choice, window: "24h" }, 720)).toBe(120_000);
});

test("the coarsest instance says what a point is, and what is missing of each adds up", () => {
  const window = { from: 0, to: 1, at: [], series: {}, tier: "raw", stepMs: 0, blocksUnreadable: 1 } as SeriesColumns;
  const reply = { instances: { a: window, b: { ...window, tier: "hour", stepMs: 3_600_000 } as SeriesColumns } };
  expect(resolutionOf(reply)).toEqual({ tier: "hour", stepMs: 3_600_000, blocksUnreadable: 2 });
  expect(resolutionOf({ instances: {} })).toBeUndefined();
});
