import { describe, expect, test } from "vitest";
import { Chance } from "../../../tests/chance.ts";
import { DAY, heavy, HOUR, hourly, hourOfDay, wandering, weekday, type Maker } from "./made.cases.ts";
import { recurringDaily, recurringWeekly } from "./recurring.ts";
import { shareExplained } from "./share-explained.ts";
import { shuffler } from "./shuffle.ts";

const chance = new Chance(31);
const random = () => chance.next();
const withNoise = (make: Maker, memory = 0.5): Maker => {
  const noise = wandering(random, memory);
  return (at, hour) => make(at, hour) + noise(at, hour);
};

const NOISE: Record<string, () => Maker> = {
  white: () => wandering(random, 0),
  "heavy-tailed": () => wandering(random, 0, heavy),
  "like the hour before": () => wandering(random, 0.9),
  "slowly wandering": () => wandering(random, 0.98),
  "a random walk": () => wandering(random, 1),
  growing: () => withNoise((_, hour) => hour * 0.1),
  "filling up and cleaned again": () => withNoise((_, hour) => ((hour + 4_000) % 400) / 4),
  "at another level since a month": () => withNoise((_, hour) => (hour > -700 ? 20 : 0)),
  "full of spikes": () => withNoise(() => (chance.happens(0.01) ? 40 : 0)),
};

test.each(Object.keys(NOISE))("a series that is %s is taken for a pattern in less than 1 of 100 cases", (name) => {
  let found = 0;
  for (let time = 0; time < 250; time++) {
    const series = hourly(NOISE[name]!());
    if (recurringDaily(series) || recurringWeekly(series)) found++;
  }
  expect(found).toBeLessThan(3);
});

describe("what comes back every day", () => {
  test("is found at its hour, with what it reaches and what is usual", () => {
    const found = recurringDaily(hourly(withNoise((at) => (hourOfDay(at) === 2 ? 80 : 10))))!;
    expect([found.from, found.to, found.isHigh]).toEqual([2 * HOUR, 3 * HOUR, true]);
    expect(found.value / found.usual).toBeCloseTo(8, 0);
    expect(found.seen).toBe(found.periods);
    expect(found.share).toBeGreaterThan(0.9);
  });
  test("may go over midnight", () => {
    const found = recurringDaily(hourly(withNoise((at) => (hourOfDay(at) >= 23 || hourOfDay(at) < 2 ? 30 : 10))))!;
    expect([found.from, found.to]).toEqual([23 * HOUR, 26 * HOUR]);
  });
  test("may be a quiet time", () => {
    const found = recurringDaily(hourly(withNoise((at) => (hourOfDay(at) >= 1 && hourOfDay(at) < 5 ? 10 : 30))))!;
    expect([found.from, found.to, found.isHigh]).toEqual([HOUR, 5 * HOUR, false]);
  });
  test("is found behind growth", () => {
    const found = recurringDaily(hourly(withNoise((at, hour) => hour * 0.5 + (hourOfDay(at) === 4 ? 40 : 0))))!;
    expect(found.from).toBe(4 * HOUR);
  });
  test("is none where it came on some days only", () => {
    const some = (at: number): boolean => Math.floor(at / DAY) % 3 === 0;
    expect(recurringDaily(hourly(withNoise((at) => (hourOfDay(at) === 2 && some(at) ? 80 : 10))))).toBeNull();
  });
  test("is not hidden by one reading that is far off", () => {
    const make = withNoise((at, hour) => (hourOfDay(at) === 2 ? 30 : 10) + (hour === -100 ? 1e6 : 0));
    expect(recurringDaily(hourly(make))!.from).toBe(2 * HOUR);
  });
  test("in steps of five minutes is found to the half hour", () => {
    const noise = wandering(random, 0.5);
    const from = Date.UTC(2026, 10, 1);
    const values = Float64Array.from({ length: 14 * 288 }, (_, place) => {
      const ofDay = place % 288;
      return noise(0, 0) + (ofDay >= 24 && ofDay < 30 ? 40 : 5);
    });
    const found = recurringDaily({ from, stepMs: 300_000, values })!;
    expect([found.from, found.to]).toEqual([2 * HOUR, 2.5 * HOUR]);
  });
});

describe("what comes back every week", () => {
  test("are weekends", () => {
    const found = recurringWeekly(hourly(withNoise((at) => (weekday(at) >= 5 ? 5 : 20))))!;
    expect([found.from, found.to, found.isHigh]).toEqual([5 * DAY, 7 * DAY, false]);
    expect(found.usual - found.value).toBeCloseTo(15, 0);
  });
  test("are weekends of a machine that is busy in working hours", () => {
    const isAtWork = (at: number): boolean => weekday(at) < 5 && hourOfDay(at) >= 8 && hourOfDay(at) < 18;
    const series = hourly(withNoise((at) => (isAtWork(at) ? 30 : 5), 0.7));
    const found = recurringWeekly(series)!;
    expect([found.from, found.to, found.isHigh]).toEqual([5 * DAY, 7 * DAY, false]);
    const daily = recurringDaily(series)!;
    expect([daily.from, daily.to]).toEqual([8 * HOUR, 18 * HOUR]);
  });
  test("is an hour of one day, where that is all", () => {
    const make = withNoise((at) => (weekday(at) === 6 && hourOfDay(at) === 3 ? 60 : 10));
    const found = recurringWeekly(hourly(make))!;
    expect([found.from, found.to]).toEqual([6 * DAY + 3 * HOUR, 6 * DAY + 4 * HOUR]);
  });
  test("is nothing where it comes every day, or where three weeks are known", () => {
    expect(recurringWeekly(hourly(withNoise((at) => (hourOfDay(at) === 2 ? 80 : 10))))).toBeNull();
    expect(
      recurringWeekly(
        hourly(
          withNoise((at) => (weekday(at) >= 5 ? 5 : 20)),
          21 * 24,
        ),
      ),
    ).toBeNull();
  });
});

test("nothing is told of nothing, and of what stands still", () => {
  for (const series of [hourly(() => NaN), hourly(() => 3), hourly(() => 0, 5)]) {
    expect(recurringDaily(series)).toBeNull();
    expect(recurringWeekly(series)).toBeNull();
  }
});

test("the share explained of what is the same in every period is all of it", () => {
  const values = Float64Array.from({ length: 240 }, (_, place) => (place % 24 === 3 ? 23 : -1));
  expect(shareExplained(values, 24, 1, 0.2)!.share).toBeCloseTo(1, 5);
});

test("periods are turned the same way in every run", () => {
  const [one, other] = [shuffler(7), shuffler(7)];
  const turns = Array.from({ length: 50 }, () => one(24));
  expect(turns).toEqual(Array.from({ length: 50 }, () => other(24)));
  expect(new Set(turns).size).toBeGreaterThan(10);
});
