import { definitionOf, metricOf } from "../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { PointColumns, Points } from "./block/points.ts";
import type { SampleColumns } from "./block/samples.ts";
import { unpackKey } from "./packed.ts";

/**
 * Samples → points of `stepMs`. A point stands at the beginning of its step, and there is none where there was no sample: a gap
 * stays a gap. The mean is over the readings there were; of a counter the last one stands in its place, since after a reboot it
 * begins anew and a mean across that would be of nothing.
 */
export function roll(columns: SampleColumns, stepMs: DurationMs): PointColumns {
  const rolled: PointColumns = { at: [], samples: [], series: new Map() };
  const pointOf: number[] = [];
  for (const at of columns.at) {
    const start = startOf(at, stepMs);
    if (rolled.at.at(-1) !== start) {
      rolled.at.push(start);
      rolled.samples.push(0);
    }
    const point = rolled.at.length - 1;
    rolled.samples[point]!++;
    pointOf.push(point);
  }
  for (const [key, values] of columns.series) {
    const definition = definitionOf(metricOf(unpackKey(key)));
    if (definition?.isRawOnly) continue;
    rolled.series.set(key, rollSeries(values, pointOf, rolled.at.length, definition?.isCounter === true));
  }
  return rolled;
}

function rollSeries(
  values: readonly (number | null)[],
  pointOf: readonly number[],
  points: number,
  isCounter: boolean,
) {
  const rolled = emptyPoints(points);
  values.forEach((value, row) => {
    if (value === null) return;
    const point = pointOf[row]!;
    const count = (rolled.count[point] ?? 0) + 1;
    const mean = rolled.mean[point] ?? 0;
    rolled.count[point] = count;
    rolled.mean[point] = isCounter ? value : mean + (value - mean) / count;
    rolled.min[point] = Math.min(rolled.min[point] ?? value, value);
    rolled.max[point] = Math.max(rolled.max[point] ?? value, value);
  });
  return rolled;
}

/** Old points, with what was made anew for these times in their place. */
export function replacePoints(
  old: PointColumns,
  isReplaced: (at: EpochMs) => boolean,
  made: PointColumns,
): PointColumns {
  const kept = old.at.map((at, row) => ({ at, from: old, row })).filter(({ at }) => !isReplaced(at));
  const rows = [...kept, ...made.at.map((at, row) => ({ at, from: made, row }))].sort((a, b) => a.at - b.at);
  const merged: PointColumns = { at: [], samples: [], series: new Map() };
  const keys = new Set([...old.series.keys(), ...made.series.keys()]);
  for (const { at, from, row } of rows) {
    merged.at.push(at);
    merged.samples.push(from.samples[row]!);
  }
  for (const key of keys) {
    const points = emptyPoints(rows.length);
    let hasAny = false;
    rows.forEach(({ from, row }, index) => {
      const source = from.series.get(key);
      if (!source || source.mean[row] === null || source.mean[row] === undefined) return;
      hasAny = true;
      for (const field of ["count", "mean", "min", "max"] as const) points[field][index] = source[field][row]!;
    });
    if (hasAny) merged.series.set(key, points);
  }
  return merged;
}

export function emptyPoints(points: number): Points {
  const nulls = () => Array<number | null>(points).fill(null);
  return { count: nulls(), mean: nulls(), min: nulls(), max: nulls() };
}

export function startOf(at: EpochMs, stepMs: DurationMs): EpochMs {
  return Math.floor(at / stepMs) * stepMs;
}
