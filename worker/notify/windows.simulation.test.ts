import { describe, expect, it } from "vitest";
import type { Recurring } from "../../contract/silences.ts";
import { Chance } from "../../tests/chance.ts";
import { seeds } from "../testing/seeds.ts";
import { isActive, nextChangeAt } from "./windows.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const JUMPS = [
  ["Europe/Berlin", "2026-03-29"],
  ["Europe/Berlin", "2026-10-25"],
  ["America/New_York", "2026-03-08"],
  ["America/New_York", "2026-11-01"],
  ["Australia/Lord_Howe", "2026-04-05"],
  ["Australia/Lord_Howe", "2026-10-04"],
  // Here it is midnight that is left out, or comes twice.
  ["America/Havana", "2026-03-08"],
  ["America/Havana", "2026-11-01"],
  ["Africa/Cairo", "2026-04-24"],
  ["Africa/Cairo", "2026-10-30"],
  ["Asia/Kathmandu", "2026-04-24"],
] as const;

const shown = (at: number | null) => (at === null ? null : new Date(at).toISOString().slice(0, 16));
const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

interface Shown {
  at: number;
  /** On the wall, as if its time were UTC. */
  minute: number;
}

/** What a wall shows, by the runtime's own calendar, in steps of the shortest that a zone is ever moved by. */
function wallMinutes(timeZone: string, from: number, to: number): Shown[] {
  const format = new Intl.DateTimeFormat("sv", { timeZone, dateStyle: "short", timeStyle: "medium" });
  const all: Shown[] = [];
  for (let at = from; at < to; at += 30 * MINUTE) {
    const start = Date.parse(`${format.format(at).replace(" ", "T")}Z`) / MINUTE;
    for (let minute = 0; minute < 30; minute++) all.push({ at: at + minute * MINUTE, minute: start + minute });
  }
  return all;
}

/** By definition: every minute from the first to the last at which the wall shows a time within some day's window. */
function minutesHeld(all: readonly Shown[], days: readonly number[], start: number, end: number): Set<number> {
  const lasts = end > start ? end - start : end - start + 1440;
  const held = new Set<number>();
  const lastDay = Math.ceil(all.at(-1)!.minute / 1440);
  for (let day = Math.floor(all[0]!.minute / 1440) - 1; day <= lastDay; day++) {
    if (!days.includes(new Date(day * DAY).getUTCDay() || 7)) continue;
    const opens = day * 1440 + start;
    const within = all.filter(({ minute }) => minute >= opens && minute < opens + lasts);
    if (within.length === 0) continue;
    for (let at = within[0]!.at; at <= within.at(-1)!.at; at += MINUTE) held.add(at);
  }
  return held;
}

describe.each(seeds(3))("any window about any jump of the clock, seed %i", (seed) => {
  it("holds from the first to the last minute at which the wall shows a time within it", () => {
    const chance = new Chance(seed);
    for (const [timeZone, day] of JUMPS) {
      const from = Date.parse(day) - 4 * DAY;
      const to = from + 8 * DAY;
      const all = wallMinutes(timeZone, from, to);
      for (let run = 0; run < 3; run++) {
        const some = () => chance.pick([chance.below(1440), 15 * chance.below(20), 60 * chance.below(24)]);
        const [start, end] = [some(), some()];
        const chosen = EVERY_DAY.filter(() => chance.happens(0.6));
        const days = chosen.length === 0 || chance.happens(0.3) ? EVERY_DAY : chosen;
        const hours: Recurring = { kind: "weekly", days, from: clock(start), to: clock(end), timeZone };
        const when = { ...hours, until: null };
        const held = minutesHeld(all, days, start, end);
        for (const { at } of all) {
          // What is near the ends of the days looked at depends on what is beyond them.
          if (at < from + 2 * DAY || at >= to - 2 * DAY) continue;
          if (at % (173 * MINUTE) !== 0 && held.has(at) === held.has(at - MINUTE)) continue;
          const now = at + chance.below(MINUTE);
          const says = `${timeZone} ${JSON.stringify(hours)} at ${shown(at)}`;
          expect(isActive(when, now), says).toBe(held.has(at));
          const change = nextChangeAt(when, now);
          let next = at + MINUTE;
          while (next < to && held.has(next) === held.has(at)) next += MINUTE;
          if (next < to - DAY) expect(shown(change), says).toBe(shown(next));
          else expect(change ?? Infinity, says).toBeGreaterThanOrEqual(to - DAY);
        }
      }
    }
  });
});
