import type { Point } from "../../../alerts/filling.ts";
import { levelAt, median, slopesOf } from "../../../alerts/slope.ts";

/** How something grows, seen from a place of its series. Time is counted in steps. */
export interface Growth {
  /** Where it is at the last step before that place, and by how much it grows with each. */
  level: number;
  slope: number;
  /** The true slope is between these in 95 of 100 cases, where the noise has no pattern. */
  least: number;
  most: number;
  /** How far its level lies from the line as a rule, and how far 95 of 100 readings lie at most. */
  spread: number;
  noise: number;
  /** Since which place it has gone like that. */
  from: number;
}

/** Under so many steps nothing grows for certain. */
export const STEPS_MIN = 12;
/** Slopes between all pairs of so many are some 800. */
const CELLS = 40;
/** The shares at the end that must go as the whole does, and the fewest points that can. */
const END_SHARES = [0.2, 0.1];
const END_MIN = 5;
/** Where an end goes otherwise, something has begun or ended: so much of it is looked at next. */
const SHORTER = 0.7;
const MOST_READINGS = 0.97;

/**
 * How the values from `start` on grow, by those before `place`: by the longest end of them that is one line and has come higher than all
 * before it. Null where they do not grow for certain.
 */
export function growthAt(values: Float64Array, start: number, place: number): Growth | null {
  let highest = -Infinity;
  for (let from = start; place - from >= STEPS_MIN;) {
    const points = cellsOf(values, from, place);
    if (points.length < END_MIN) return null;
    const { middle: slope, least, most } = slopesOf(points);
    const ends = END_SHARES.map((share) => points.slice(-Math.max(END_MIN, Math.ceil(points.length * share))));
    const isOneLine = ends.map(slopesOf).every((end) => end.most >= least && end.least <= most);
    if (isOneLine) {
      const level = levelAt(ends[0]!, slope, place - 1);
      if (least <= 0 || level <= highest) return null;
      const offLine = ({ at, value }: Point) => Math.abs(value - level - slope * (at - place + 1));
      const readings = values.slice(from, place).map((value, index) => offLine({ at: from + index, value }));
      const noise = heardOf(readings);
      return {
        level,
        slope,
        least,
        most,
        spread: median(points.map(offLine)),
        noise: noise[Math.floor(MOST_READINGS * (noise.length - 1))]!,
        from,
      };
    }
    const next = Math.max(from + 1, place - Math.floor((place - from) * SHORTER));
    for (const { at, value } of points) if (at < next) highest = Math.max(highest, value);
    from = next;
  }
  return null;
}

/** The median of what was heard from one place to before another; NaN where nothing was. */
export function levelBetween(values: Float64Array, from: number, end: number): number {
  const heard = heardOf(values.subarray(from, end));
  return (heard[(heard.length - 1) >> 1]! + heard[heard.length >> 1]!) / 2;
}

/** Medians of as many neighbours as it takes to come to few points. */
function cellsOf(values: Float64Array, from: number, place: number): Point[] {
  const points: Point[] = [];
  const size = Math.ceil((place - from) / CELLS);
  for (let end = place; end > from; end -= size) {
    const first = Math.max(from, end - size);
    const value = levelBetween(values, first, end);
    if (!Number.isNaN(value)) points.push({ at: (first + end - 1) / 2, value });
  }
  return points.reverse();
}

function heardOf(values: Float64Array): Float64Array {
  return values.filter((value) => !Number.isNaN(value)).sort();
}
