import { expect, test } from "vitest";
import { coarser, pointInWords, spanInWords, tierInWords, unreadableInWords } from "./resolution.ts";

const MINUTE = 60_000;

test.each([
  [0, "Each point: a sample"],
  [5 * MINUTE, "Each point: 5 minutes, with the lowest and highest"],
  [60 * MINUTE, "Each point: 1 hour, with the lowest and highest"],
])("a step of %d ms is told as %s", (stepMs, words) => expect(pointInWords({ stepMs })).toBe(words));

test.each([
  [1_000, "1 second"],
  [90_000, "1 minute 30 seconds"],
  [111 * MINUTE, "1 hour 51 minutes"],
  [14 * MINUTE + 46_000, "about 15 minutes"],
  [24 * 60 * MINUTE + 20 * MINUTE, "about 1 day"],
  [500, "1 second"],
  [17 * MINUTE + 20_000, "about 17 minutes"],
  [90 * MINUTE, "1 hour 30 minutes"],
  [24 * 60 * MINUTE, "1 day"],
  [25 * 60 * MINUTE, "1 day 1 hour"],
  // Merged to a pixel: a second more or less in an hour is not worth a word.
  [120 * MINUTE + 7_000, "2 hours"],
])("%d ms are %s", (span, words) => expect(spanInWords(span)).toBe(words));

test("of two replies about one window the coarser one counts, and blocks are not counted twice", () => {
  const fine = { stepMs: 0, tier: "raw", blocksUnreadable: 2 } as const;
  const coarse = { stepMs: 300_000, tier: "fiveMinutes", blocksUnreadable: 1 } as const;
  expect(coarser(fine, coarse)).toEqual({ stepMs: 300_000, tier: "fiveMinutes", blocksUnreadable: 2 });
  expect(coarser(coarse, fine)).toEqual(coarser(fine, coarse));
});

test("what could not be read is said with its number, and only then", () => {
  expect(unreadableInWords({ blocksUnreadable: 0 })).toBeUndefined();
  expect(unreadableInWords({ blocksUnreadable: 1 })).toMatch(/^1 block .* it is left out/);
  expect(unreadableInWords({ blocksUnreadable: 2 })).toMatch(/^2 blocks .* they are left out/);
});

test("why a point is no finer is said where there is a reason", () => {
  expect(tierInWords({ stepMs: 0, tier: "raw", blocksUnreadable: 0 })).toBeUndefined();
  expect(tierInWords({ stepMs: 60_000, tier: "raw", blocksUnreadable: 0 })).toContain("zoom in");
  expect(tierInWords({ stepMs: 3_600_000, tier: "hour", blocksUnreadable: 0 })).toContain("Points of an hour");
});
