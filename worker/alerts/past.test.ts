import { describe, expect, it } from "vitest";
import { Chance } from "../../tests/chance.ts";
import { seeds } from "../testing/seeds.ts";
import { Past } from "./past.ts";

const START = 1_790_000_000_000;
const MINUTE = 60_000;
const OVER = 10 * MINUTE;

/** What each reading of a value that is its own minute is compared with. */
function compared(minutes: readonly number[], overMs = OVER): (number | undefined)[] {
  const past = new Past(overMs);
  return minutes.map((minute) => past.add(START + minute * MINUTE, minute));
}

describe("what a reading is compared with", () => {
  it("is nothing until the span has gone by", () => {
    const found = compared(Array.from({ length: 13 }, (_, minute) => minute));
    expect(found.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => undefined));
    expect(found.slice(10)).toEqual([0, 1, 2]);
  });

  it("is the newest that is old enough", () => {
    expect(compared([0, 1.5, 3, 11, 12]).slice(3)).toEqual([0, 1.5]);
  });

  it("is nothing where nothing was read then: what is older says something else", () => {
    expect(compared([0, 20, 21, 30, 31])).toEqual([undefined, undefined, undefined, 20, 21]);
  });

  it("may be older than asked by a quarter of the span and no more", () => {
    expect(compared([0, 12.5])).toEqual([undefined, 0]);
    expect(compared([0, 12.6])).toEqual([undefined, undefined]);
  });

  it("is nothing for a reading that is not newer than the last, which is not kept either", () => {
    const past = new Past(OVER);
    past.add(START, 1);
    expect(past.add(START, 2)).toBeUndefined();
    expect(past.add(START - MINUTE, 3)).toBeUndefined();
    expect(past.add(START + OVER, 4)).toBe(1);
    expect(past.add(START + OVER, 5)).toBeUndefined();
  });
});

describe.each(seeds(4))("however readings come, seed %i", (seed) => {
  it("it is one that was read then, met within a sixtieth of the span where readings are close", () => {
    const chance = new Chance(seed);
    const overMs = chance.pick([MINUTE, OVER, 6 * 60 * MINUTE]);
    const past = new Past(overMs);
    const all = new Map<number, number>();
    let at = START;
    let told = 0;
    for (let made = 0; made < 2_000; made++) {
      at += chance.happens(0.001) ? overMs * chance.between(0.1, 3) : overMs / chance.between(80, 300);
      const value = chance.next();
      const found = past.add(at, value);
      all.set(value, at);
      if (found === undefined) continue;
      told++;
      const since = at - all.get(found)!;
      expect(since).toBeGreaterThanOrEqual(overMs);
      expect(since).toBeLessThanOrEqual(overMs * 1.25);
      const isClose = [...all.values()].every(
        (one, index, times) => one < at - overMs * 1.25 || index === 0 || one - times[index - 1]! < overMs / 80 + 1,
      );
      if (isClose) expect(since).toBeLessThanOrEqual(overMs * (1 + 1 / 60 + 1 / 80) + 1);
    }
    expect(told).toBeGreaterThan(100);
  });
});
