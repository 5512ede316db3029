import { beforeAll, describe, expect, it } from "vitest";
import { VERDICTS } from "../../contract/verdict.ts";
import { seeds } from "../testing/seeds.ts";
import { liveThrough, type Tally, UNTRUTHS, type Untruth } from "../testing/simulated-world.ts";

const WORLDS = 300;
const drawn = seeds(WORLDS);

describe("whatever goes away, the target, our regions, a provider's API, the clock or the sentinel itself", () => {
  let tallies: [seed: number, Tally][];
  beforeAll(() => void (tallies = drawn.map((seed) => [seed, liveThrough(seed)])));

  it.each(Object.entries(UNTRUTHS) as [Untruth, string][])("never %s: %s", (untruth) => {
    const told = tallies.filter(([, tally]) => tally[untruth] > 0);
    expect(told.map(([seed, { untruths }]) => `seed ${seed}: ${untruths.join("; ")}`)).toEqual([]);
  });

  it.runIf(drawn.length === WORLDS)(
    "and all of it happened: there was much to be found, and to be taken for it",
    () => {
      const sum = (of: (tally: Tally) => number) => tallies.reduce((total, [, tally]) => total + of(tally), 0);
      expect(sum(({ rounds }) => rounds)).toBeGreaterThan(WORLDS * 300);
      expect(sum(({ outageRounds }) => outageRounds)).toBeGreaterThan(WORLDS * 10);
      for (const verdict of VERDICTS) expect(sum(({ verdicts }) => verdicts[verdict])).toBeGreaterThan(WORLDS * 10);
    },
  );
});

it("where nothing happens all is up, and nothing is written after the first round", () => {
  for (const seed of drawn.slice(0, 10)) {
    const { rounds, verdicts, written, outageRounds } = liveThrough(seed, { trouble: 0 });
    expect(verdicts).toEqual({ up: rounds, degraded: 0, down: 0, unsure: 0 });
    expect(outageRounds).toBe(0);
    expect(written).toBeLessThanOrEqual(6);
  }
});
