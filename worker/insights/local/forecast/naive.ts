import type { DurationMs } from "../../../../contract/units.ts";

/** After how many steps a series repeats itself, where it is long enough to tell: at least two of them. */
export interface Seasons {
  hour: number | null;
  day: number | null;
  week: number | null;
}

const HOUR_MS: DurationMs = 3_600_000;
const HOURS_PER_DAY = 24;
const DAYS_PER_WEEK = 7;

export function seasonsOf(steps: number, stepMs: DurationMs): Seasons {
  const hour = HOUR_MS / stepMs;
  const twice = (period: number) => (Number.isInteger(period) && period > 1 && steps >= 2 * period ? period : null);
  return { hour: twice(hour), day: twice(hour * HOURS_PER_DAY), week: twice(hour * HOURS_PER_DAY * DAYS_PER_WEEK) };
}

/** The ways to foretell that anybody could do without thinking: what an outlook is held against. Each writes one value a step. */

/** As the last reading before `place`. */
export function naive(values: Float64Array, place: number, into: Float64Array): void {
  into.fill(lastHeard(values, place));
}

/** As a season before, again and again; where that was not heard, as the last reading. */
export function seasonalNaive(values: Float64Array, place: number, period: number, into: Float64Array): void {
  const last = lastHeard(values, place);
  for (let ahead = 1; ahead <= into.length; ahead++) {
    const before = values[place + ahead - 1 - period * Math.ceil(ahead / period)] ?? Number.NaN;
    into[ahead - 1] = Number.isNaN(before) ? last : before;
  }
}

/** The line of least squares through all readings before `place`. */
export function linear(values: Float64Array, place: number, into: Float64Array): void {
  let count = 0;
  let meanAt = 0;
  let mean = 0;
  let together = 0;
  let apart = 0;
  for (let at = 0; at < place; at++) {
    const value = values[at]!;
    if (Number.isNaN(value)) continue;
    count++;
    const off = at - meanAt;
    meanAt += off / count;
    apart += off * (at - meanAt);
    mean += (value - mean) / count;
    together += off * (value - mean);
  }
  const slope = apart > 0 ? together / apart : 0;
  for (let ahead = 1; ahead <= into.length; ahead++) into[ahead - 1] = mean + slope * (place + ahead - 1 - meanAt);
}

function lastHeard(values: Float64Array, place: number): number {
  for (let at = place - 1; at >= 0; at--) if (!Number.isNaN(values[at]!)) return values[at]!;
  return Number.NaN;
}
