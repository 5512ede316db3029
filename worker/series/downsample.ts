import type { SeriesColumn, SeriesColumns } from "../../contract/series.ts";
import type { SeriesKey } from "../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { GAP_AFTER_INTERVALS } from "../settings.ts";

/** A window as it was read: times ascending, one column of the same length per key. */
export interface Window {
  from: EpochMs;
  to: EpochMs;
  keys: readonly SeriesKey[];
  at: readonly EpochMs[];
  columns: readonly (readonly (number | null)[])[];
}

/**
 * A window → at most about `points` points. Few samples go out as they are, with a null row in every gap; many are merged
 * into steps of equal width with mean, min and max, a step without samples being null.
 */
export function downsample(window: Window, points: number, intervalMs: DurationMs): SeriesColumns {
  return window.at.length <= points ? asTheyAre(window, intervalMs) : merged(window, points, intervalMs);
}

function asTheyAre({ from, to, keys, at, columns }: Window, intervalMs: DurationMs): SeriesColumns {
  const gapMs = intervalMs * GAP_AFTER_INTERVALS;
  const times: EpochMs[] = [];
  const means: (number | null)[][] = keys.map(() => []);
  for (let row = 0; row < at.length; row++) {
    if (row > 0 && at[row]! - at[row - 1]! > gapMs) {
      times.push(Math.round((at[row]! + at[row - 1]!) / 2));
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
  // Never narrower than the interval: a step that can hold no sample would show a gap that is none.
  const stepMs = Math.max(Math.ceil((to - from) / points), intervalMs);
  const steps = Math.floor((to - from) / stepMs) + 1;
  const series: Record<SeriesKey, SeriesColumn> = {};
  keys.forEach((key, i) => (series[key] = mergeColumn(at, columns[i]!, from, stepMs, steps)));
  return { from, to, stepMs, at: Array.from({ length: steps }, (_, step) => from + step * stepMs), series };
}

function mergeColumn(
  at: readonly EpochMs[],
  values: readonly (number | null)[],
  from: EpochMs,
  stepMs: DurationMs,
  steps: number,
): Required<SeriesColumn> {
  const mean: (number | null)[] = Array(steps).fill(null);
  const min = [...mean];
  const max = [...mean];
  const count = new Uint32Array(steps);
  for (let row = 0; row < at.length; row++) {
    const value = values[row];
    if (value === null || value === undefined) continue;
    const step = Math.floor((at[row]! - from) / stepMs);
    count[step]!++;
    mean[step] = (mean[step] ?? 0) + (value - (mean[step] ?? 0)) / count[step]!;
    min[step] = Math.min(min[step] ?? value, value);
    max[step] = Math.max(max[step] ?? value, value);
  }
  return { mean, min, max };
}
