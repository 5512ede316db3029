import { INSIGHT_METRICS } from "../../../contract/insight-kinds.ts";
import type { SeriesKey } from "../../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Window } from "../../series/window.ts";
import { deviation, MAD_TO_SD, median, quantile, sorted } from "../local/order.ts";
import { familyOf, isWorthTelling } from "../local/worth-telling.ts";

/** What moved around a moment, held against the same hours of the days before. */

export interface Move {
  key: SeriesKey;
  /** Its level around that moment, and the middle of what it was at the same time of day before. */
  level: number;
  usual: number;
  usualLow: number;
  usualHigh: number;
  from: EpochMs;
  to: EpochMs;
  /** On how many days before it is known. */
  days: number;
  score: number;
}

const DAY_MS: DurationMs = 86_400_000;
export const DAYS_BEFORE = 7;
/** From so long before it until so long after: what a rule finds it finds a while after it began. */
export const AROUND_MS = { before: 45 * 60_000, after: 15 * 60_000 } as const;
/** Whatever comes every day does not come to the minute. */
const TOLERANCE_MS: DurationMs = 45 * 60_000;
/** One day before is an anecdote. */
const DAYS_LEAST = 2;
const VALUES_LEAST = 12;
/** Of the readings around the moment the ones that are furthest away count, but not a single one. */
const EDGE = 0.1;
/** So many times as far as readings usually are. */
const SCORE_LEAST = 4;

/** Those series are looked into that tell how a machine is; and what it waits for. */
export const MOVED_KEYS: readonly SeriesKey[] = [
  ...INSIGHT_METRICS,
  "cpu_iowait_ratio",
  "cpu_steal_ratio",
  "swap_used_ratio",
];

/** Those that moved most, of each family one. `window`: from `DAYS_BEFORE` days before until after the moment, in steps of minutes. */
export function movesAround(window: Window, moment: EpochMs): Move[] {
  const moves = window.keys.flatMap((_key, index) => moveOf(window, index, moment) ?? []);
  const families = new Set<string>();
  return moves
    .sort((a, b) => b.score - a.score)
    .filter(({ key }) => !families.has(familyOf(key)) && families.add(familyOf(key)));
}

function moveOf({ keys, at, points }: Window, index: number, moment: EpochMs): Move | undefined {
  const key = keys[index]!;
  const [from, to] = [moment - AROUND_MS.before, moment + AROUND_MS.after];
  const [around, before]: [number[], number[]] = [[], []];
  const days = new Set<number>();
  at.forEach((time, row) => {
    const value = points[index]!.mean[row];
    if (value == null) return;
    if (time >= from && time < to) around.push(value);
    const day = Math.ceil((from - TOLERANCE_MS - time) / DAY_MS);
    // The same time of day: shifted by whole days it lies within the hour, or near it.
    const shifted = time + Math.max(1, Math.round((moment - time) / DAY_MS)) * DAY_MS;
    if (time < from - TOLERANCE_MS && shifted >= from - TOLERANCE_MS && shifted < to + TOLERANCE_MS) {
      before.push(value);
      days.add(day);
    }
  });
  if (around.length < 2 || before.length < VALUES_LEAST || days.size < DAYS_LEAST) return undefined;
  const known = sorted(before);
  const usual = median(known);
  const [usualLow, usualHigh] = [quantile(known, 0.05), quantile(known, 0.95)];
  const levels = sorted(around);
  const [low, high] = [quantile(levels, EDGE), quantile(levels, 1 - EDGE)];
  const level = Math.abs(high - usual) >= Math.abs(low - usual) ? high : low;
  if (level >= usualLow && level <= usualHigh) return undefined;
  if (!isWorthTelling(key, usual, level)) return undefined;
  const spread = Math.max(
    deviation(known, usual) * MAD_TO_SD,
    (usualHigh - usualLow) / 4,
    Math.abs(usual) * 0.02,
    1e-9,
  );
  const score = Math.abs(level - usual) / spread;
  return score < SCORE_LEAST ? undefined : { key, level, usual, usualLow, usualHigh, from, to, days: days.size, score };
}
