import { describe, expect, it } from "vitest";
import { SEND_AGAIN_MAX_MS, SEND_AGAIN_MIN_MS, SEND_TRIED_FOR_MS } from "../settings.ts";
import { againAt, isGivenUp } from "./backoff.ts";

const NOW = Date.UTC(2026, 5, 1);
const PASSING = { isPermanent: false };
const ALMOST_ONE = 1 - 2 ** -53;

describe("trying again", () => {
  it("waits for a part of a span that doubles, from five seconds to a quarter of an hour", () => {
    const longest = Array.from({ length: 12 }, (_, index) => againAt(index + 1, PASSING, NOW, ALMOST_ONE) - NOW);
    expect(longest.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(longest.at(-1)).toBe(SEND_AGAIN_MAX_MS);
    expect(againAt(1_000_000, PASSING, NOW, ALMOST_ONE) - NOW).toBe(SEND_AGAIN_MAX_MS);
  });

  it("spreads over the whole span, but is never at once", () => {
    expect(againAt(3, PASSING, NOW, 0.5) - NOW).toBe(10_000);
    expect(againAt(3, PASSING, NOW, 0) - NOW).toBe(SEND_AGAIN_MIN_MS / 5);
  });

  it("is not before the provider wants, who is not taken at their word for more than six hours", () => {
    expect(againAt(1, { ...PASSING, retryAfterMs: 90_000 }, NOW, ALMOST_ONE) - NOW).toBe(90_000);
    expect(againAt(9, { ...PASSING, retryAfterMs: 1_000 }, NOW, ALMOST_ONE) - NOW).toBe(SEND_AGAIN_MAX_MS);
    expect(againAt(1, { ...PASSING, retryAfterMs: 1e12 }, NOW, 0) - NOW).toBe(6 * 3_600_000);
  });
});

describe("giving up", () => {
  const DAY = SEND_TRIED_FOR_MS;
  it.each<[string, boolean, number, number | null, boolean]>([
    ["at once where it never will be taken", true, NOW, null, true],
    ["not with the first failure, however old it is", false, NOW - 10 * DAY, null, false],
    ["not within a day", false, NOW - DAY + 1, NOW - 2 * DAY, false],
    ["not where the channel has failed for less than a day", false, NOW - 10 * DAY, NOW - DAY + 1, false],
    ["after a day of it", false, NOW - DAY, NOW - DAY, true],
  ])("is %s", (_when, isPermanent, createdAt, failsSince, expected) => {
    expect(isGivenUp({ isPermanent }, createdAt, failsSince, NOW)).toBe(expected);
  });
});
