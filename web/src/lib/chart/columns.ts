import type { SeriesKey } from "../../../../contract/metric.ts";
import type { SeriesColumn, SeriesColumns } from "../../../../contract/series.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { coarser, type Resolution } from "./resolution.ts";

/** What one chart draws: a shared time axis and a column per line. Arrays grow in place, since a sample comes every second. */
export interface ChartData {
  at: EpochMs[];
  lines: Required<SeriesColumn>[];
}

/** The columns of these keys; a key the reply does not hold is a gap throughout. */
export function chartDataOf(columns: SeriesColumns, keys: readonly SeriesKey[]): ChartData {
  const lines = keys.map((key) => {
    const column = columns.series[key];
    const mean = column ? [...column.mean] : columns.at.map(() => null);
    return { mean, min: [...(column?.min ?? mean)], max: [...(column?.max ?? mean)] };
  });
  return { at: [...columns.at], lines };
}

/** Drops what lies before the window, but keeps one point outside of it, so that the line reaches the edge. */
export function trimBefore(data: ChartData, from: EpochMs): void {
  let count = 0;
  while (count + 1 < data.at.length && data.at[count + 1]! < from) count += 1;
  if (count === 0) return;
  data.at.splice(0, count);
  for (const { mean, min, max } of data.lines) for (const column of [mean, min, max]) column.splice(0, count);
}

/** Each line on top of the ones before it. Where one is not known, neither is the height of those above. */
export function stacked(lines: readonly SeriesColumn[]): (number | null)[][] {
  const sums: (number | null)[][] = [];
  for (const { mean } of lines) {
    const below = sums.at(-1);
    sums.push(mean.map((value, row) => sumOf(value, below ? below[row] : 0)));
  }
  return sums;
}

function sumOf(value: number | null, below: number | null | undefined): number | null {
  return value === null || below === null || below === undefined ? null : value + below;
}

/** Several replies about one window as one. A sample may have arrived between them, so their axes can differ. */
export function mergeColumns(replies: readonly SeriesColumns[]): SeriesColumns {
  const [first, ...others] = replies;
  if (!first) throw new Error("nothing to merge");
  const resolution = replies.reduce<Resolution>(coarser, first);
  if (others.every(({ at }) => isSame(at, first.at))) {
    return { ...first, ...resolution, series: Object.assign({}, ...replies.map(({ series }) => series)) };
  }
  const at = [...new Set(replies.flatMap((reply) => reply.at))].sort((a, b) => a - b);
  const rowOf = new Map(at.map((time, row) => [time, row]));
  const series: SeriesColumns["series"] = {};
  for (const reply of replies) {
    const spread = (column: (number | null)[]) => {
      const wide: (number | null)[] = at.map(() => null);
      column.forEach((value, row) => (wide[rowOf.get(reply.at[row]!)!] = value));
      return wide;
    };
    for (const [key, { mean, min, max }] of Object.entries(reply.series)) {
      series[key] = { mean: spread(mean), ...(min ? { min: spread(min) } : {}), ...(max ? { max: spread(max) } : {}) };
    }
  }
  return { ...first, ...resolution, at, series };
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
