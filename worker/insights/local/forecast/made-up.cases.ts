import type { EvenSeries } from "../even-series.ts";

export const HOUR = 3_600_000;
export const DAY_HOURS = 24;
const FROM = 1_780_000_000_000 - (1_780_000_000_000 % HOUR);

/** So many hours of a made-up metric. */
export function hourly(hours: number, valueAt: (hour: number) => number): EvenSeries {
  return { from: FROM, stepMs: HOUR, values: Float64Array.from({ length: hours }, (_, hour) => valueAt(hour)) };
}

/** Of a normal distribution, near enough: the sum of twelve. */
export function noise(chance: { next(): number }, spread: number): number {
  let sum = -6;
  for (let count = 0; count < 12; count++) sum += chance.next();
  return sum * spread;
}

/** What of a series was known at a place, and what came in the steps after. */
export function cut({ from, stepMs, values }: EvenSeries, place: number): { known: EvenSeries; came: Float64Array } {
  return { known: { from, stepMs, values: values.slice(0, place) }, came: values.slice(place) };
}
