import { describe, expect, it } from "vitest";
import { Chance } from "../../../../tests/chance.ts";
import { seeds } from "../../../testing/seeds.ts";
import { endOf, type EvenSeries } from "../even-series.ts";
import { DAY_HOURS, HOUR, hourly, noise } from "./made-up.cases.ts";
import { isTimeToLimit, timeToLimit, type Limit, type NoTimeToLimit, type TimeToLimit } from "./time-to-limit.ts";

const QUARTER_HOURS = 90 * DAY_HOURS;

function ask(series: EvenSeries, asked: Partial<Limit> = {}): TimeToLimit | NoTimeToLimit {
  const range = { least: 0, most: 1 };
  const now = endOf(series);
  return timeToLimit(series, { limit: 1, direction: "up", now, horizonMs: QUARTER_HOURS * HOUR, range, ...asked });
}

function told(found: TimeToLimit | NoTimeToLimit): TimeToLimit {
  if (!isTimeToLimit(found)) throw new Error(`Nothing was foretold: ${found.reason}.`);
  return found;
}

const hoursFrom = (series: EvenSeries, at: number) => (at - endOf(series)) / HOUR;

describe("what fills in a line", () => {
  it.each([
    [3, 0.004],
    [10, 0.004],
    [10, 0.02],
    [60, 0.004],
  ])("in %i days, with noise of %d, is foretold with an interval that holds it", (days, spread) => {
    const all = seeds(20);
    let near = 0;
    for (const seed of all) {
      const chance = new Chance(seed);
      const perHour = 0.6 / (30 * DAY_HOURS + days * DAY_HOURS);
      const series = hourly(30 * DAY_HOURS, (hour) => 0.4 + perHour * (hour + 1) + noise(chance, spread));
      const { at, fromAt, toAt, confidence, backTest } = told(ask(series));
      const away = Math.abs(hoursFrom(series, at) / (days * DAY_HOURS) - 1);
      if (away < 0.02 + (20 * spread) / days) near++;
      expect(fromAt, `seed ${seed}`).toBeLessThanOrEqual(at);
      expect(hoursFrom(series, toAt!), `seed ${seed}`).toBeGreaterThan(days * DAY_HOURS * 0.98);
      expect(confidence, `seed ${seed}`).toBeGreaterThan(0.4);
      expect(backTest!.error, `seed ${seed}`).toBeLessThan(backTest!.errorOfNaive / 2);
    }
    // Of the noisiest of these series one of a hundred is further away.
    expect(near).toBeGreaterThanOrEqual(all.length * 0.9);
  });

  it("is told the more surely the steadier it fills", () => {
    const chance = new Chance();
    const confidence = (spread: number) => {
      return told(ask(hourly(20 * DAY_HOURS, (hour) => 0.3 + 0.001 * hour + noise(chance, spread)))).confidence;
    };
    expect(confidence(0.001), `seed ${chance.seed}`).toBeGreaterThan(confidence(0.03));
  });

  it("downwards is what runs out", () => {
    const chance = new Chance();
    const left = hourly(20 * DAY_HOURS, (hour) => 1e9 * (1 - 0.0015 * hour + noise(chance, 0.002)));
    const found = told(ask(left, { limit: 0, direction: "down", range: { least: 0, most: 1e9 } }));
    const hours = hoursFrom(left, found.at);
    expect(Math.abs(hours / (1 / 0.0015 - 20 * DAY_HOURS) - 1), `seed ${chance.seed}`).toBeLessThan(0.1);
    expect(found.fromAt).toBeLessThanOrEqual(found.at);
  });

  it("by day and not by night is foretold from day to day", () => {
    const chance = new Chance();
    const wave = (hour: number) => 0.02 * Math.sin((2 * Math.PI * hour) / DAY_HOURS);
    const series = hourly(40 * DAY_HOURS, (hour) => 0.3 + 0.0005 * hour + wave(hour) + noise(chance, 0.002));
    const { at, fromAt, toAt } = told(ask(series));
    const truth = 0.22 / 0.0005;
    expect(Math.abs(hoursFrom(series, at) / truth - 1), `seed ${chance.seed}`).toBeLessThan(0.1);
    expect(hoursFrom(series, fromAt), `seed ${chance.seed}`).toBeLessThan(truth);
    expect(hoursFrom(series, toAt!), `seed ${chance.seed}`).toBeGreaterThan(truth - 40);
  });

  it("only since a while ago is foretold by that while, unless nothing is", () => {
    let [told, near] = [0, 0];
    for (const seed of seeds(20)) {
      const chance = new Chance(seed);
      const since = 48 * DAY_HOURS;
      const level = (hour: number) => (hour < since ? 0.3 : 0.3 + 0.0015 * (hour - since));
      const series = hourly(60 * DAY_HOURS, (hour) => level(hour) + noise(chance, 0.002));
      const found = ask(series);
      if (!isTimeToLimit(found)) continue;
      told++;
      const truth = 0.7 / 0.0015 - 12 * DAY_HOURS;
      if (Math.abs(hoursFrom(series, found.at) / truth - 1) < 0.1) near++;
    }
    expect(told).toBeGreaterThan(8);
    expect(near).toBe(told);
  });

  it("is foretold across gaps", () => {
    const chance = new Chance();
    const series = hourly(30 * DAY_HOURS, (hour) => {
      const isGap = chance.happens(0.3) || (hour > 200 && hour < 300);
      return isGap ? Number.NaN : 0.2 + 0.0008 * hour + noise(chance, 0.003);
    });
    series.values[series.values.length - 1] = Number.NaN;
    const truth = 0.8 / 0.0008 - 30 * DAY_HOURS;
    expect(Math.abs(hoursFrom(series, told(ask(series)).at) / truth - 1), `seed ${chance.seed}`).toBeLessThan(0.1);
  });

  it("since somebody cleaned up is foretold by what came after", () => {
    const chance = new Chance();
    const cleaned = 20 * DAY_HOURS;
    const level = (hour: number) => (hour < cleaned ? 0.4 + 0.001 * hour : 0.3 + 0.0005 * (hour - cleaned));
    const series = hourly(40 * DAY_HOURS, (hour) => level(hour) + noise(chance, 0.002));
    const truth = 0.7 / 0.0005 - 20 * DAY_HOURS;
    expect(Math.abs(hoursFrom(series, told(ask(series)).at) / truth - 1), `seed ${chance.seed}`).toBeLessThan(0.1);
  });
});

describe("intervals", () => {
  const KINDS: Record<string, (chance: Chance) => (hour: number) => number> = {
    "a line with noise": (chance) => {
      const slope = chance.between(0.0002, 0.0006);
      return (hour) => 0.3 + slope * hour + noise(chance, 0.01);
    },
    "growth that wanders": (chance) => {
      const slope = chance.between(0.0002, 0.0005);
      let level = 0.3;
      return () => (level += slope + noise(chance, 0.001));
    },
  };

  it.each(Object.keys(KINDS))("hold the first full reading of %s in nine of ten cases and more", (kind) => {
    let [within, count] = [0, 0];
    for (const seed of seeds(1)) {
      const chance = new Chance(seed);
      for (let turn = 0; turn < 300; turn++) {
        const whole = hourly(60 * DAY_HOURS + QUARTER_HOURS, KINDS[kind]!(chance));
        const known = { ...whole, values: whole.values.slice(0, 40 * DAY_HOURS) };
        const found = ask(known);
        if (!isTimeToLimit(found) || found.at <= endOf(known)) continue;
        const full = whole.values.findIndex((value, place) => place >= known.values.length && value >= 1);
        const at = full < 0 ? Infinity : whole.from + full * HOUR;
        count++;
        if (at >= found.fromAt - HOUR && at <= (found.toAt ?? Infinity)) within++;
      }
    }
    expect(count).toBeGreaterThan(30);
    expect(within / count).toBeGreaterThanOrEqual(0.9);
  });
});

describe("what is full", () => {
  it("is full now, without a doubt", () => {
    const series = hourly(10 * DAY_HOURS, (hour) => Math.min(1, hour / 100));
    const now = endOf(series);
    expect(ask(series)).toEqual({ at: now, fromAt: now, toAt: now, confidence: 1, backTest: null });
  });
});

describe("nothing is foretold", () => {
  it.each<[string, (chance: Chance) => (hour: number) => number]>([
    ["of noise", (chance) => () => 0.6 + noise(chance, 0.03)],
    ["of what falls", (chance) => (hour) => 0.9 - 0.0005 * hour + noise(chance, 0.01)],
    ["of what never changes", () => () => 0.5],
  ])("%s", (_, valueAt) => {
    for (const seed of seeds(10)) {
      const found = ask(hourly(30 * DAY_HOURS, valueAt(new Chance(seed))));
      expect(isTimeToLimit(found), `seed ${seed}`).toBe(false);
    }
  });

  it("of what is cleaned up every day", () => {
    const chance = new Chance();
    const series = hourly(
      30 * DAY_HOURS,
      (hour) => 0.5 + 0.3 * ((hour % DAY_HOURS) / DAY_HOURS) + noise(chance, 0.005),
    );
    expect(ask(series), `seed ${chance.seed}`).toEqual({ reason: "falls-before" });
  });

  it("of teeth of ten days, of which none ever got there", () => {
    const chance = new Chance();
    const tooth = 10 * DAY_HOURS;
    const series = hourly(56 * DAY_HOURS, (hour) => 0.3 + 0.5 * ((hour % tooth) / tooth) + noise(chance, 0.004));
    expect(ask(series), `seed ${chance.seed}`).toEqual({ reason: "falls-before" });
  });

  it("of a level that wanders, but for a few of many", () => {
    let few = 0;
    for (const seed of seeds(1)) {
      const chance = new Chance(seed);
      for (let turn = 0; turn < 100; turn++) {
        let level = 0.5;
        const found = ask(hourly(60 * DAY_HOURS, () => (level = Math.abs(level + noise(chance, 0.005)))));
        if (isTimeToLimit(found) && found.backTest !== null) few++;
      }
    }
    expect(few).toBeLessThan(8);
  });

  it("beyond the horizon", () => {
    const chance = new Chance();
    const series = hourly(30 * DAY_HOURS, (hour) => 0.1 + 0.0002 * hour + noise(chance, 0.002));
    expect(ask(series, { horizonMs: 30 * DAY_HOURS * HOUR }), `seed ${chance.seed}`).toEqual({
      reason: "beyond-horizon",
    });
  });

  it("much further ahead than its past reaches", () => {
    const chance = new Chance();
    const series = hourly(3 * DAY_HOURS, (hour) => 0.1 + 0.001 * hour + noise(chance, 0.001));
    expect(ask(series), `seed ${chance.seed}`).toEqual({ reason: "beyond-horizon" });
  });

  it.each([
    ["of nothing", hourly(0, () => 0)],
    ["of silence", hourly(100, () => Number.NaN)],
    ["of some hours", hourly(20, (hour) => hour / 100)],
    ["of hostile readings", hourly(500, (hour) => [Infinity, -Infinity, 1e300, Number.NaN][hour % 4]!)],
  ])("%s", (_, series) => {
    expect(ask(series)).toEqual({ reason: "too-little-history" });
  });

  it("of what fell silent", () => {
    const series = hourly(10 * DAY_HOURS, (hour) => hour / 1_000);
    expect(ask(series, { now: endOf(series) + 7 * HOUR })).toEqual({ reason: "not-heard-lately" });
  });
});

describe("the moment it is asked for", () => {
  it("is all that counts: what comes later is not known", () => {
    const chance = new Chance();
    const whole = hourly(40 * DAY_HOURS, (hour) => 0.2 + 0.0006 * hour + noise(chance, 0.002));
    const known = { ...whole, values: whole.values.slice(0, 30 * DAY_HOURS) };
    expect(ask(whole, { now: endOf(known) }), `seed ${chance.seed}`).toEqual(ask(known));
  });

  it("is never after the foretold one", () => {
    for (const seed of seeds(20)) {
      const chance = new Chance(seed);
      const slope = chance.between(0.0005, 0.002);
      const series = hourly(20 * DAY_HOURS, (hour) => Math.min(0.999, 0.3 + slope * hour + noise(chance, 0.01)));
      const found = ask(series);
      if (!isTimeToLimit(found)) continue;
      expect(found.fromAt, `seed ${seed}`).toBeGreaterThanOrEqual(endOf(series));
      expect(found.at, `seed ${seed}`).toBeGreaterThanOrEqual(found.fromAt);
      expect(found.toAt ?? Infinity, `seed ${seed}`).toBeGreaterThanOrEqual(found.at);
    }
  });
});
