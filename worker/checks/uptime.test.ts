import { describe, expect, it } from "vitest";
import { VERDICTS } from "../../contract/verdict.ts";
import { Chance } from "../../tests/chance.ts";
import { seeds } from "../testing/seeds.ts";
import { uptimeOfRounds } from "../testing/uptime-of-rounds.ts";
import { accrue, mergeDays, type JudgedAt, type UptimeState } from "./uptime.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TODAY = 20_782;
const MIDNIGHT = TODAY * DAY;
const TICK = 2 * MINUTE;

const after = (rounds: readonly JudgedAt[], intervalMs = TICK) =>
  rounds.reduce<UptimeState | null>((state, round) => accrue(state, round, intervalMs), null)!;
const daysOf = ({ today, finished }: UptimeState) => mergeDays(finished, [today]);
const secondsOf = (days: readonly (readonly number[])[]) =>
  days.reduce((sum, [, ...seconds]) => sum + seconds.reduce((a, b) => a + b, 0), 0);

describe("the time since the round before", () => {
  const noon = MIDNIGHT + 12 * HOUR;

  it.each<[says: string, rounds: JudgedAt[], today: number[], intervalMs?: number]>([
    ["is none with the first", [{ at: noon, verdict: "down" }], [0, 0, 0, 0]],
    [
      "belongs to the verdict of that round",
      [
        { at: noon, verdict: "up" },
        { at: noon + TICK, verdict: "down" },
      ],
      [120, 0, 0, 0],
    ],
    [
      "is degraded",
      [
        { at: noon, verdict: "degraded" },
        { at: noon + TICK, verdict: "up" },
      ],
      [0, 120, 0, 0],
    ],
    [
      "is down",
      [
        { at: noon, verdict: "down" },
        { at: noon + TICK, verdict: "up" },
      ],
      [0, 0, 120, 0],
    ],
    [
      "is unknown while that was unsure",
      [
        { at: noon, verdict: "unsure" },
        { at: noon + TICK, verdict: "up" },
      ],
      [0, 0, 0, 120],
    ],
    [
      "is none while paused",
      [
        { at: noon, verdict: null },
        { at: noon + HOUR, verdict: "up" },
      ],
      [0, 0, 0, 0],
    ],
    [
      "counts for two and a half intervals, and nobody knows the rest",
      [
        { at: noon, verdict: "up" },
        { at: noon + 10 * MINUTE, verdict: "up" },
      ],
      [300, 0, 0, 300],
    ],
    [
      "counts for that of a longer interval",
      [
        { at: noon, verdict: "down" },
        { at: noon + HOUR, verdict: "up" },
      ],
      [0, 0, 1_500, 2_100],
      10 * MINUTE,
    ],
    [
      "counts for two and a half ticks where the interval is shorter: nobody looks more often",
      [
        { at: noon, verdict: "up" },
        { at: noon + TICK, verdict: "up" },
      ],
      [120, 0, 0, 0],
      30 * SECOND,
    ],
    [
      "is none where the clock was set back, and runs on from there",
      [
        { at: noon, verdict: "up" },
        { at: noon - HOUR, verdict: "down" },
        { at: noon - HOUR + MINUTE, verdict: "up" },
      ],
      [0, 0, 60, 0],
    ],
  ])("%s", (_, rounds, seconds, intervalMs) => {
    expect(after(rounds, intervalMs).today).toEqual([TODAY, ...seconds]);
  });

  it("over midnight is of both days", () => {
    const state = after([
      { at: MIDNIGHT - 30 * SECOND, verdict: "down" },
      { at: MIDNIGHT + 90 * SECOND, verdict: "up" },
    ]);
    expect(state.finished).toEqual([[TODAY - 1, 0, 0, 30, 0]]);
    expect(state.today).toEqual([TODAY, 0, 0, 90, 0]);
  });

  it("of days in which nobody looked is unknown, day by day", () => {
    const state = after([
      { at: MIDNIGHT - 2 * DAY + 12 * HOUR, verdict: "up" },
      { at: MIDNIGHT + HOUR, verdict: "up" },
    ]);
    expect(daysOf(state)).toEqual([
      [TODAY - 2, 300, 0, 0, 12 * 3_600 - 300],
      [TODAY - 1, 0, 0, 0, 86_400],
      [TODAY, 0, 0, 0, 3_600],
    ]);
  });

  it("of a clock that jumped by centuries is no more than a year, and the state stays small", () => {
    const state = after([
      { at: MIDNIGHT, verdict: "up" },
      { at: MIDNIGHT + 200 * 365 * DAY, verdict: "up" },
      { at: MIDNIGHT + HOUR, verdict: "up" },
      { at: MIDNIGHT + HOUR + TICK, verdict: "up" },
    ]);
    expect(state.finished.length).toBeLessThanOrEqual(366);
    expect(state.today).toEqual([TODAY, 120, 0, 0, 0]);
    expect(state.hours).toEqual([[TODAY * 24 + 1, 120, 0, 0, 0]]);
  });
});

describe.each(seeds(40))("rounds as they come, seed %i", (seed) => {
  const chance = new Chance(seed);
  const intervalMs = chance.pick([30_000, TICK, 5 * MINUTE, HOUR]);
  const withSteps = chance.happens(0.3);
  const rounds: JudgedAt[] = [];
  let at = MIDNIGHT + chance.below(DAY);
  for (let left = 150 + chance.below(150); left > 0; left--) {
    rounds.push({ at, verdict: chance.happens(0.05) ? null : chance.pick(VERDICTS) });
    if (withSteps && chance.happens(0.03)) at -= chance.below(2 * HOUR);
    else at += chance.happens(0.03) ? chance.below(15 * HOUR) : Math.round(TICK * chance.between(0.8, 1.3));
  }
  const state = after(rounds, intervalMs);

  it("one by one come to what they come to all at once", () => {
    const whole = uptimeOfRounds(rounds, intervalMs);
    expect(daysOf(state).filter((day) => secondsOf([day]) > 0)).toEqual(whole);
    const hour = Math.floor(rounds.at(-1)!.at / HOUR);
    if (!withSteps)
      expect(state.hours).toEqual(uptimeOfRounds(rounds, intervalMs, 3_600).filter(([number]) => number > hour - 25));
  });

  it("add up to the time that has passed, without what was paused and what the clock went back", () => {
    const passed = rounds.slice(1).reduce((sum, round, index) => {
      const { at: before, verdict } = rounds[index]!;
      const seconds = Math.floor(round.at / 1000) - Math.floor(before / 1000);
      return sum + (verdict === null ? 0 : Math.max(0, seconds));
    }, 0);
    expect(secondsOf(daysOf(state))).toBe(passed);
    expect(state.hours.length).toBeLessThanOrEqual(25);
  });
});
