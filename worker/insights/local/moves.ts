import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import { stepAt, type EvenSeries } from "./even-series.ts";
import { hourOfWeek, weekProfile } from "./week-profile.ts";

/** So many hours are compared: four weeks, on one grid for all. */
export const MOVES_HOURS = 672;
const HOUR_MS: DurationMs = 3_600_000;
/** Hours by which one may follow the other. */
export const LAG_MAX = 2;
/** Of a series that was heard less, or stands still more, it cannot be told what it moves with. */
const HEARD_MIN = 0.7;
const STILL_MAX = 0.3;

/** How a series moves from hour to hour, beside what the hour of the week explains. */
export interface Moves {
  /** The ranks of its changes, centred and scaled so that their squares sum up to one; 0 where nothing was heard. */
  ranks: Float64Array;
  /** Which changes are above the middle one, a bit each, for each lag from -LAG_MAX to LAG_MAX. */
  bits: readonly Int32Array[];
  /** Hours that tell. */
  heard: number;
  /** How much like the change before it a change is, at one to three hours. */
  likeness: readonly number[];
  /** Nine of ten changes are smaller than this, in the metric's unit. */
  size: number;
}

/** The moves of an hourly series in the four weeks before `end` (a full hour); null where there is too little to tell. */
export function movesOf(series: EvenSeries, end: EpochMs): Moves | null {
  if (series.stepMs !== HOUR_MS || series.from % HOUR_MS !== 0) return null;
  const first = (end - series.from) / HOUR_MS - MOVES_HOURS;
  const { middle } = weekProfile(series);
  const changes = new Float64Array(MOVES_HOURS).fill(NaN);
  let heard = 0;
  let still = 0;
  for (let hour = 0; hour < MOVES_HOURS; hour++) {
    const place = first + hour;
    const value = series.values[place] ?? NaN;
    const before = series.values[place - 1] ?? NaN;
    if (value !== value || before !== before) continue;
    const at = stepAt(series, place);
    changes[hour] = value - before - (middle[hourOfWeek(at)]! - middle[hourOfWeek(at - HOUR_MS)]!);
    if (changes[hour] !== changes[hour]) continue;
    heard++;
    if (value === before) still++;
  }
  if (heard < MOVES_HOURS * HEARD_MIN || still > heard * STILL_MAX) return null;
  const { ranks, size } = ranked(changes, heard);
  return {
    ranks,
    size,
    heard,
    bits: signs(ranks),
    likeness: [1, 2, 3].map((lag) => rankCorrelation(ranks, ranks, lag)),
  };
}

/** How two rank series move together where the second is looked at so many hours later: -1 to 1 (Spearman's coefficient). */
export function rankCorrelation(a: Float64Array, b: Float64Array, lag: number): number {
  let sum = 0;
  const from = Math.max(0, -lag);
  const to = Math.min(a.length, a.length - lag);
  for (let place = from; place < to; place++) sum += a[place]! * b[place + lag]!;
  return sum;
}

/** How many of the changes have the same sign, as a share, with the second series looked at `lag` hours later. */
export function signsAgreeing(a: Moves, b: Moves, lag: number): number {
  const left = a.bits[LAG_MAX]!;
  const right = b.bits[lag + LAG_MAX]!;
  let apart = 0;
  for (let word = 0; word < left.length; word++) {
    let bits = left[word]! ^ right[word]!;
    bits -= (bits >>> 1) & 0x55555555;
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
    apart += (Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24) & 0xff;
  }
  return 1 - apart / MOVES_HOURS;
}

function ranked(changes: Float64Array, heard: number): { ranks: Float64Array; size: number } {
  const order = new Float64Array(heard);
  let count = 0;
  for (const change of changes) if (change === change) order[count++] = change;
  order.sort();
  const ranks = new Float64Array(changes.length);
  let squares = 0;
  for (let hour = 0; hour < changes.length; hour++) {
    const change = changes[hour]!;
    if (change !== change) continue;
    // Equal changes share the middle of their places.
    const rank = (placeOf(order, change, false) + placeOf(order, change, true) - 1) / 2 - (heard - 1) / 2;
    ranks[hour] = rank;
    squares += rank * rank;
  }
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let hour = 0; hour < ranks.length; hour++) ranks[hour]! *= scale;
  const low = Math.abs(order[Math.floor(heard * 0.05)]!);
  const high = Math.abs(order[Math.min(heard - 1, Math.ceil(heard * 0.95))]!);
  return { ranks, size: Math.min(low, high) };
}

/** How many are below a value, or not above it. */
function placeOf(order: Float64Array, value: number, isAfter: boolean): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order[middle]! < value || (isAfter && order[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function signs(ranks: Float64Array): Int32Array[] {
  return Array.from({ length: 2 * LAG_MAX + 1 }, (_, place) => {
    const lag = place - LAG_MAX;
    const words = new Int32Array(MOVES_HOURS / 32);
    for (let hour = 0; hour < MOVES_HOURS; hour++) {
      const rank = ranks[hour + lag] ?? 0;
      // What was not heard agrees with one half: by its place, so that two gaps at once are no likeness of their own.
      const isUp = rank === 0 ? ((hour * 0x9e3779b1) >>> 16) % 2 === 0 : rank > 0;
      if (isUp) words[hour >> 5]! |= 1 << (hour & 31);
    }
    return words;
  });
}
