import type { EpochMs } from "../../../contract/units.ts";
import { heardIn, type EvenSeries } from "./even-series.ts";
import { MAD_TO_SD, medianInPlace } from "./order.ts";

const HOUR_MS = 3_600_000;
export const WEEK_HOURS = 168;

/** What a series is usually like at each hour of the week (UTC), the hour of 1970-01-01T00:00Z, a Thursday, first. */
export interface WeekProfile {
  /** Medians; NaN where nothing tells. */
  middle: Float64Array;
  /** Spread around them as a standard deviation, by the median absolute deviation. */
  spread: Float64Array;
  /** Weeks of hours that were heard. */
  weeks: number;
}

/** Values that an hour's middle wants at least: fewer weeks borrow from the hours beside it, and from the same hour of other days. */
const ENOUGH = 5;

/**
 * The baseline by hour of week: medians, so that an outage or a single busy evening is not taken for usual. Where few weeks tell, hours
 * beside one are taken with it, circularly; where less than two do, the same hour of all days. For hourly series.
 */
export function weekProfile(series: EvenSeries): WeekProfile {
  const heard = heardIn(series);
  const weeks = heard / WEEK_HOURS;
  const reach = weeks >= ENOUGH ? 0 : weeks >= 2 ? 1 : 2;
  const room = new Float64Array(Math.max(1, heard));
  const middle = new Float64Array(WEEK_HOURS);
  const spread = new Float64Array(WEEK_HOURS);
  const period = weeks >= 2 ? WEEK_HOURS : 24;
  const first = hourOfWeek(series.from);
  for (let hour = 0; hour < WEEK_HOURS; hour++) {
    let count = 0;
    for (let beside = hour - reach; beside <= hour + reach; beside++) {
      for (let place = wrapped(beside - first) % period; place < series.values.length; place += period) {
        const value = series.values[place]!;
        if (value === value) room[count++] = value;
      }
    }
    const usual = medianInPlace(room, count);
    middle[hour] = usual;
    for (let place = 0; place < count; place++) room[place] = Math.abs(room[place]! - usual);
    spread[hour] = medianInPlace(room, count) * MAD_TO_SD;
  }
  return { middle, spread, weeks };
}

/** The place of a moment in a profile. */
export function hourOfWeek(at: EpochMs): number {
  return wrapped(Math.floor(at / HOUR_MS));
}

function wrapped(hour: number): number {
  return ((hour % WEEK_HOURS) + WEEK_HOURS) % WEEK_HOURS;
}
