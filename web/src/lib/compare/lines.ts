import { SERIES_POINTS_MAX } from "../../../../contract/limits.ts";
import type { SeriesKey } from "../../../../contract/metric.ts";
import type { Comparison, SeriesColumns } from "../../../../contract/series.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { isCounter } from "../chart/chart-spec.ts";

/** An instance over the window. Null: nothing is known of it. */
export interface Figures {
  id: string;
  last: number | null;
  /** Null for a counter too: its mean says nothing. */
  mean: number | null;
  min: number | null;
  max: number | null;
}

export function figuresOf({ instances }: Comparison, ids: readonly string[], key: SeriesKey): Figures[] {
  return ids.map((id) => {
    const column = instances[id]?.series[key];
    const mean = numbers(column?.mean);
    return {
      id,
      last: mean.at(-1) ?? null,
      mean: mean.length === 0 || isCounter(key) ? null : mean.reduce((sum, value) => sum + value, 0) / mean.length,
      min: least(numbers(column?.min ?? column?.mean)),
      max: most(numbers(column?.max ?? column?.mean)),
    };
  });
}

/** One axis for all. Undefined: this instance has no point there, and its line goes on; null: a gap. */
export interface Lines {
  at: EpochMs[];
  values: (number | null | undefined)[][];
}

/**
 * Each instance has its own times. They are laid on a grid finer than any screen, so that fifty instances have thousands of
 * rows together and not a hundred thousand.
 */
export function linesOf({ instances }: Comparison, ids: readonly string[], key: SeriesKey): Lines {
  const replies = ids.map((id) => instances[id]);
  const gridMs = Math.max(1, ...replies.map((reply) => (reply ? (reply.to - reply.from) / SERIES_POINTS_MAX : 0)));
  const placed = replies.map((reply) => onGrid(reply, key, gridMs));
  const places = [...new Set(placed.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b);
  return {
    at: places.map((place) => place * gridMs),
    values: placed.map((points) => places.map((place) => points.get(place))),
  };
}

/** One instance's points by their place on the grid. */
function onGrid(reply: SeriesColumns | undefined, key: SeriesKey, gridMs: DurationMs): Map<number, number | null> {
  const points = new Map<number, number | null>();
  reply?.series[key]?.mean.forEach((value, index) => {
    const place = Math.floor(reply.at[index]! / gridMs);
    // A gap that falls onto the sample before it breaks the line behind that; a sample is always where it was measured.
    if (value === null && typeof points.get(place) === "number") points.set(place + 1, null);
    else points.set(place, value);
  });
  return points;
}

function numbers(column: readonly (number | null)[] = []): number[] {
  return column.filter((value) => value !== null);
}

// Not by spreading: a column may be longer than a call takes arguments.
const least = (values: number[]) => values.reduce<number | null>((low, v) => (low === null || v < low ? v : low), null);
const most = (values: number[]) => values.reduce<number | null>((top, v) => (top === null || v > top ? v : top), null);

export const FIGURE_KEYS = ["name", "last", "mean", "min", "max"] as const;
export type FigureKey = (typeof FIGURE_KEYS)[number];

/** Rows of the legend; what has no value comes last in either direction. */
export function sortedFigures<Row extends Figures & { name: string }>(
  rows: readonly Row[],
  by: FigureKey,
  isAscending: boolean,
): Row[] {
  const sign = isAscending ? 1 : -1;
  return rows.toSorted((a, b) => {
    if (by === "name") return sign * a.name.localeCompare(b.name, "en", { numeric: true });
    const [left, right] = [a[by], b[by]];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (left - right);
  });
}
