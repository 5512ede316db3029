import type { EpochMs } from "../../contract/units.ts";
import type { Point } from "./filling.ts";

/** Theil and Sen: the median of the slopes between all pairs of points, which no few wild readings can move; and Sen's interval about it (1968, by Kendall's variance). */
export interface Slopes {
  /** Per millisecond. */
  middle: number;
  /** The true slope is between these in 95 of 100 cases, where the noise has no pattern. */
  least: number;
  most: number;
}

/** Two-sided 95 %, of the normal distribution. */
const Z = 1.96;

/** Of at least two points at different times. Takes time with the square of their number: thin them first. */
export function slopesOf(points: readonly Point[]): Slopes {
  const count = points.length;
  const slopes = new Float64Array((count * (count - 1)) / 2);
  let pairs = 0;
  for (let i = 0; i < count; i++) {
    const { at, value } = points[i]!;
    for (let j = i + 1; j < count; j++) {
      const other = points[j]!;
      if (other.at !== at) slopes[pairs++] = (other.value - value) / (other.at - at);
    }
  }
  const sorted = slopes.subarray(0, pairs).sort();
  const spread = Z * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
  const nth = (rank: number) => sorted[Math.min(pairs - 1, Math.max(0, rank))]!;
  return {
    middle: (nth(Math.floor((pairs - 1) / 2)) + nth(Math.ceil((pairs - 1) / 2))) / 2,
    least: nth(Math.floor((pairs - spread) / 2) - 1),
    most: nth(Math.ceil((pairs + spread) / 2)),
  };
}

/** Where a line of this slope through the middle of the points is at a moment. */
export function levelAt(points: readonly Point[], slope: number, at: EpochMs): number {
  return median(points.map((point) => point.value + slope * (at - point.at)));
}

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
