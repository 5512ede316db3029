import { describe, expect, test } from "vitest";
import { type Amounts, type Operations, QUOTAS } from "../../../../contract/operations.ts";
import { daysOf, forecastInWords, midnightAfter, QUOTA_NAMES, quotasOf } from "./quotas.ts";
import { thriftInWords } from "./thrift.ts";

const all = (amount: number) => Object.fromEntries(QUOTAS.map((quota) => [quota, amount])) as Amounts;
const NOON = Date.parse("2026-11-25T12:00:00Z");

const operations = (used: number, forecast: number, over: Partial<Operations> = {}): Operations => ({
  now: NOON,
  plan: "free",
  limits: all(100_000),
  today: { day: "2026-11-25", used: all(used) },
  forecast: all(forecast),
  before: [],
  socketMessages: 0,
  agents: { instances: 0, sockets: 0, viewers: 0 },
  thrift: { stage: "normal", because: null },
  flush: { everyMs: 600_000, usualMs: 600_000, lastAt: null, samplesWaiting: 0, problem: null },
  storage: { databaseBytes: null, databaseBytesMax: 1, blocksUnreadable: 0 },
  retention: { rawDays: 3, fiveMinutesDays: 30, hourDays: 730 },
  steps: [],
  ...over,
});
const rows = (used: number, forecast: number) => quotasOf(operations(used, forecast))[0]!;

test("every quota of the contract has its words", () => expect(QUOTA_NAMES.toSorted()).toEqual(QUOTAS.toSorted()));

test("the day ends at midnight UTC", () => {
  expect(midnightAfter(NOON)).toBe(Date.parse("2026-11-26T00:00:00Z"));
  expect(midnightAfter(midnightAfter(NOON))).toBe(Date.parse("2026-11-27T00:00:00Z"));
});

describe("a quota", () => {
  test.each([
    [10_000, 20_000, "within"],
    [80_000, 90_000, "high"],
    [50_000, 120_000, "ahead"],
    [95_000, 99_000, "nearlyUsed"],
    [96_000, 120_000, "nearlyUsed"],
    [100_000, 120_000, "over"],
  ])("%d used and %d by midnight is %s", (used, forecast, state) => expect(rows(used, forecast).state).toBe(state));

  test("of nothing is no division by zero", () => {
    const [first] = quotasOf({ ...operations(5, 10), limits: all(0) });
    expect(first).toMatchObject({ share: 0, passesAt: null, state: "within" });
  });
});

describe("the forecast", () => {
  test("says when the limit would be passed, to ten minutes", () => {
    // 60,000 at noon and 120,000 at midnight: the other 40,000 take two thirds of twelve hours.
    expect(forecastInWords(rows(60_000, 120_000), "free")).toBe(
      "Would pass the limit at about 20:00 UTC: 120,000 by midnight UTC (120 %)",
    );
    expect(forecastInWords(rows(0, 100_001), "free")).toMatch(/^Would pass the limit shortly before midnight UTC/);
  });
  test("says what it comes to where it stays within", () => {
    expect(forecastInWords(rows(10_000, 20_000), "free")).toBe("About 20,000 by midnight UTC (20 %)");
  });
  test("says what being over means, by the plan", () => {
    expect(forecastInWords(rows(100_000, 120_000), "free")).toContain("refuses");
    expect(forecastInWords(rows(100_000, 120_000), "paid")).toContain("costs");
  });
});

describe("the days before", () => {
  test("come oldest first with today at the end; a day without a count is not zero", () => {
    const days = daysOf({ day: "2026-03-01", used: all(3) }, [{ day: "2026-02-27", used: all(1) }], 3);
    expect(days.map(({ day }) => day)).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
    expect(days.map(({ used }) => used?.rowsRead)).toEqual([1, undefined, 3]);
  });
  test("are thirty", () => expect(daysOf({ day: "2026-03-01", used: all(0) }, [])).toHaveLength(30));
});

describe("thrift in words", () => {
  test("normal is one quiet sentence", () => {
    expect(thriftInWords(operations(0, 0))).toEqual({
      title: "Normal",
      text: "Samples wait up to 10 minutes for the database.",
    });
  });
  test("saving says for how long, why, and that nothing is lost", () => {
    const saving = operations(83_000, 99_000, {
      thrift: { stage: "saving", because: "rowsWritten" },
      flush: { everyMs: 1_200_000, usualMs: 600_000, lastAt: null, samplesWaiting: 0, problem: null },
    });
    const { title, text } = thriftInWords(saving);
    expect(title).toBe("Saving");
    expect(text).toContain(
      "up to 20 minutes for the database instead of 10 minutes, because 83 % of today's written rows",
    );
    expect(text).toContain("Nothing is lost");
  });
});
