import type { SeriesColumn, SeriesColumns } from "../../contract/series.ts";
import type { SeriesKey } from "../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { gapsBefore } from "./gap.ts";

/** A window as it was read: times ascending, one column of the same length per key. */
export interface Window {
  from: EpochMs;
  to: EpochMs;
  keys: readonly SeriesKey[];
  at: readonly EpochMs[];
  columns: readonly (readonly (number | null)[])[];
}

/**
 * A window → at most about `points` points and a row of nulls in every gap. Few samples go out as they are; many are merged
 * into steps of equal width with mean, min and max, a step without samples being left out.
 */
export function downsample(window: Window, points: number, intervalMs: DurationMs): SeriesColumns {
  return window.at.length <= points ? asTheyAre(window, intervalMs) : merged(window, points, intervalMs);
}

function asTheyAre({ from, to, keys, at, columns }: Window, intervalMs: DurationMs): SeriesColumns {
  const isGap = gapsBefore(at, intervalMs);
  const times: EpochMs[] = [];
  const means: (number | null)[][] = keys.map(() => []);
  for (let row = 0; row < at.length; row++) {
    if (isGap[row]) {
      times.push(between(at[row - 1]!, at[row]!));
      for (const mean of means) mean.push(null);
    }
    times.push(at[row]!);
    means.forEach((mean, key) => mean.push(columns[key]![row]!));
  }
  return {
    from,
    to,
    stepMs: 0,
    at: times,
    series: Object.fromEntries(keys.map((key, i) => [key, { mean: means[i]! }])),
  };
}

function merged({ from, to, keys, at, columns }: Window, points: number, intervalMs: DurationMs): SeriesColumns {
  const stepMs = Math.max(Math.ceil((to - from) / points), intervalMs);
  const isGap = gapsBefore(at, intervalMs);
  const stepOf = (row: number) => Math.floor((at[row]! - from) / stepMs);
  const times: EpochMs[] = [];
  /** Where in `times` each sample goes. */
  const pointOf: number[] = [];
  for (let row = 0; row < at.length; row++) {
    const isNew = row === 0 || stepOf(row) !== stepOf(row - 1);
    const start = from + stepOf(row) * stepMs;
    // A gap within one step is narrower than a point.
    if (isNew && isGap[row]) times.push(between(times.at(-1)!, start));
    if (isNew) times.push(start);
    pointOf.push(times.length - 1);
  }
  const series: Record<SeriesKey, SeriesColumn> = {};
  keys.forEach((key, i) => (series[key] = mergeColumn(columns[i]!, pointOf, times.length)));
  return { from, to, stepMs, at: times, series };
}

function mergeColumn(
  values: readonly (number | null)[],
  pointOf: readonly number[],
  points: number,
): Required<SeriesColumn> {
  const mean: (number | null)[] = Array(points).fill(null);
  const min = [...mean];
  const max = [...mean];
  const count = new Uint32Array(points);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === null || value === undefined) continue;
    const point = pointOf[row]!;
    count[point]!++;
    mean[point] = (mean[point] ?? 0) + (value - (mean[point] ?? 0)) / count[point]!;
    min[point] = Math.min(min[point] ?? value, value);
    max[point] = Math.max(max[point] ?? value, value);
  }
  return { mean, min, max };
}

function between(before: EpochMs, after: EpochMs): EpochMs {
  return Math.round((before + after) / 2);
}
