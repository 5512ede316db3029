import type { EpochMs } from "../../contract/units.ts";
import { median } from "./slope.ts";

/** One reading of something that fills. */
export interface Point {
  at: EpochMs;
  value: number;
}

/** Slopes between all pairs of so many are some 7,000, a fraction of a millisecond. */
const THINNED_MAX = 120;
/** Of full. What falls by more was cleaned up; by less it is noise. */
const DROP = 0.05;

/** Medians of as many neighbours as it takes to come to few points: they keep edges and lose wild readings. */
export function thinned(points: readonly Point[]): readonly Point[] {
  const each = Math.ceil(points.length / THINNED_MAX);
  if (each <= 1) return points;
  const few: Point[] = [];
  for (let start = 0; start < points.length; start += each) {
    const some = points.slice(start, start + each);
    few.push({ at: median(some.map(({ at }) => at)), value: median(some.map(({ value }) => value)) });
  }
  return few;
}

/** The points since the last big drop, and when there were such drops, oldest first. */
export function sinceLastDrop(
  points: readonly Point[],
  fullAt: number,
): { filling: readonly Point[]; drops: readonly EpochMs[] } {
  let filling = withoutLoneEnd(points, DROP * fullAt);
  let drops: readonly EpochMs[] = [];
  // What is left is seen more closely each time, until no drop is in it.
  for (;;) {
    const found = dropsIn(thinned(filling), DROP * fullAt);
    if (found.length === 0) return { filling, drops };
    drops = drops.length === 0 ? found : [...drops.slice(0, -1), found.at(-1)!];
    filling = filling.filter(({ at }) => at >= found.at(-1)!);
  }
}

/** Of a last reading that lies far below all else only the next can tell whether it was cleaned up, or is wild. */
function withoutLoneEnd(points: readonly Point[], drop: number): readonly Point[] {
  const [before, last] = points.slice(-2);
  return before && last && last.value < before.value - drop ? points.slice(0, -1) : points;
}

function dropsIn(points: readonly Point[], drop: number): EpochMs[] {
  const drops: EpochMs[] = [];
  let peak = -Infinity;
  for (let index = 0; index < points.length; index++) {
    const { at } = points[index]!;
    const value = withoutSpike(points, index);
    if (value < peak - drop) {
      drops.push(at);
      peak = value;
    } else peak = Math.max(peak, value);
  }
  return drops;
}

/** The middle one of three: one reading that stands out alone is no edge. */
function withoutSpike(points: readonly Point[], index: number): number {
  const before = points[index - 1]?.value;
  const value = points[index]!.value;
  const after = points[index + 1]?.value;
  if (before === undefined || after === undefined) return value;
  return Math.max(Math.min(before, value), Math.min(Math.max(before, value), after));
}

/** When the next drop is due, where it drops again and again: after the longest pause there was between two. Null under two drops. */
export function teethOf(drops: readonly EpochMs[]): EpochMs | null {
  if (drops.length < 2) return null;
  let longest = 0;
  for (let index = 1; index < drops.length; index++) longest = Math.max(longest, drops[index]! - drops[index - 1]!);
  return drops.at(-1)! + longest;
}
