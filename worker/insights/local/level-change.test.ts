import { expect, test } from "vitest";
import { Chance } from "../../../tests/chance.ts";
import { levelChange } from "./level-change.ts";
import { heavy, HOUR, hourly, hourOfDay, normal, NOW, wandering, weekday, type Maker } from "./made.cases.ts";

const chance = new Chance(21);
const random = () => chance.next();

const NOISE: Record<string, () => Maker> = {
  white: () => wandering(random, 0),
  "heavy-tailed": () => wandering(random, 0, heavy),
  "like the hour before": () => wandering(random, 0.9),
  "slowly wandering": () => wandering(random, 0.98),
  "a random walk": () => wandering(random, 1),
  growing: () => {
    const noise = wandering(random, 0.5);
    return (at, hour) => noise(at, hour) + hour * 0.01;
  },
  "busy by day, quiet on weekends": () => {
    const noise = wandering(random, 0.7);
    return (at, hour) => noise(at, hour) + 5 * Math.sin(hourOfDay(at) / 3.82) + (weekday(at) >= 5 ? -6 : 0);
  },
  "filling up and cleaned again": () => {
    const noise = wandering(random, 0.5);
    return (at, hour) => noise(at, hour) + ((hour + 4_000) % 400) / 40;
  },
  "full of spikes": () => () => normal(random) + (chance.happens(0.01) ? 40 : 0),
};

test.each(Object.keys(NOISE))("a series that is %s is taken for a change in less than 1 of 100 cases", (name) => {
  let found = 0;
  for (let time = 0; time < 400; time++) if (levelChange(hourly(NOISE[name]!()))) found++;
  expect(found).toBeLessThan(4);
});

test("a level that rose is found at its hour, with what it was and what it is", () => {
  const noise = wandering(random, 0.5);
  const change = levelChange(hourly((at, hour) => 20 + noise(at, hour) + (hour >= -240 ? 10 : 0)))!;
  expect(Math.abs(change.at - (NOW - 240 * HOUR))).toBeLessThanOrEqual(HOUR);
  expect(change.before).toBeCloseTo(20, 0);
  expect(change.after).toBeCloseTo(30, 0);
  expect(change.daysAfter).toBe(10);
  expect(change.share).toBeGreaterThan(0.9);
});

test("is found behind busy days and quiet weekends", () => {
  const noise = wandering(random, 0.5);
  const rhythm: Maker = (at) => (hourOfDay(at) > 8 ? 10 : 0) + (weekday(at) >= 5 ? -8 : 0);
  const change = levelChange(hourly((at, hour) => rhythm(at, hour) + noise(at, hour) + (hour >= -200 ? -6 : 0)))!;
  expect(change.after - change.before).toBeCloseTo(-6, 0);
  expect(Math.abs(change.at - (NOW - 200 * HOUR))).toBeLessThanOrEqual(6 * HOUR);
});

test("of two changes the newer one is told, from what was in between", () => {
  const noise = wandering(random, 0.3);
  const change = levelChange(
    hourly((at, hour) => noise(at, hour) + (hour >= -900 ? 20 : 0) + (hour >= -300 ? -8 : 0)),
  )!;
  expect(Math.abs(change.at - (NOW - 300 * HOUR))).toBeLessThanOrEqual(2 * HOUR);
  expect(change.before).toBeCloseTo(20, 0);
  expect(change.after).toBeCloseTo(12, 0);
});

test("what lasted for a day, or has not lasted for three yet, is none", () => {
  const noise = wandering(random, 0.3);
  expect(levelChange(hourly((at, hour) => noise(at, hour) + (hour >= -240 && hour < -216 ? 30 : 0)))).toBeNull();
  expect(levelChange(hourly((at, hour) => noise(at, hour) + (hour >= -40 ? 30 : 0)))).toBeNull();
});

test("what came slowly over a week is none", () => {
  const noise = wandering(random, 0.3);
  expect(levelChange(hourly((at, hour) => noise(at, hour) + Math.min(10, Math.max(0, (hour + 500) / 17))))).toBeNull();
});

test("a change without any noise is certain, and has a finite score", () => {
  const change = levelChange(hourly((_, hour) => (hour >= -240 ? 2 : 1)))!;
  expect([change.before, change.after, change.at]).toEqual([1, 2, NOW - 240 * HOUR]);
  expect(Number.isFinite(change.score)).toBe(true);
});

test("gaps are gaps: a level before and after an outage is the same level", () => {
  const noise = wandering(random, 0.3);
  expect(levelChange(hourly((at, hour) => (hour > -400 && hour < -200 ? NaN : 50 + noise(at, hour))))).toBeNull();
});

test("nothing is told of nothing, of what stands still, and of what is too short", () => {
  expect(levelChange(hourly(() => NaN))).toBeNull();
  expect(levelChange(hourly(() => 3))).toBeNull();
  expect(levelChange(hourly((_, hour) => (hour > -60 ? 9 : 1), 150))).toBeNull();
});
