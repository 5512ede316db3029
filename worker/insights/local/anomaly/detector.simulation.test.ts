import { describe, expect, it } from "vitest";
import { Chance } from "../../../../tests/chance.ts";
import { seeds } from "../../../testing/seeds.ts";
import { newDetector, scoreNext } from "./detector.ts";
import { ANOMALY_SCORE_FROM } from "./spans.ts";

const FIVE_MINUTES = 300_000;
const PER_HOUR = 12;
const PER_DAY = 24 * PER_HOUR;
const PER_WEEK = 7 * PER_DAY;
const T0 = Date.UTC(2026, 8, 21);
const TWO_HOURS = 2 * PER_HOUR;

type Series = (step: number) => number;

/** Spread normally, mean 0 and standard deviation 1. */
function normal(chance: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next());
}

/** What machines are like on quiet days. */
const QUIET: Record<string, (chance: Chance) => Series> = {
  "noise around a level": (chance) => () => 50 + 3 * normal(chance),
  "noise that drifts": (chance) => {
    let off = 0;
    return () => 50 + (off = 0.9 * off + normal(chance));
  },
  "busy by day": (chance) => (step) => 50 + 20 * Math.sin((2 * Math.PI * step) / PER_DAY) + 2 * normal(chance),
  "busy on weekdays": (chance) => (step) => {
    const swing = Math.floor(step / PER_DAY) % 7 < 5 ? 20 : 6;
    return 50 + swing * Math.sin((2 * Math.PI * step) / PER_DAY) + 2 * normal(chance);
  },
  "a disk that fills": (chance) => (step) => 1e10 + 1e5 * step + 1e6 * normal(chance),
  "a backup every night": (chance) => (step) => 5 + normal(chance) + (step % PER_DAY < 4 ? 90 : 0),
};

/** From `at` on, for some hours or for good. */
const TROUBLES: Record<string, (before: Series, at: number, chance: Chance) => Series> = {
  "a spike": (before, at) => (step) => before(step) + (step === at ? 60 : 0),
  "an hour far higher": (before, at) => (step) => before(step) + (step >= at && step < at + PER_HOUR ? 40 : 0),
  "a fall to nothing": (before, at) => (step) => (step >= at && step < at + TWO_HOURS ? 0 : before(step)),
  "a new level": (before, at) => (step) => before(step) + (step >= at ? 25 : 0),
  "a wild night": (before, at, chance) => (step) =>
    before(step) + (step >= at && step < at + TWO_HOURS ? 20 * normal(chance) : 0),
};

/** When a trouble was told of, and how rare it was said to be. */
function toldOf(series: Series, steps: number): { step: number; score: number }[] {
  const detector = newDetector();
  const told: { step: number; score: number }[] = [];
  for (let step = 0; step < steps; step++) {
    const score = scoreNext(detector, T0 + step * FIVE_MINUTES, series(step));
    if (score >= ANOMALY_SCORE_FROM) told.push({ step, score });
  }
  return told;
}

const RUNS = 10;
const WEEKS = 8;
const FIRST_WEEKS = 2;
const FAR_SCORE = 0.7;

describe.each(seeds(2))("a detector of troubles, seed %i", (seed) => {
  it.each(Object.keys(QUIET))("tells of little where there is nothing: %s", (name) => {
    const chance = new Chance(seed);
    const runs = Array.from({ length: RUNS }, () => toldOf(QUIET[name]!(chance), WEEKS * PER_WEEK));
    const first = runs.flat().filter(({ step }) => step < FIRST_WEEKS * PER_WEEK);
    const later = runs.flat().filter(({ step }) => step >= FIRST_WEEKS * PER_WEEK);
    const laterWeeks = RUNS * (WEEKS - FIRST_WEEKS);
    expect(first.length / (RUNS * FIRST_WEEKS), "a week, of the first two").toBeLessThan(7);
    expect(later.length / laterWeeks, "a week, later").toBeLessThan(2);
    const far = later.filter(({ score }) => score >= FAR_SCORE);
    expect(far.length / laterWeeks, `a week of ${FAR_SCORE} and more, later`).toBeLessThan(0.3);
  });

  it.each(Object.keys(TROUBLES))("tells of %s within two hours, as far out, and hardly again that day", (name) => {
    const chance = new Chance(seed);
    const kinds = ["noise around a level", "noise that drifts", "busy by day", "busy on weekdays"];
    let found = 0;
    let again = 0;
    const runs = 40;
    for (let run = 0; run < runs; run++) {
      const at = 3 * PER_WEEK + chance.below(PER_WEEK);
      const series = TROUBLES[name]!(QUIET[chance.pick(kinds)]!(chance), at, chance);
      const told = toldOf(series, at + PER_DAY);
      if (told.some(({ step, score }) => step >= at && step < at + TWO_HOURS && score >= FAR_SCORE)) found++;
      again += told.filter(({ step }) => step >= at + TWO_HOURS).length;
    }
    expect(found / runs).toBeGreaterThan(0.9);
    expect(again / runs, "told again, in a day").toBeLessThan(0.3);
  });
});
