import { describe, expect, test } from "vitest";
import { isNews } from "./news.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = 1_795_600_000_000;
type Said = Parameters<typeof isNews>[1];

/** Foretold at `NOW` for two hours later, give or take half an hour; shown for long. */
const said = (given: Partial<Said> = {}): Said => ({
  severity: "warning",
  model: null,
  subjects: [{ id: "web", name: "web" }],
  at: NOW + 2 * HOUR,
  earliestAt: NOW + 1.5 * HOUR,
  latestAt: NOW + 2.5 * HOUR,
  updatedAt: NOW,
  expiresAt: NOW + 240 * HOUR,
  ...given,
});

describe("what is foretold for a moment that stands still", () => {
  test.each([
    [10 * MINUTE, false],
    [30 * MINUTE, false],
    [31 * MINUTE, true],
    [110 * MINUTE, true],
    [130 * MINUTE, true],
  ])("after %d ms of two hours is news: %s", (later, is) => {
    expect(isNews(said(), said({ updatedAt: NOW + later }), NOW + later)).toBe(is);
  });

  test("is news a few times until it comes, each time for less", () => {
    let row = said({ at: NOW + 100 * HOUR, earliestAt: null, latestAt: null });
    const written: number[] = [];
    for (let now = NOW; now < NOW + 100 * HOUR; now += 5 * MINUTE) {
      const found = { ...row, updatedAt: now };
      if (!isNews(row, found, now)) continue;
      written.push(now);
      row = found;
    }
    expect(written.length).toBeGreaterThan(10);
    expect(written.length).toBeLessThan(30);
    // What the row says is never off by much more than a quarter of it.
    expect(NOW + 100 * HOUR - written.at(-1)!).toBeLessThan(HOUR);
  });

  test("is no news for its words when they were written after it, for they tell of what was", () => {
    const past = { at: NOW - 2 * HOUR, earliestAt: null, latestAt: null };
    const later = NOW + 20 * HOUR;
    expect(isNews(said(past), said({ ...past, updatedAt: later }), later)).toBe(false);
  });
});

test("what has no moment is no news for the time that went by", () => {
  const none = { at: null, earliestAt: null, latestAt: null };
  expect(isNews(said(none), said({ ...none, updatedAt: NOW + 20 * HOUR }), NOW + 20 * HOUR)).toBe(false);
});
