import { describe, expect, it } from "vitest";
import { Chance } from "../../tests/chance.ts";
import { seeds } from "../testing/seeds.ts";
import { isDue, nextDueAt } from "./due.ts";

const SECOND = 1_000;
const TICK = 120 * SECOND;
const DAY = 86_400 * SECOND;
const T0 = Date.UTC(2026, 10, 25, 3, 7, 11);

/** When a check is looked at in a day of ticks that come up to so much late. */
function roundsOfDay(intervalMs: number, chance: Chance, latest = 25 * SECOND): number[] {
  const rounds: number[] = [];
  for (let tick = T0; tick < T0 + DAY; tick += TICK) {
    const now = Math.round(tick + chance.between(0, latest));
    if (isDue({ intervalMs, lastRoundAt: rounds.at(-1) ?? null }, now)) rounds.push(now);
  }
  return rounds;
}

describe.each(seeds(5))("ticks that come late now and then, seed %i", (seed) => {
  it.each([30, 60, 90, 120])("an interval of %i s is looked at with every tick", (seconds) => {
    expect(roundsOfDay(seconds * SECOND, new Chance(seed), 55 * SECOND)).toHaveLength(DAY / TICK);
  });

  it.each([180, 240, 300, 420, 600, 1_000, 3_600])(
    "an interval of %i s has its rounds, neither more nor fewer",
    (seconds) => {
      const rounds = roundsOfDay(seconds * SECOND, new Chance(seed));
      expect(Math.abs(rounds.length - 86_400 / seconds)).toBeLessThanOrEqual(1);
      rounds.slice(1).forEach((at, index) => {
        const gap = at - rounds[index]!;
        expect(Math.abs(gap - seconds * SECOND)).toBeLessThanOrEqual(TICK + 25 * SECOND);
      });
    },
  );
});

describe("a check is due", () => {
  it("when it was never looked at", () => {
    expect(isDue({ intervalMs: 3_600_000, lastRoundAt: null }, T0)).toBe(true);
    expect(nextDueAt({ intervalMs: 3_600_000, lastRoundAt: null }, T0)).toBe(T0);
  });

  it("when the clock was set back behind its last round: it would wait until the clock has caught up", () => {
    const rhythm = { intervalMs: 3_600_000, lastRoundAt: T0 + 1 };
    expect(isDue(rhythm, T0)).toBe(true);
    expect(nextDueAt(rhythm, T0)).toBe(T0);
  });

  it.each([
    [120, 59, false],
    [120, 60, true],
    [600, 539, false],
    [600, 540, true],
  ])("every %i s: after %i s %s", (interval, passed, due) => {
    expect(isDue({ intervalMs: interval * SECOND, lastRoundAt: T0 }, T0 + passed * SECOND)).toBe(due);
  });

  it("next after its interval, and at once when that has passed", () => {
    expect(nextDueAt({ intervalMs: 600_000, lastRoundAt: T0 }, T0 + 1)).toBe(T0 + 600_000);
    expect(nextDueAt({ intervalMs: 600_000, lastRoundAt: T0 }, T0 + 700_000)).toBe(T0 + 700_000);
  });

  it.each([90, 120, 300, 3_600])("never before it was said to be, but for the early tick: every %i s", (seconds) => {
    const rhythm = { intervalMs: seconds * SECOND, lastRoundAt: T0 };
    for (let now = T0; now < T0 + 2 * rhythm.intervalMs; now += SECOND) {
      const wait = nextDueAt(rhythm, now) - now;
      expect(isDue(rhythm, now) ? wait <= 60 * SECOND : wait > 0).toBe(true);
    }
  });
});
