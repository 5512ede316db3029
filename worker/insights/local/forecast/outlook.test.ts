import { describe, expect, it } from "vitest";
import { Chance } from "../../../../tests/chance.ts";
import { seeds } from "../../../testing/seeds.ts";
import type { EvenSeries } from "../even-series.ts";
import { cut, DAY_HOURS, HOUR, hourly, noise } from "./made-up.cases.ts";
import { foretell, isOutlook, type Asked, type Outlook } from "./outlook.ts";

const WEEK = 7 * DAY_HOURS;

function outlookOf(series: EvenSeries, asked: Asked): Outlook {
  const found = foretell(series, asked);
  if (!isOutlook(found)) throw new Error(`Nothing was foretold: ${found.reason}.`);
  return found;
}

function meanError(foretold: Float64Array, came: Float64Array): number {
  return foretold.reduce((sum, value, step) => sum + Math.abs(value - came[step]!), 0) / foretold.length;
}

const day = (hour: number, height: number) => height * Math.sin((2 * Math.PI * hour) / DAY_HOURS);

/** What a series is made of, by the chance of its case. */
const KINDS: Record<string, (chance: Chance) => (hour: number) => number> = {
  "noise about a level": (chance) => () => 50 + noise(chance, 5),
  "a line with noise": (chance) => (hour) => 100 + 0.05 * hour + noise(chance, 3),
  "days with noise": (chance) => (hour) => 100 + day(hour, 20) + noise(chance, 4),
  "weeks with noise": (chance) => (hour) => {
    return 100 + day(hour, Math.floor(hour / DAY_HOURS) % 7 < 5 ? 20 : 5) + noise(chance, 4);
  },
};

describe("intervals", () => {
  it.each(Object.keys(KINDS))("hold 93 to 97 of 100 readings of %s that come within a week", (kind) => {
    let [within, count] = [0, 0];
    for (const seed of seeds(1)) {
      const chance = new Chance(seed);
      for (let turn = 0; turn < 60; turn++) {
        const { known, came } = cut(hourly(60 * DAY_HOURS, KINDS[kind]!(chance)), 53 * DAY_HOURS);
        const { lower, upper } = outlookOf(known, { horizonSteps: WEEK });
        lower.forEach((least, step) => {
          count++;
          if (came[step]! >= least && came[step]! <= upper[step]!) within++;
        });
      }
    }
    expect(within / count).toBeGreaterThan(0.93);
    expect(within / count).toBeLessThan(0.97);
  });

  it("say of the past as much as comes true", () => {
    const claimed: number[] = [];
    for (const seed of seeds(1)) {
      const chance = new Chance(seed);
      for (let turn = 0; turn < 20; turn++) {
        const series = hourly(40 * DAY_HOURS, KINDS["days with noise"]!(chance));
        claimed.push(outlookOf(series, { horizonSteps: WEEK }).backTest.coverage);
      }
    }
    const mean = claimed.reduce((sum, coverage) => sum + coverage, 0) / claimed.length;
    expect(mean).toBeGreaterThan(0.92);
    expect(mean).toBeLessThan(0.98);
  });

  it("become no narrower with time", () => {
    const chance = new Chance();
    let level = 0;
    const series = hourly(30 * DAY_HOURS, () => (level += noise(chance, 1)));
    const { lower, upper } = outlookOf(series, { horizonSteps: WEEK });
    for (let step = 1; step < WEEK; step++) {
      const before = upper[step - 1]! - lower[step - 1]!;
      expect(upper[step]! - lower[step]!, `seed ${chance.seed}, step ${step}`).toBeGreaterThanOrEqual(before - 1e-9);
    }
  });

  it("are wider where it is less settled than usual", () => {
    const chance = new Chance();
    const width = (spread: number) => {
      const series = hourly(30 * DAY_HOURS, (hour) => 50 + noise(chance, hour < 29 * DAY_HOURS ? 1 : spread));
      const { lower, upper } = outlookOf(series, { horizonSteps: DAY_HOURS });
      return upper[0]! - lower[0]!;
    };
    const sumOf = (spread: number) =>
      Array.from({ length: 12 }, () => width(spread)).reduce((sum, one) => sum + one, 0);
    expect(sumOf(4), `seed ${chance.seed}`).toBeGreaterThan(sumOf(1));
  });

  it("stay between what the metric can be", () => {
    const chance = new Chance();
    const series = hourly(20 * DAY_HOURS, () => Math.min(1, Math.max(0, 0.9 + noise(chance, 0.2))));
    const { lower, upper, middle } = outlookOf(series, { horizonSteps: WEEK, range: { least: 0, most: 1 } });
    for (const values of [lower, upper, middle]) {
      expect(Math.min(...values), `seed ${chance.seed}`).toBeGreaterThanOrEqual(0);
      expect(Math.max(...values), `seed ${chance.seed}`).toBeLessThanOrEqual(1);
    }
  });
});

describe("an outlook", () => {
  it("follows the days of a metric, and says so", () => {
    const chance = new Chance();
    const { known, came } = cut(
      hourly(33 * DAY_HOURS, (hour) => 100 + day(hour, 20) + noise(chance, 1)),
      30 * DAY_HOURS,
    );
    const outlook = outlookOf(known, { horizonSteps: 3 * DAY_HOURS });
    expect(meanError(outlook.middle, came), `seed ${chance.seed}`).toBeLessThan(1.3);
    expect(outlook.method).toBe("daily");
    expect(outlook.confidence).toBeGreaterThan(0.8);
  });

  it("knows a weekend where it has seen some", () => {
    const chance = new Chance();
    const weekly = (hour: number) =>
      100 + (Math.floor(hour / DAY_HOURS) % 7 < 5 ? day(hour, 30) : 0) + noise(chance, 1);
    const { known, came } = cut(hourly(49 * DAY_HOURS, weekly), 42 * DAY_HOURS);
    const outlook = outlookOf(known, { horizonSteps: WEEK });
    expect(meanError(outlook.middle, came), `seed ${chance.seed}`).toBeLessThan(2);
    expect(outlook.method).toBe("weekly");
  });

  it("goes on where a metric rises in a line", () => {
    const chance = new Chance();
    const { known, came } = cut(
      hourly(37 * DAY_HOURS, (hour) => 0.1 * hour + noise(chance, 1)),
      30 * DAY_HOURS,
    );
    const outlook = outlookOf(known, { horizonSteps: WEEK });
    expect(meanError(outlook.middle, came), `seed ${chance.seed}`).toBeLessThan(1.5);
    expect(outlook.method).toBe("trend");
  });

  it("starts from the new level after a shift", () => {
    const chance = new Chance();
    const series = hourly(30 * DAY_HOURS, (hour) => (hour < 26 * DAY_HOURS ? 20 : 60) + noise(chance, 1));
    const { middle } = outlookOf(series, { horizonSteps: DAY_HOURS });
    for (const value of middle) expect(Math.abs(value - 60), `seed ${chance.seed}`).toBeLessThan(6);
  });

  it("is not led astray by a few wild readings", () => {
    const chance = new Chance();
    const series = hourly(30 * DAY_HOURS, () => (chance.happens(0.02) ? 1_000 : 50 + noise(chance, 1)));
    const { middle } = outlookOf(series, { horizonSteps: WEEK });
    for (const value of middle) expect(Math.abs(value - 50), `seed ${chance.seed}`).toBeLessThan(5);
  });

  it("takes a gap for a gap", () => {
    const chance = new Chance();
    const values = (hour: number) => 100 + day(hour, 20) + noise(chance, 1);
    const { known, came } = cut(hourly(31 * DAY_HOURS, values), 30 * DAY_HOURS);
    for (let place = 10 * DAY_HOURS; place < 13 * DAY_HOURS; place++) known.values[place] = Number.NaN;
    for (let place = 0; place < known.values.length; place += 7) known.values[place] = Number.NaN;
    known.values[known.values.length - 1] = Number.NaN;
    const outlook = outlookOf(known, { horizonSteps: DAY_HOURS });
    expect(meanError(outlook.middle, came), `seed ${chance.seed}`).toBeLessThan(2);
  });

  it("of what never changes is that, without a doubt", () => {
    const outlook = outlookOf(
      hourly(10 * DAY_HOURS, () => 42),
      { horizonSteps: DAY_HOURS },
    );
    for (const values of [outlook.lower, outlook.middle, outlook.upper]) expect(new Set(values)).toEqual(new Set([42]));
    expect(outlook.confidence).toBe(1);
    expect(outlook.backTest).toMatchObject({ error: 0, coverage: 1 });
  });

  it("begins where the series ends, in its steps", () => {
    const series = hourly(10 * DAY_HOURS, (hour) => hour % 5);
    const { from, stepMs, middle } = outlookOf(series, { horizonSteps: 30 });
    expect({ from, stepMs, steps: middle.length }).toEqual({
      from: series.from + 10 * DAY_HOURS * HOUR,
      stepMs: HOUR,
      steps: 30,
    });
  });

  it("goes no further ahead than a quarter of what was heard, which is all that can be tried out", () => {
    const { middle, lower, upper } = outlookOf(
      hourly(4 * DAY_HOURS, (hour) => hour % 5),
      { horizonSteps: WEEK },
    );
    expect([middle.length, lower.length, upper.length]).toEqual([DAY_HOURS, DAY_HOURS, DAY_HOURS]);
  });

  it("is the same whenever it is asked for, and changes nothing", () => {
    const chance = new Chance();
    const series = hourly(10 * DAY_HOURS, () => noise(chance, 1));
    const before = series.values.slice();
    expect(foretell(series, { horizonSteps: 24 })).toEqual(foretell(series, { horizonSteps: 24 }));
    expect(series.values).toEqual(before);
  });

  it("is less sure of noise than of a line", () => {
    const chance = new Chance();
    const confidence = (valueAt: (hour: number) => number) => {
      return outlookOf(hourly(20 * DAY_HOURS, valueAt), { horizonSteps: WEEK }).confidence;
    };
    const line = confidence((hour) => 100 + hour + noise(chance, 1));
    expect(line, `seed ${chance.seed}`).toBeGreaterThan(confidence(() => noise(chance, 1)) + 0.3);
  });

  it("is never far worse than a guess without thinking, whatever the metric does", () => {
    for (const seed of seeds(3)) {
      const chance = new Chance(seed);
      let [own, plain] = [0, 0];
      for (let turn = 0; turn < 20; turn++) {
        let level = 500;
        const series = hourly(22 * DAY_HOURS, () => (level += noise(chance, 1)));
        const { known, came } = cut(series, 20 * DAY_HOURS);
        const outlook = foretell(known, { horizonSteps: 2 * DAY_HOURS });
        if (!isOutlook(outlook)) continue;
        own += meanError(outlook.middle, came);
        plain += meanError(
          came.map(() => known.values.at(-1)!),
          came,
        );
      }
      expect(own / plain, `seed ${seed}`).toBeLessThan(1.2);
    }
  });
});

describe("nothing is foretold", () => {
  it.each([
    ["of nothing", () => Number.NaN, 0],
    ["of silence", () => Number.NaN, 500],
    ["of a day and a half", (hour: number) => hour, 36],
    ["of a few readings in a long silence", (hour: number) => (hour % 50 === 0 ? hour : Number.NaN), 1_000],
  ])("%s", (_, valueAt, hours) => {
    expect(foretell(hourly(hours, valueAt), { horizonSteps: 24 })).toEqual({ reason: "too-little-history" });
  });

  it("of what fell silent", () => {
    const series = hourly(20 * DAY_HOURS, (hour) => (hour < 17 * DAY_HOURS ? hour % 24 : Number.NaN));
    expect(foretell(series, { horizonSteps: 24 })).toEqual({ reason: "not-heard-lately" });
  });

  it("of what did all it can by chance, for days at a time", () => {
    let refused = 0;
    for (const seed of seeds(1)) {
      const chance = new Chance(seed);
      for (let turn = 0; turn < 20; turn++) {
        let level = 0;
        const flip = () => (level = chance.happens(0.02) ? 1 - level : level);
        const found = foretell(hourly(20 * DAY_HOURS, flip), { horizonSteps: 5 * DAY_HOURS });
        if (!isOutlook(found)) expect(found).toEqual({ reason: "unforeseeable" });
        if (!isOutlook(found) || found.confidence < 0.1) refused++;
      }
    }
    expect(refused).toBeGreaterThan(14);
  });
});

describe("hostile readings", () => {
  it.each([
    ["infinite", Infinity],
    ["infinitely negative", -Infinity],
    ["beyond all meaning", 1e300],
    ["no number", Number.NaN],
  ])("that are %s are as if they had not been heard", (_, hostile) => {
    const chance = new Chance();
    const series = hourly(20 * DAY_HOURS, () => 50 + noise(chance, 1));
    for (let place = 0; place < series.values.length; place += 11) series.values[place] = hostile;
    const { middle, lower, upper, backTest, confidence } = outlookOf(series, { horizonSteps: WEEK });
    for (const value of middle) expect(Math.abs(value - 50), `seed ${chance.seed}`).toBeLessThan(5);
    for (const value of [...lower, ...upper, backTest.error, backTest.coverage, confidence]) {
      expect(Number.isFinite(value), `seed ${chance.seed}`).toBe(true);
    }
  });

  it("as large as may be leave all numbers finite", () => {
    const chance = new Chance();
    const series = hourly(20 * DAY_HOURS, () => chance.pick([-1e18, 1e18, 0, 1e-300]));
    const found = foretell(series, { horizonSteps: WEEK });
    if (!isOutlook(found)) return expect(found).toEqual({ reason: "unforeseeable" });
    for (const value of [...found.middle, ...found.lower, ...found.upper, found.confidence]) {
      expect(Number.isFinite(value), `seed ${chance.seed}`).toBe(true);
    }
  });

  it.each([0, -5])("leave a horizon of %i steps without an outlook", (horizonSteps) => {
    const found = foretell(
      hourly(20 * DAY_HOURS, (hour) => hour),
      { horizonSteps },
    );
    expect(found).toEqual({ reason: "too-little-history" });
  });
});
