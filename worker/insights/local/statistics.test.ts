import { describe, expect, test } from "vitest";
import { Chance } from "../../../tests/chance.ts";
import { dayGrid, dayLevels, dayShape, weekShape } from "./day-grid.ts";
import { DAY, heavy, HOUR, hourly, hourOfDay, normal, NOW, wandering, weekday } from "./made.cases.ts";
import { deviation, MAD_TO_SD, median, quantile, sorted } from "./order.ts";
import { hourOfWeek, weekProfile } from "./week-profile.ts";

describe("the middle", () => {
  test("of an odd and of an even number of values, and of nothing", () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, NaN]);
  });
  test("of many values is the same whether they are few enough to be sorted by hand or not", () => {
    const chance = new Chance(11);
    for (const length of [1, 2, 39, 40, 41, 42, 500]) {
      const values = Array.from({ length }, () => normal(() => chance.next()));
      const order = values.toSorted((a, b) => a - b);
      const half = length >> 1;
      expect(median(values)).toBe(length % 2 ? order[half] : (order[half - 1]! + order[half]!) / 2);
    }
  });
  test("does not count what was not heard", () => expect(median([NaN, 1, NaN, 3])).toBe(2));
  test("is not moved by readings that are far off, and neither is the spread around it", () => {
    const values = [1, 2, 3, 4, 5, 1e12];
    expect(median(values)).toBe(3.5);
    expect(deviation(values, 3)).toBe(1.5);
  });
  test("has a spread that is a normal distribution's standard deviation", () => {
    const chance = new Chance(12);
    const values = Array.from({ length: 4_000 }, () => 7 + 3 * normal(() => chance.next()));
    expect(deviation(values, median(values)) * MAD_TO_SD).toBeCloseTo(3, 0);
  });
  test("quantiles lie between the two nearest values", () => {
    expect(quantile(sorted([4, NaN, 1, 2, 3]), 0.5)).toBe(2.5);
    expect([quantile([], 0.5), quantile([5], 0.99), quantile([1, 2], 1)]).toEqual([NaN, 5, 2]);
  });
});

describe("a baseline by hour of week", () => {
  const rhythm = (at: number): number => hourOfDay(at) + (weekday(at) === 6 ? 100 : 0);

  test("knows the level of each hour of the week", () => {
    const { middle, weeks } = weekProfile(hourly(rhythm));
    expect(weeks).toBeCloseTo(60 / 7, 5);
    for (let hour = 0; hour < 168; hour++) {
      const at = NOW + hour * HOUR;
      expect(middle[hourOfWeek(at)]).toBe(rhythm(at));
    }
  });
  test("and how much it spreads, whatever a bad day brings", () => {
    const chance = new Chance(13);
    const outage = (at: number): number => (at > NOW - 9 * DAY && at < NOW - 8 * DAY ? 1e9 : 0);
    const { spread } = weekProfile(hourly((at) => rhythm(at) + normal(() => chance.next()) + outage(at)));
    expect(median(spread)).toBeGreaterThan(0.6);
    expect(median(spread)).toBeLessThan(1.3);
  });
  test("of two weeks borrows from the hours beside, so that one odd hour is not its middle", () => {
    const { middle } = weekProfile(hourly((_, hour) => (hour === -24 ? 1e6 : 5), 15 * 24));
    expect(Math.max(...middle)).toBe(5);
  });
  test("of some days goes by the hour of the day", () => {
    const { middle } = weekProfile(hourly(hourOfDay, 4 * 24));
    expect(middle[hourOfWeek(NOW + 3 * HOUR)]).toBeCloseTo(13, 0);
    expect([...middle].every(Number.isFinite)).toBe(true);
  });
  test("of nothing is nothing", () => expect(weekProfile(hourly(() => NaN)).middle.every(Number.isNaN)).toBe(true));
});

describe("days side by side", () => {
  test("begin at midnight UTC, whenever the series does", () => {
    const grid = dayGrid(hourly(hourOfDay))!;
    expect(grid.from % DAY).toBe(0);
    for (let place = 0; place < grid.values.length; place++) {
      const value = grid.values[place]!;
      if (!Number.isNaN(value)) expect(value).toBe(place % 24);
    }
  });
  test("are the last ones, where there are more than asked for", () => {
    expect(dayGrid(hourly(hourOfDay), 7)!.days).toBe(7);
  });
  test("are none where steps do not fill a day, or there is nothing", () => {
    expect(dayGrid({ from: 0, stepMs: 7_000_000, values: new Float64Array(9) })).toBeNull();
    expect(dayGrid({ from: 0, stepMs: HOUR, values: new Float64Array(0) })).toBeNull();
    expect(dayGrid({ from: 5, stepMs: HOUR, values: new Float64Array(9) })).toBeNull();
  });
  test("tell their shape apart from a level that moves", () => {
    const grid = dayGrid(hourly((at) => Math.floor(at / DAY) * 10 + (hourOfDay(at) === 3 ? 5 : 0)))!;
    const shape = dayShape(grid, dayLevels(grid));
    expect(shape[3]).toBe(5);
    expect(shape[4]).toBe(0);
  });
  test("tell weekends apart from growth", () => {
    const grid = dayGrid(hourly((at) => at / DAY + (weekday(at) >= 5 ? -20 : 0)))!;
    const shape = weekShape(grid, dayLevels(grid));
    const byDay = Array.from({ length: 7 }, (_, day) => shape[(day + 4) % 7]!);
    expect(Math.max(...byDay.slice(5))).toBeLessThan(-15);
    expect(Math.min(...byDay.slice(0, 5))).toBeGreaterThan(-3);
  });
  test("of which less than half was heard have no level", () => {
    const grid = dayGrid(hourly((at) => (hourOfDay(at) < 11 ? 1 : NaN)))!;
    expect(dayLevels(grid).every(Number.isNaN)).toBe(true);
  });
});

test("made noise is what it says", () => {
  const chance = new Chance(14);
  const white = hourly(
    wandering(() => chance.next(), 0),
    5_000,
  ).values;
  const far = hourly(
    wandering(() => chance.next(), 0, heavy),
    5_000,
  ).values;
  expect(deviation(white, 0) * MAD_TO_SD).toBeCloseTo(1, 1);
  expect(Math.max(...far)).toBeGreaterThan(Math.max(...white));
});
