import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import { dayGrid } from "./day-grid.ts";
import { endOf, type EvenSeries } from "./even-series.ts";

const HOUR_MS: DurationMs = 3_600_000;
const DAYS = 14;
const SHARE_MIN = 0.6;
/** Growth that is smaller than this in all has no cause worth naming. */
const GROWTH_MIN = 0.01;

/** The time of day at which most of a growth comes about, in ms after midnight UTC. */
export interface GrowthHours {
  from: DurationMs;
  to: DurationMs;
  /** Of all that was added in the last two weeks, 0 to 1. */
  share: number;
  days: number;
}

/** Two hours of the day in which most of what is added is added, on most days; null where it comes at any time. For hourly series. */
export function growthHours(series: EvenSeries): GrowthHours | null {
  const grid = series.stepMs === HOUR_MS ? dayGrid(series, DAYS) : null;
  if (!grid || grid.days < 7) return null;
  const { values, slots, days } = grid;
  const added = new Float64Array(slots);
  for (let place = 1; place < values.length; place++) {
    // A step's value is the mean of its hour: what is added within one shows in it and in the next.
    const more = values[place]! - values[place - 1]!;
    if (more > 0) added[place % slots]! += more;
  }
  const all = added.reduce((sum, more) => sum + more, 0);
  if (all < GROWTH_MIN) return null;
  let best = 0;
  const ofTwo = (slot: number): number => added[slot]! + added[(slot + 1) % slots]!;
  for (let slot = 1; slot < slots; slot++) if (ofTwo(slot) > ofTwo(best)) best = slot;
  if (ofTwo(best) < all * SHARE_MIN) return null;
  let seen = 0;
  for (let day = 0; day < days; day++) {
    const begin = day * slots + best;
    if (values[begin + 1]! > values[begin - 1]!) seen++;
  }
  return seen >= days * 0.6
    ? { from: best * HOUR_MS, to: (best + 2) * HOUR_MS, share: ofTwo(best) / all, days: seen }
    : null;
}

/** By how much a series rose or fell a day over the last days, by the middles of its first and its last; NaN where it was not heard. */
export function changePerDay(series: EvenSeries, overDays: number, now: EpochMs): number {
  const steps = (24 * HOUR_MS) / series.stepMs;
  const end = Math.min(series.values.length, Math.floor((now - series.from) / series.stepMs));
  const meanOf = (from: number, to: number): number => {
    let sum = 0;
    let count = 0;
    for (const value of series.values.subarray(Math.max(0, from), Math.max(0, to)))
      if (value === value) [sum, count] = [sum + value, count + 1];
    return count * 2 >= steps ? sum / count : NaN;
  };
  if (endOf(series) < now - 2 * 24 * HOUR_MS) return NaN;
  return (meanOf(end - steps, end) - meanOf(end - steps * (overDays + 1), end - steps * overDays)) / overDays;
}
