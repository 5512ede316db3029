import type { Sample } from "../contract/ingest.ts";
import { SERIES_PER_SAMPLE_MAX } from "../contract/limits.ts";
import { atPrecision, metricOf, parseSeriesKey, rangeOf, type Readings } from "../contract/metric.ts";
import type { EpochMs } from "../contract/units.ts";

/**
 * Everything collected at one moment as one sample the wire takes: a single bad value would have the whole sample refused,
 * so what is undefined, not finite or outside its metric's range is left out; digits that are noise go too. Where there are too many, those of the whole
 * machine go before those of single devices.
 */
export function sampleOf(seq: number, at: EpochMs, collected: Record<string, number | undefined>): Sample {
  const entries = Object.entries(collected).filter(isReading);
  if (entries.length > SERIES_PER_SAMPLE_MAX)
    entries.sort(([a], [b]) => Number(a.includes(":")) - Number(b.includes(":")));
  const metrics: Readings = {};
  for (const [key, value] of entries.slice(0, SERIES_PER_SAMPLE_MAX)) metrics[key] = atPrecision(metricOf(key), value);
  return { seq, at, metrics };
}

function isReading(entry: [string, number | undefined]): entry is [string, number] {
  const [key, value] = entry;
  const parsed = parseSeriesKey(key);
  if (!parsed || value === undefined || !Number.isFinite(value)) return false;
  const [min, max] = rangeOf(parsed.metric);
  return value >= min && value <= max;
}
