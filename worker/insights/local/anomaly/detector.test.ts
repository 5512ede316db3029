import { describe, expect, it } from "vitest";
import { Chance } from "../../../../tests/chance.ts";
import { seeds } from "../../../testing/seeds.ts";
import { newDetector, restoreDetector, saveDetector, scoreNext, usualRange } from "./detector.ts";
import { ANOMALY_SCORE_FROM } from "./spans.ts";

const FIVE_MINUTES = 300_000;
const HOUR = 12 * FIVE_MINUTES;
const DAY = 24 * HOUR;
const STEPS_PER_DAY = DAY / FIVE_MINUTES;
/** A midnight. */
const T0 = Date.UTC(2026, 8, 21);

/** Busy by day, with noise; now and then a spike. */
function daily(chance: Chance, step: number): number {
  const spike = chance.happens(0.002) ? chance.between(20, 60) : 0;
  return 50 + 20 * Math.sin((2 * Math.PI * step) / STEPS_PER_DAY) + chance.between(-3, 3) + spike;
}

describe.each(seeds(3))("a detector, seed %i", (seed) => {
  it("that was saved and restored anywhere goes on with exactly the same scores", () => {
    const chance = new Chance(seed);
    const straight = newDetector();
    let cut = newDetector();
    let told = 0;
    for (let step = 0; step < 20 * STEPS_PER_DAY; step++) {
      const value = chance.happens(0.01) ? NaN : daily(chance, step);
      const at = T0 + step * FIVE_MINUTES + (chance.happens(0.001) ? HOUR : 0);
      const score = scoreNext(straight, at, value);
      expect(scoreNext(cut, at, value)).toBe(score);
      if (score >= ANOMALY_SCORE_FROM) told++;
      if (chance.happens(0.01)) cut = restoreDetector(JSON.parse(JSON.stringify(saveDetector(cut))));
    }
    expect(saveDetector(cut)).toBe(saveDetector(straight));
    expect(told).toBeGreaterThan(0);
  });

  it("answers a score between 0 and 1 whatever it is given, and ranges that are numbers", () => {
    const chance = new Chance(seed);
    const values = [0, -0, 1, -1, 1e18, -1e18, 1e-300, Number.MAX_VALUE, -Number.MAX_VALUE, NaN, Infinity, -Infinity];
    const moves = [FIVE_MINUTES, FIVE_MINUTES, FIVE_MINUTES, 1, 0, -HOUR, DAY, 40 * DAY, NaN, -Infinity];
    for (let tries = 0; tries < 40; tries++) {
      const detector = newDetector();
      const usual = chance.pick(values.filter(Number.isFinite));
      let at = chance.happens(0.2) ? -DAY : T0;
      for (let step = 0; step < 2 * STEPS_PER_DAY; step++) {
        at += chance.happens(0.9) ? FIVE_MINUTES : chance.pick(moves);
        const score = scoreNext(detector, at, chance.happens(0.9) ? usual : chance.pick(values));
        expect(score >= 0 && score <= 1, `${score} of ${usual}`).toBe(true);
        const range = usualRange(detector, at);
        if (range) expect([range.low, range.middle, range.high].every(Number.isFinite)).toBe(true);
        if (range) expect(range.low <= range.middle && range.middle <= range.high).toBe(true);
        if (!Number.isFinite(at)) at = T0;
      }
    }
  });

  it("has nothing to tell when a rhythm goes on after hours, days or weeks of silence", () => {
    const chance = new Chance(seed);
    for (const silence of [3 * HOUR, 2 * DAY, 17 * DAY]) {
      const detector = newDetector();
      const rhythm = (step: number) => 50 + 20 * Math.sin((2 * Math.PI * step) / STEPS_PER_DAY) + chance.between(-3, 3);
      let told = 0;
      for (let step = 0; step < 21 * STEPS_PER_DAY; step++) scoreNext(detector, T0 + step * FIVE_MINUTES, rhythm(step));
      const resumed = 21 * STEPS_PER_DAY + silence / FIVE_MINUTES;
      for (let step = resumed; step < resumed + 36; step++) {
        if (scoreNext(detector, T0 + step * FIVE_MINUTES, rhythm(step)) >= ANOMALY_SCORE_FROM) told++;
      }
      expect(told, `${silence / HOUR} hours`).toBe(0);
    }
  });
});

describe("a detector", () => {
  it("leaves out what is not later than the reading before: it scores 0 and changes nothing", () => {
    const detector = newDetector();
    for (let step = 0; step < 500; step++) scoreNext(detector, T0 + step * FIVE_MINUTES, step % 7);
    const before = saveDetector(detector);
    expect(scoreNext(detector, T0 + 499 * FIVE_MINUTES, 1e9)).toBe(0);
    expect(scoreNext(detector, T0, 1e9)).toBe(0);
    expect(scoreNext(detector, T0 + 500 * FIVE_MINUTES, NaN)).toBe(0);
    expect(saveDetector(detector)).toBe(before);
  });

  it.each([0, 42, -1e18, 1e-9])(
    "has nothing to tell of a series that is always %d, and of its first change it has",
    (value) => {
      const detector = newDetector();
      for (let step = 0; step < 3 * STEPS_PER_DAY; step++) {
        expect(scoreNext(detector, T0 + step * FIVE_MINUTES, value)).toBe(0);
      }
      expect(scoreNext(detector, T0 + 3 * DAY, value === 0 ? 1 : 2 * value)).toBeGreaterThan(ANOMALY_SCORE_FROM);
    },
  );

  it("tells of a counter that begins anew, once", () => {
    const detector = newDetector();
    let told = 0;
    for (let step = 0; step < 10 * STEPS_PER_DAY; step++) {
      const counted = step < 7 * STEPS_PER_DAY ? 1e12 + step * 1e6 : (step - 7 * STEPS_PER_DAY) * 1e6;
      const score = scoreNext(detector, T0 + step * FIVE_MINUTES, counted);
      if (step >= 7 * STEPS_PER_DAY && score >= ANOMALY_SCORE_FROM) told++;
    }
    expect(told).toBe(1);
  });

  it("takes less than 8 kB to save, whatever it has seen", () => {
    const detector = newDetector();
    const fresh = saveDetector(detector).length;
    const chance = new Chance();
    for (let step = 0; step < 60 * STEPS_PER_DAY; step++)
      scoreNext(detector, T0 + step * FIVE_MINUTES, daily(chance, step));
    expect(saveDetector(detector).length).toBe(fresh);
    expect(fresh).toBeLessThan(8_000);
  });

  it("cannot be restored from what is not a whole detector", () => {
    for (const saved of ["", "AAAA", saveDetector(newDetector()).slice(8)]) {
      expect(() => restoreDetector(saved)).toThrow("saved by another version");
    }
  });

  it("knows the usual range of an hour from the days before, and an outlier hardly widens it", () => {
    const detector = newDetector();
    const chance = new Chance(7);
    expect(usualRange(detector, T0)).toBeNull();
    for (let step = 0; step < 14 * STEPS_PER_DAY; step++) {
      const outlier = step === 9 * STEPS_PER_DAY ? 1_000 : 0;
      const value = step % STEPS_PER_DAY < STEPS_PER_DAY / 2 ? 10 : 30;
      scoreNext(detector, T0 + step * FIVE_MINUTES, value + chance.between(-1, 1) + outlier);
    }
    const night = usualRange(detector, T0 + 14 * DAY + 2 * HOUR)!;
    const day = usualRange(detector, T0 + 14 * DAY + 14 * HOUR)!;
    expect(night.middle).toBeCloseTo(10, 0);
    expect(day.middle).toBeCloseTo(30, 0);
    expect(night.low).toBeGreaterThan(8);
    expect(night.high).toBeLessThan(12);
    const withOutlier = usualRange(detector, T0 + 14 * DAY)!;
    expect(withOutlier.high).toBeLessThan(20);
  });
});
