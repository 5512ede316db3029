import { expect, test } from "vitest";
import { aheadOf } from "./ahead.svelte.ts";

const band = (steps: number) => ({
  from: 1_000,
  stepMs: 100,
  middle: Array.from({ length: steps }, () => 0.5),
  lower: [],
  upper: [],
});

test("a window reaches ahead by a third, and no further than something is foretold", () => {
  expect(aheadOf({ bands: { a: band(101), b: band(3) } }, 3_000, 1_000)).toBe(1_000);
  expect(aheadOf({ bands: { a: band(3) } }, 3_000, 1_000)).toBe(200);
});

test("what was foretold for a time that has passed reaches nowhere", () => {
  expect(aheadOf({ bands: { a: band(3) } }, 3_000, 9_000)).toBe(0);
});
