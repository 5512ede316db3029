import { describe, expect, it } from "vitest";
import { QUOTAS, type Amounts, type Quota } from "../../contract/operations.ts";
import { forecastOf, PLAN_LIMITS, planOf, thriftOf } from "./thrift.ts";

const DAY_START = Date.UTC(2026, 10, 25);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const amounts = (of: (quota: Quota) => number): Amounts =>
  Object.fromEntries(QUOTAS.map((quota) => [quota, of(quota)])) as Amounts;
/** This share of every quota, and of one another share. */
const used = (share: number, one?: Quota, itsShare = 0) =>
  amounts((quota) => PLAN_LIMITS.free[quota] * (quota === one ? itsShare : share));

describe("thrift", () => {
  it.each(QUOTAS)("saves from 80 % of %s on, and spares from 95 %", (quota) => {
    expect(thriftOf(used(0.5, quota, 0.799), "free")).toEqual({ stage: "normal", because: null });
    expect(thriftOf(used(0.5, quota, 0.8), "free")).toEqual({ stage: "saving", because: quota });
    expect(thriftOf(used(0.5, quota, 0.949), "free")).toEqual({ stage: "saving", because: quota });
    expect(thriftOf(used(0.5, quota, 0.95), "free")).toEqual({ stage: "sparing", because: quota });
    expect(thriftOf(used(0.5, quota, 7), "free")).toEqual({ stage: "sparing", because: quota });
  });

  it("names the quota that is used up furthest", () => {
    expect(thriftOf(used(0.85, "rowsRead", 0.9), "free")).toEqual({ stage: "saving", because: "rowsRead" });
  });

  it("is none on the paid plan, where more costs more and nothing ends", () => {
    expect(thriftOf(used(100), "paid")).toEqual({ stage: "normal", because: null });
  });

  it("holds the day against the free plan unless the owner says it is the paid one", () => {
    expect([planOf({}), planOf({ CLOUDFLARE_PLAN: "free" }), planOf({ CLOUDFLARE_PLAN: "Paid?" })]).toEqual([
      "free",
      "free",
      "free",
    ]);
    expect(planOf({ CLOUDFLARE_PLAN: "paid" })).toBe("paid");
    for (const quota of QUOTAS) expect(PLAN_LIMITS.paid[quota]).toBeGreaterThan(0);
  });
});

describe("the forecast", () => {
  const at = (hours: number) => DAY_START + hours * HOUR;
  const all = (value: number) => amounts(() => value);

  it("of a day that goes on as it began is what it comes to at midnight", () => {
    for (const hours of [0.5, 1, 2.5, 6, 23.5]) {
      const marks = Object.fromEntries(
        Array.from({ length: Math.floor(hours) }, (_, hour) => [hour, all((hour + 1) * 100)]),
      );
      expect(forecastOf(all(hours * 100), marks, at(hours)).rowsWritten).toBeCloseTo(2_400, 6);
    }
  });

  it("goes by the last hours, not by a morning that was another", () => {
    const marks = { 5: all(60_000), 6: all(60_100), 7: all(60_200) };
    // From 06:00 to 09:00 a hundred an hour: so it goes on for 15 hours.
    expect(forecastOf(all(60_300), { ...marks, 8: all(60_300) }, at(9)).rowsRead).toBeCloseTo(60_300 + 1_500, 6);
  });

  it("of an hour that nobody marked goes by the whole day", () => {
    expect(forecastOf(all(900), {}, at(9)).rowsRead).toBeCloseTo(2_400, 6);
  });

  it("at the first moment of the day, and at the last, is a number", () => {
    expect(forecastOf(all(0), {}, DAY_START)).toEqual(all(0));
    expect(forecastOf(all(7), {}, DAY_START + 24 * HOUR - 1).rowsWritten).toBeCloseTo(7, 3);
  });

  it.each([1, 2, 3])("a moment after %i o'clock goes by the hours before, not by that moment", (hour) => {
    const marks = Object.fromEntries(Array.from({ length: hour }, (_, passed) => [passed, all((passed + 1) * 100)]));
    // One flush of fifty rows, a second ago.
    const forecast = forecastOf(all(hour * 100 + 50), marks, at(hour) + 1_000).rowsWritten;
    expect(forecast).toBeLessThan(6_000);
    expect(forecast).toBeGreaterThan(1_500);
  });
});
