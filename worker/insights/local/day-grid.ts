import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { EvenSeries } from "./even-series.ts";
import { median, medianInPlace } from "./order.ts";

export const DAY_MS: DurationMs = 86_400_000;

/** A series laid out by days of UTC: `values[day * slots + slot]`, NaN where nothing was heard. */
export interface DayGrid {
  /** When its first day begins. */
  from: EpochMs;
  stepMs: DurationMs;
  slots: number;
  days: number;
  values: Float64Array;
}

/** The last days of a series, at most so many; null where its steps do not fill a day evenly, or there is nothing. */
export function dayGrid({ from, stepMs, values }: EvenSeries, daysMax = 60): DayGrid | null {
  const slots = DAY_MS / stepMs;
  if (!Number.isInteger(slots) || values.length === 0 || from % stepMs !== 0) return null;
  const firstDay = Math.floor(from / DAY_MS);
  const end = from + values.length * stepMs;
  const lastDay = Math.ceil(end / DAY_MS);
  const first = Math.max(firstDay, lastDay - daysMax);
  const days = lastDay - first;
  const laid = new Float64Array(days * slots).fill(NaN);
  const offset = (from - first * DAY_MS) / stepMs;
  laid.set(offset >= 0 ? values : values.subarray(-offset), Math.max(0, offset));
  return { from: first * DAY_MS, stepMs, slots, days, values: laid };
}

/** Each day's median; NaN of a day of which less than half was heard. */
export function dayLevels({ values, slots, days }: DayGrid): Float64Array {
  return Float64Array.from({ length: days }, (_, day) => {
    const ofDay = values.subarray(day * slots, (day + 1) * slots);
    let heard = 0;
    for (const value of ofDay) if (value === value) heard++;
    return heard * 2 >= slots ? median(ofDay) : NaN;
  });
}

/** How each time of day differs from its day's level, in the middle of all days. A level that moves from day to day leaves no trace in it. */
export function dayShape({ values, slots, days }: DayGrid, levels: Float64Array): Float64Array {
  const apart = new Float64Array(days);
  return Float64Array.from({ length: slots }, (_, slot) => {
    let count = 0;
    for (let day = 0; day < days; day++) {
      const difference = values[day * slots + slot]! - levels[day]!;
      if (difference === difference) apart[count++] = difference;
    }
    return count === 0 ? 0 : medianInPlace(apart, count);
  });
}

/** How each day of the week differs from the seven days around it, Thursday (1970-01-01) first; zeros where less than three weeks tell. */
export function weekShape({ from }: Pick<DayGrid, "from">, levels: Float64Array): Float64Array {
  const first = from / DAY_MS;
  const byWeekday: number[][] = [[], [], [], [], [], [], []];
  for (let day = 3; day < levels.length - 3; day++) {
    const around = median(levels.subarray(day - 3, day + 4));
    const difference = levels[day]! - around;
    if (difference === difference) byWeekday[(((first + day) % 7) + 7) % 7]!.push(difference);
  }
  return Float64Array.from(byWeekday, (differences) => (differences.length < 3 ? 0 : median(differences)));
}
