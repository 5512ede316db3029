import type { Band } from "../../../contract/insights.ts";
import { atPrecision, metricOf, rangeOf, type SeriesKey } from "../../../contract/metric.ts";
import type { DurationMs } from "../../../contract/units.ts";
import type { EvenSeries } from "./even-series.ts";
import { foretell, isOutlook } from "./forecast/outlook.ts";

/** A chart shows so much of what comes. */
const BAND_MS: DurationMs = 7 * 86_400_000;

/** Where each series of a machine leads over the next week, at the precision its metric is worth; those that nothing can be said of are absent. */
export function bandsOf(hourly: ReadonlyMap<SeriesKey, EvenSeries>): Record<SeriesKey, Band> {
  const bands: Record<SeriesKey, Band> = {};
  for (const [key, series] of hourly) {
    const metric = metricOf(key);
    const [least, most] = rangeOf(metric);
    const outlook = foretell(series, { horizonSteps: Math.ceil(BAND_MS / series.stepMs), range: { least, most } });
    if (!isOutlook(outlook) || outlook.middle.length === 0) continue;
    const steps = (values: Float64Array): (number | null)[] =>
      Array.from(values, (value) => (Number.isFinite(value) ? atPrecision(metric, value) : null));
    bands[key] = {
      from: outlook.from,
      stepMs: outlook.stepMs,
      middle: steps(outlook.middle),
      lower: steps(outlook.lower),
      upper: steps(outlook.upper),
    };
  }
  return bands;
}
