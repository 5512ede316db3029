import { describe, expect, it } from "vitest";
import { backoffMs, parseRetryAfter, slowRetryMs } from "./backoff.ts";
import { nextTickMs, scheduleFrom } from "./schedule.ts";

describe("waiting after a failure", () => {
  it("lies between a second and a bound that doubles up to a minute", () => {
    expect([1, 2, 3, 6, 50].map((failures) => backoffMs(failures, 1))).toEqual([2_000, 4_000, 8_000, 60_000, 60_000]);
    expect([1, 50].map((failures) => backoffMs(failures, 0))).toEqual([1_000, 1_000]);
  });

  it("is never shorter than the server asks", () => {
    expect(backoffMs(1, 0, 7_000)).toBe(7_000);
    expect(backoffMs(9, 1, 7_000)).toBe(60_000);
  });

  it("is one to five minutes where a person has to mend it", () => {
    expect([slowRetryMs(0), slowRetryMs(1)]).toEqual([60_000, 300_000]);
  });

  it.each([
    [undefined, 0],
    ["7", 7_000],
    ["Thu, 01 Jan 1970 00:00:09 GMT", 8_000],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
    ["soon", 0],
    ["-5", 0],
    ["99999999", 3_600_000],
  ])("reads Retry-After %j as %i ms", (text, delayMs) => {
    expect(parseRetryAfter(text, 1_000)).toBe(delayMs);
  });
});

describe("the schedule", () => {
  it("ticks again after 2 s, then every interval from a chance beginning", () => {
    const schedule = scheduleFrom(1_000, 30_000, 0.5);
    const ticks = [1_000];
    for (let count = 0; count < 4; count++) ticks.push(nextTickMs(schedule, ticks.at(-1)!));
    expect(ticks).toEqual([1_000, 3_000, 36_000, 66_000, 96_000]);
  });

  it("leaves at least half an interval between the second tick and the third", () => {
    for (const chance of [0, 0.1, 0.3, 0.9, 0.999]) {
      const schedule = scheduleFrom(0, 30_000, chance);
      expect(nextTickMs(schedule, 2_000)).toBeGreaterThanOrEqual(17_000);
      expect(nextTickMs(schedule, 2_000)).toBeLessThanOrEqual(47_000);
    }
  });

  it("has no extra tick where the interval is as short", () => {
    const schedule = scheduleFrom(0, 1_000, 0);
    expect(nextTickMs(schedule, 0)).toBe(1_000);
    expect(nextTickMs(schedule, 1_000)).toBe(2_000);
  });

  it("does not make up for what was missed while the machine slept", () => {
    const schedule = scheduleFrom(0, 30_000, 0);
    expect(nextTickMs(schedule, 10_000_001)).toBe(10_020_000);
  });
});
