import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Verdict } from "../../contract/verdict.ts";
import { GAP_AFTER_INTERVALS, TICK_EVERY_MS } from "../settings.ts";
import type { UptimeDay } from "./table.ts";

/** A day's columns for one hour, counted from 1970 as days are. */
export type UptimeHour = UptimeDay;

/** What a check or an instance carries from round to round. */
export interface UptimeState {
  lastAt: EpochMs;
  /** Null while it is paused or has not been judged: what follows is no time at all. */
  lastVerdict: Verdict | null;
  today: UptimeDay;
  /** Days that are over, and not stored yet; in any order, and twice where the clock was set back over midnight. */
  finished: UptimeDay[];
  /** The present hour and those of the 24 hours before: what "the last 24 hours" is told from. */
  hours: UptimeHour[];
}

export interface JudgedAt {
  at: EpochMs;
  verdict: Verdict | null;
}

/** So many days are told of; a gap that is longer says nothing more. */
export const UPTIME_DAYS_KEPT = 366;
export const HOUR_SECONDS = 3_600;
export const DAY_SECONDS = 24 * HOUR_SECONDS;
const HOURS_KEPT = 25;
const COLUMN: Record<Verdict, 1 | 2 | 3 | 4> = { up: 1, degraded: 2, down: 3, unsure: 4 };

/**
 * Adds what has passed since the round before. It belongs to that round's verdict while nobody can be said to have looked away; later
 * on, and while the verdict was unsure, nobody knows. A clock that was set back adds nothing, and time runs on from there.
 */
export function accrue(state: UptimeState | null, { at, verdict }: JudgedAt, intervalMs: DurationMs): UptimeState {
  const second = Math.floor(at / 1000);
  const day = Math.floor(second / DAY_SECONDS);
  const hour = Math.floor(second / HOUR_SECONDS);
  const spans = state ? spansSince(state, at, intervalMs) : [];
  const before = state ? [...state.finished, state.today] : [];
  const days = mergeDays(before, cut(spans, DAY_SECONDS, day - UPTIME_DAYS_KEPT));
  const hours = mergeDays(state?.hours ?? [], cut(spans, HOUR_SECONDS, hour - HOURS_KEPT));
  return {
    lastAt: at,
    lastVerdict: verdict,
    today: days.find(([number]) => number === day) ?? [day, 0, 0, 0, 0],
    finished: days.filter(([number]) => number !== day),
    hours: hours.filter(([number]) => number > hour - HOURS_KEPT && number <= hour),
  };
}

/** Days of several lists in order, each once. */
export function mergeDays(...lists: readonly (readonly UptimeDay[])[]): UptimeDay[] {
  const merged = new Map<number, UptimeDay>();
  for (const one of lists.flat()) {
    const there = merged.get(one[0]);
    merged.set(one[0], there ? added(there, one) : one);
  }
  return [...merged.values()].sort(([a], [b]) => a - b);
}

function added([number, ...a]: UptimeDay, [, ...b]: UptimeDay): UptimeDay {
  return [number, a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];
}

/** Whole seconds, so that they add up to what has passed. */
interface Span {
  from: number;
  to: number;
  column: 1 | 2 | 3 | 4;
}

function spansSince({ lastAt, lastVerdict }: UptimeState, at: EpochMs, intervalMs: DurationMs): Span[] {
  if (lastVerdict === null) return [];
  const from = Math.floor(lastAt / 1000);
  const to = Math.floor(at / 1000);
  // Whatever the interval, nobody looks more often than there are ticks.
  const holds = Math.floor((GAP_AFTER_INTERVALS * Math.max(intervalMs, TICK_EVERY_MS)) / 1000);
  const known = Math.min(to, from + holds);
  return [
    { from, to: known, column: COLUMN[lastVerdict] },
    { from: known, to, column: COLUMN.unsure },
  ];
}

/** Spans by days or hours; what is not after `oldest` is left out. */
function cut(spans: readonly Span[], seconds: number, oldest: number): UptimeDay[] {
  return spans.flatMap(({ from, to, column }) => {
    const pieces: UptimeDay[] = [];
    for (let start = Math.max(from, (oldest + 1) * seconds); start < to;) {
      const number = Math.floor(start / seconds);
      const end = Math.min(to, (number + 1) * seconds);
      const piece: UptimeDay = [number, 0, 0, 0, 0];
      piece[column] = end - start;
      pieces.push(piece);
      start = end;
    }
    return pieces;
  });
}
