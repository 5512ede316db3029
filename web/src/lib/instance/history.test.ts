import { expect, test } from "vitest";
import { SERIES_KEYS_PER_QUERY_MAX } from "../../../../contract/limits.ts";
import { batched, chunksOf, pointsFor } from "./history.ts";

const reply = (keys: readonly string[]) => ({
  from: 0,
  to: 1,
  stepMs: 0,
  tier: "raw" as const,
  blocksUnreadable: 0,
  at: [1],
  series: Object.fromEntries(keys.map((key) => [key, { mean: [1] }])),
});

test("charts that come into sight together ask once", async () => {
  const asked: string[][] = [];
  const load = batched(async (keys) => (asked.push([...keys]), reply(keys)));
  const [first, second] = await Promise.all([load(["a"], { from: 0, to: 1 }), load(["b", "a"], { from: 0, to: 1 })]);
  expect(asked).toEqual([["a", "b"]]);
  expect(first).toBe(second);
});

test("different windows are different questions", async () => {
  const asked: string[][] = [];
  const load = batched(async (keys) => (asked.push([...keys]), reply(keys)));
  await Promise.all([load(["a"], { from: 0, to: 1 }), load(["a"], { from: 1, to: 2 })]);
  expect(asked).toHaveLength(2);
});

test("no call names more series than the server takes, and none is left out", () => {
  const keys = Array.from({ length: 2 * SERIES_KEYS_PER_QUERY_MAX + 1 }, (_, index) => `m${index}`);
  const chunks = chunksOf(keys);
  expect(chunks.map(({ length }) => length)).toEqual([SERIES_KEYS_PER_QUERY_MAX, SERIES_KEYS_PER_QUERY_MAX, 1]);
  expect(chunks.flat()).toEqual(keys);
});

test("a chart asks for about a point per pixel, within what the server gives", () => {
  expect(pointsFor(1440)).toBe(720);
  expect(pointsFor(100)).toBe(200);
  expect(pointsFor(100_000)).toBe(2_000);
});
