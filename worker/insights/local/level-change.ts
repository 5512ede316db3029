import type { EpochMs } from "../../../contract/units.ts";
import { DAY_MS, dayGrid, dayLevels, dayShape, weekShape, type DayGrid } from "./day-grid.ts";
import type { EvenSeries } from "./even-series.ts";
import { MAD_TO_SD, deviation, median } from "./order.ts";

/** A level that changed and stayed until now. */
export interface LevelChange {
  /** The step it changed at. */
  at: EpochMs;
  before: number;
  after: number;
  /** Days that tell of each. */
  daysBefore: number;
  daysAfter: number;
  /** By how many of its standard errors the two levels differ, with what neighbouring days have in common taken into account. */
  score: number;
  /** How much of what days differ by the change explains, 0 to 1. */
  share: number;
}

/** A level has stayed when it has for so many days; and what was before must have been seen for a week. */
const DAYS_AFTER_MIN = 3;
const DAYS_BEFORE_MIN = 7;
/**
 * From this score on. Measured on seeded noise (level-change.test.ts): white, heavy-tailed, slowly wandering and trending series of 60
 * days are taken for a change in less than 1 of 500.
 */
const SCORE_MIN = 6.5;
/** Days that are looked at alone where all of them show no change; more tries find more by chance, so more is asked of them. */
const WINDOWS = [40, 26];
const SCORE_MIN_OF_WINDOW = 10;
/** What is left unexplained by a straight line must be so many times what a step leaves: else it is growth, not a change. */
const LINE_LEAVES_MIN = 1.5;
/** The day before and the day after must show so much of the change: else it came slowly. */
const SUDDEN_MIN = 0.6;

/**
 * The newest lasting change of a series' level, or null. Works on the medians of days, less what the weekday explains, so that neither
 * busy hours nor weekends are changes; the split that explains most is held against how much neighbouring days move together.
 */
export function levelChange(series: EvenSeries): LevelChange | null {
  const grid = dayGrid(series);
  if (!grid || grid.days < DAYS_BEFORE_MIN + DAYS_AFTER_MIN) return null;
  const levels = dayLevels(grid);
  const week = weekShape(grid, levels);
  const firstDay = grid.from / DAY_MS;
  const days: number[] = [];
  const values: number[] = [];
  levels.forEach((level, day) => {
    if (level !== level) return;
    days.push(day);
    values.push(level - week[(((firstDay + day) % 7) + 7) % 7]!);
  });
  // Several changes hide each other: where the whole shows none, its newer part may. What is after a split is looked at again on its own.
  let start = 0;
  if (!bestSplit(values, 0)) {
    start =
      WINDOWS.map((window) => values.length - window).find(
        (from) => from > 0 && (bestSplit(values, from)?.score ?? 0) >= SCORE_MIN_OF_WINDOW,
      ) ?? -1;
    if (start === -1) return null;
  }
  let found: { split: number; start: number; score: number; share: number } | null = null;
  for (let round = 0; round < 4; round++) {
    const split = bestSplit(values, start);
    if (!split) break;
    found = { ...split, start };
    start = split.split;
  }
  if (!found) return null;
  const before = median(values.slice(found.start, found.split));
  const after = median(values.slice(found.split));
  const at = momentOf(grid, days[found.split]!, levels, before, after);
  if (at === null) return null;
  return {
    at,
    before,
    after,
    daysBefore: found.split - found.start,
    daysAfter: values.length - found.split,
    score: found.score,
    share: found.share,
  };
}

/** The split from `start` on that explains most, where it is a change at all. */
function bestSplit(values: readonly number[], start: number): { split: number; score: number; share: number } | null {
  const count = values.length - start;
  if (count < DAYS_BEFORE_MIN + DAYS_AFTER_MIN) return null;
  let total = 0;
  for (let place = start; place < values.length; place++) total += values[place]!;
  let sum = 0;
  let best = 0;
  let split = -1;
  for (let place = start + 1; place < values.length; place++) {
    sum += values[place - 1]!;
    const left = place - start;
    const right = count - left;
    if (left < DAYS_BEFORE_MIN || right < DAYS_AFTER_MIN) continue;
    const difference = sum / left - (total - sum) / right;
    const explained = (difference * difference * left * right) / count;
    if (explained > best) [best, split] = [explained, place];
  }
  if (split === -1) return null;
  return weighed(values.slice(start), split - start, start);
}

function weighed(
  values: readonly number[],
  at: number,
  start: number,
): { split: number; score: number; share: number } | null {
  const before = median(values.slice(0, at));
  const after = median(values.slice(at));
  const apart = values.map((value, place) => value - (place < at ? before : after));
  const left = apart.reduce((sum, value) => sum + value * value, 0);
  const line = leftByLine(values);
  if (line < left * LINE_LEAVES_MIN) return null;
  // The larger of the robust spread and most of the plain one: a day that is far off makes it careful, not blind.
  const spread = Math.max(deviation(apart, 0) * MAD_TO_SD, 0.7 * Math.sqrt(left / values.length));
  const together = likeness(apart, left);
  const inflated = spread * Math.sqrt((1 + together) / (1 - together));
  const error = inflated * Math.sqrt(1 / at + 1 / (values.length - at));
  const difference = Math.abs(after - before);
  // Without any spread every difference is certain; a finite score keeps it comparable.
  const score = error > difference * 1e-3 ? difference / error : difference > 0 ? 1000 : 0;
  const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
  const whole = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return score < SCORE_MIN ? null : { split: start + at, score, share: whole > 0 ? Math.max(0, 1 - left / whole) : 0 };
}

/** How much a day is like the one before it, 0 to 0.95; corrected for few days, which make it look smaller than it is. */
function likeness(apart: readonly number[], squares: number): number {
  if (squares <= 0) return 0;
  let products = 0;
  for (let place = 1; place < apart.length; place++) products += apart[place]! * apart[place - 1]!;
  const raw = products / squares;
  return Math.min(0.95, Math.max(0, raw + (1 + 4 * raw) / apart.length));
}

/** The squares that the best straight line leaves. */
function leftByLine(values: readonly number[]): number {
  const count = values.length;
  const middleX = (count - 1) / 2;
  const middleY = values.reduce((sum, value) => sum + value, 0) / count;
  let xy = 0;
  let xx = 0;
  values.forEach((value, x) => {
    xy += (x - middleX) * (value - middleY);
    xx += (x - middleX) ** 2;
  });
  const slope = xy / xx;
  return values.reduce((sum, value, x) => sum + (value - middleY - slope * (x - middleX)) ** 2, 0);
}

/** The step within a day of the split at which the level changed; null where it did not change within it. */
function momentOf(grid: DayGrid, day: number, levels: Float64Array, before: number, after: number): EpochMs | null {
  const { slots, values, stepMs } = grid;
  const shape = dayShape(grid, levels);
  const first = Math.max(0, (day - 1) * slots);
  const last = Math.min(values.length, (day + 1) * slots);
  let balance = 0;
  let best = Infinity;
  let at = day * slots;
  for (let place = first; place < last; place++) {
    if (balance < best) [best, at] = [balance, place];
    const value = values[place]! - shape[place % slots]!;
    if (value === value) balance += Math.abs(value - before) - Math.abs(value - after);
  }
  const levelOf = (from: number, to: number): number => {
    const part = new Float64Array(Math.max(0, to - from));
    for (let place = from; place < to; place++) part[place - from] = values[place]! - shape[place % slots]!;
    return median(part);
  };
  const step = levelOf(at, Math.min(values.length, at + slots)) - levelOf(Math.max(0, at - slots), at);
  const isSudden = step / (after - before) >= SUDDEN_MIN;
  return isSudden ? grid.from + at * stepMs : null;
}
