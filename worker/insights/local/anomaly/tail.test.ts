import { describe, expect, it } from "vitest";
import { Chance } from "../../../../tests/chance.ts";
import { seeds } from "../../../testing/seeds.ts";
import { Tail } from "./tail.ts";

const SAMPLES: Record<string, (chance: Chance) => number> = {
  even: (chance) => chance.between(-1, 1),
  exponential: (chance) => -5 * Math.log(1 - chance.next()),
  normal: (chance) => 1e9 + Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next()),
};

describe.each(seeds(2))("the tail of what was seen, seed %i", (seed) => {
  it.each(Object.keys(SAMPLES))(
    "begins where one in twenty lies beyond, and what is beyond is at least that rare: %s",
    (name) => {
      const chance = new Chance(seed);
      const tail = new Tail(new Float64Array(Tail.SIZE));
      let beyond = 0;
      for (let seen = 1; seen <= 20_000; seen++) {
        const rarity = tail.next(SAMPLES[name]!(chance), seen);
        if (seen <= 10_000 || rarity === 0) continue;
        beyond++;
        expect(rarity).toBeGreaterThanOrEqual(-Math.log10(0.05));
      }
      expect(beyond / 10_000).toBeGreaterThan(0.04);
      expect(beyond / 10_000).toBeLessThan(0.06);
    },
  );

  it("gives values beyond all that were seen the rarity they have, where the tail is exponential", () => {
    const chance = new Chance(seed);
    const figures = new Float64Array(Tail.SIZE);
    for (let seen = 1; seen <= 8_000; seen++) new Tail(figures).next(SAMPLES["exponential"]!(chance), seen);
    for (const power of [3, 6, 9]) {
      const rarity = new Tail(figures.slice()).next(5 * power * Math.LN10, 8_001);
      expect(Math.abs(rarity - power) / power).toBeLessThan(0.2);
    }
  });
});
