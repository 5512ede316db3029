import { describe, expect, it } from "vitest";
import { Chance } from "../../../../tests/chance.ts";
import { bandsTo, between } from "./bands.ts";
import { intervalsOf } from "./interval.ts";
import { noise } from "./made-up.cases.ts";

const ORIGINS = 49;

function distances(horizon: number, distanceAt: (turn: number, step: number) => number) {
  const bands = bandsTo(horizon);
  const values = new Float64Array(ORIGINS * bands.steps.length).fill(Number.NaN);
  for (let turn = 0; turn < ORIGINS - 1; turn++) {
    bands.steps.forEach((step, index) => (values[turn * bands.steps.length + index] = distanceAt(turn, step)));
  }
  return { bands, origins: ORIGINS, values };
}

describe("bands", () => {
  it.each([1, 2, 5, 24, 168, 2_160])(
    "of a horizon of %i have each step in them, near ones each for itself",
    (horizon) => {
      const { steps, bandOf, count } = bandsTo(horizon);
      expect(steps[0]).toBe(1);
      expect(steps.at(-1)).toBeLessThanOrEqual(horizon);
      expect(new Set(steps).size).toBe(steps.length);
      expect(bandOf.at(-1)).toBe(count - 1);
      expect(steps.length).toBeLessThan(100);
    },
  );

  it("pass into each other without a jump", () => {
    const bands = bandsTo(168);
    const ofBands = Float64Array.from({ length: bands.count }, (_, band) => band);
    for (let step = 1; step < 168; step++) {
      const rise = between(ofBands, bands, step) - between(ofBands, bands, step - 1);
      expect(rise).toBeGreaterThanOrEqual(0);
      expect(rise).toBeLessThanOrEqual(1);
    }
    expect(between(ofBands, bands, 167)).toBe(bands.count - 1);
  });
});

describe("intervals from past distances", () => {
  it("are as wide as noise is, and claim what they hold", () => {
    const chance = new Chance();
    const { below, above, coverage } = intervalsOf(distances(48, () => noise(chance, 1)));
    expect(below.at(-1), `seed ${chance.seed}`).toBeLessThan(-1.5);
    expect(above.at(-1), `seed ${chance.seed}`).toBeGreaterThan(1.5);
    expect(above.at(-1)! - below.at(-1)!, `seed ${chance.seed}`).toBeLessThan(6.5);
    expect(coverage, `seed ${chance.seed}`).toBeGreaterThan(0.9);
  });

  it("reach further up where surprises come from above", () => {
    const chance = new Chance();
    const { below, above } = intervalsOf(distances(48, () => 10 * chance.next() ** 4));
    expect(above[0]!, `seed ${chance.seed}`).toBeGreaterThan(-below[0]!);
  });

  it("come no nearer with further bands", () => {
    const chance = new Chance();
    const { below, above } = intervalsOf(distances(168, (_, step) => noise(chance, step < 10 ? 5 : 1)));
    for (let band = 1; band < above.length; band++) {
      expect(above[band], `seed ${chance.seed}`).toBeGreaterThanOrEqual(above[band - 1]!);
      expect(below[band], `seed ${chance.seed}`).toBeLessThanOrEqual(below[band - 1]!);
    }
  });

  it("are wider where one part of the past was not like the others", () => {
    const chance = new Chance();
    const width = (isOdd: boolean) => {
      const { below, above } = intervalsOf(distances(48, (turn) => noise(chance, isOdd && turn < 12 ? 3 : 1)));
      return above[0]! - below[0]!;
    };
    expect(width(true), `seed ${chance.seed}`).toBeGreaterThan(1.3 * width(false));
  });

  it("have no width where nothing was ever off", () => {
    const { below, above, coverage } = intervalsOf(distances(24, () => 0));
    expect([...new Set([...below, ...above].map(Math.abs))]).toEqual([0]);
    expect(coverage).toBe(1);
  });
});
