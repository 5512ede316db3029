import type { SeriesKey } from "../../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import { endOf, stepAt, type EvenSeries } from "./even-series.ts";
import { quantile, sorted } from "./order.ts";

/** How much of something was used over some days. */
export interface Used {
  /** In 19 of 20 steps it was not more than this. */
  most: number;
  /** In 199 of 200. */
  peak: number;
  middle: number;
  /** The share of the time that tells. */
  heard: number;
}

/** The use in the days up to `now`; null where the series is not known, or does not reach back so far. */
export function usedOver(
  hourly: ReadonlyMap<SeriesKey, EvenSeries>,
  key: SeriesKey,
  overMs: DurationMs,
  now: EpochMs,
): Used | null {
  const series = hourly.get(key);
  if (!series || endOf(series) < now - overMs) return null;
  const first = Math.max(0, Math.ceil((now - overMs - series.from) / series.stepMs));
  const order = sorted(series.values.subarray(first));
  if (order.length === 0) return null;
  return {
    most: quantile(order, 0.95),
    peak: quantile(order, 0.995),
    middle: quantile(order, 0.5),
    heard: (order.length * series.stepMs) / overMs,
  };
}

/** The end of the last step in which any of these was heard; null where none ever was. */
export function lastHeardAt(hourly: ReadonlyMap<SeriesKey, EvenSeries>): EpochMs | null {
  let last: EpochMs | null = null;
  for (const series of hourly.values()) {
    const place = series.values.findLastIndex((value) => value === value);
    if (place >= 0) last = Math.max(last ?? 0, stepAt(series, place + 1));
  }
  return last;
}
