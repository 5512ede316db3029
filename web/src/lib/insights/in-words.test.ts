import { expect, test } from "vitest";
import {
  confidenceInWords,
  evidenceHref,
  lookedInWords,
  madeInWords,
  savingInWords,
  spanInWords,
  valueOf,
  whenInWords,
} from "./in-words.ts";
import { factOf } from "./testing.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = new Date(2026, 10, 26, 12, 0).getTime();
const when = (at: number | null, earliestAt: number | null = null, latestAt: number | null = null) =>
  whenInWords({ at, earliestAt, latestAt }, NOW);

test("an even interval is told as its width", () => {
  expect(when(NOW + 76 * HOUR, NOW + 68 * HOUR, NOW + 84 * HOUR)).toMatchObject({
    text: "in 3 d 4 h",
    spread: "± 8 h",
  });
});

test("the width is rounded, as the title's is", () => {
  const [before, after] = [7.4 * 60_000, 7.8 * 60_000];
  expect(when(NOW + 10 * HOUR, NOW + 10 * HOUR - before, NOW + 10 * HOUR + after)?.spread).toBe("± 8 min");
  expect(when(NOW + 76 * HOUR, NOW + 67.2 * HOUR, NOW + 84.8 * HOUR)?.spread).toBe("± 9 h");
});

test("an uneven interval is told by its ends", () => {
  expect(when(NOW + 5 * DAY, NOW + 4 * DAY, NOW + 9 * DAY)?.spread).toBe("4 d to 9 d");
});

test("an interval without an end says so", () => {
  expect(when(NOW + 41 * DAY, NOW + 24 * DAY, null)).toMatchObject({ spread: "24 d or later" });
  expect(when(NOW + 41 * DAY, NOW + 24 * DAY, null)?.title).toMatch(/between 20 Dec 2026, 12:00 and an open end$/);
});

test("an interval that has begun already is told from now on", () => {
  expect(when(NOW + 2 * HOUR, NOW - HOUR, NOW + 9 * HOUR)?.spread).toBe("now to 9 h");
});

test("what has been is told by its age, without an interval", () => {
  expect(when(NOW - 5 * HOUR, NOW - 6 * HOUR, NOW - 4 * HOUR)).toMatchObject({ text: "5 h ago", spread: undefined });
  expect(when(null)).toBeUndefined();
});

test.each([
  [0.924, "92 %"],
  [0.999, "99 %"],
  [1, "100 %"],
  [0, "0 %"],
])("%d is a confidence of %s: only what is sure says a hundred", (confidence, words) =>
  expect(confidenceInWords(confidence)).toBe(words),
);

test("who made it and when is said, whichever engine it was", () => {
  expect(madeInWords({ engine: "local", model: null, madeAt: NOW - 12 * 60_000 }, NOW)).toBe("Arithmetic, 12 min ago");
  expect(madeInWords({ engine: "snowflake", model: "claude-haiku-4-5", madeAt: NOW - HOUR }, NOW)).toBe(
    "Worded by claude-haiku-4-5 in Snowflake, 1 h ago",
  );
  expect(madeInWords({ engine: "snowflake", model: null, madeAt: NOW }, NOW)).toBe("Computed in Snowflake, now");
});

test("a look into a part of the fleet is not told as one into all", () => {
  const state = { lookedAt: NOW - HOUR, instances: 8, looked: 3, engine: "local", model: null, note: null } as const;
  expect(lookedInWords(state, NOW)).toBe("3 of 8 instances looked into, 1 h ago");
  expect(lookedInWords({ ...state, looked: 8 }, NOW)).toBe("8 instances looked into, 1 h ago");
  expect(lookedInWords({ ...state, instances: 1, looked: 1 }, NOW)).toBe("1 instance looked into, 1 h ago");
  expect(lookedInWords({ ...state, lookedAt: null, looked: 0 }, NOW)).toBe("Not looked into yet");
});

test("a fact leads to its incident, else to what it was measured of, else nowhere", () => {
  expect(evidenceHref(factOf("e1", { incidentId: "i 1" }))).toBe("/alerts/i%201");
  expect(evidenceHref(factOf("e1"))).toBe("/instances/web-1");
  expect(evidenceHref(factOf("e1", { subject: "check:1" }))).toBe("/checks/check%3A1");
  expect(evidenceHref(factOf("e1", { subject: null }))).toBeUndefined();
});

test("the time of a fact names the day once where it is one day", () => {
  expect(spanInWords({ from: NOW, to: NOW + 2 * HOUR })).toBe("26 Nov 2026, 12:00 – 14:00");
  expect(spanInWords({ from: NOW, to: NOW + DAY })).toBe("26 Nov 2026, 12:00 – 27 Nov 2026, 12:00");
  expect(spanInWords({ from: NOW, to: null })).toBe("26 Nov 2026, 12:00");
  expect(spanInWords({ from: null, to: NOW })).toBe("until 26 Nov 2026, 12:00");
  expect(spanInWords({ from: null, to: null })).toBeUndefined();
});

test("a value has the unit of its metric, and what was not measured has none", () => {
  expect(valueOf({ metric: "filesystem_used_ratio:/var", value: 0.74 })).toBe("74 %");
  expect(valueOf({ metric: null, value: 3 })).toBe("3");
  expect(valueOf({ metric: "cpu_busy_ratio", value: null })).toBeUndefined();
});

test("a saving is told by the month", () => {
  expect(savingInWords({ amount: 24, currency: "USD" })).toBe("$24 a month");
});
