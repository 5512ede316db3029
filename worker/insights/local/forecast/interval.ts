import type { Bands } from "./bands.ts";
import { partOf, PARTS } from "./past.ts";

/** Of what comes, so much is to lie within. */
export const WITHIN = 0.95;
/** With fewer distances in a band those of the bands before it hold. */
const DISTANCES_MIN = 20;
/** How much of a bound is that of its own side; the rest is the same on both, for what has never happened may yet. */
const OWN_SIDE = 0.5;
/** How much narrower or wider the other parts of the past may make it. */
const NARROWER = 0.8;
const WIDER = 3;

/** How far from what was foretold 95 of 100 readings lie. */
export interface Intervals {
  /** By band: at or below zero, and at or above; neither comes nearer with further bands. In units of what an origin is unsettled. */
  below: Float64Array;
  above: Float64Array;
  /** Of the past's readings, so many were within intervals that were made without them, 0 to 1. */
  coverage: number;
}

/** What came, less what was foretold, over how unsettled it was then; by origin, then step of the bands. */
export interface Distances {
  bands: Bands;
  origins: number;
  values: Float64Array;
}

/**
 * Intervals from the series' own past errors (split conformal prediction, after Vovk): by band, as far as they lay there. Then they are
 * held against each part of the past as made from the other parts, and widened by what it takes to hold 95 of 100 readings there.
 */
export function intervalsOf(distances: Distances): Intervals {
  const scores = Array.from({ length: PARTS }, (_, part) => scoresOf(distances, part));
  const factorOf = (some: readonly Float64Array[]): number => {
    const count = some.reduce((sum, ofPart) => sum + ofPart.length, 0);
    return count < DISTANCES_MIN ? 1 : Math.max(NARROWER, Math.min(WIDER, nearTop(some, (1 - WITHIN) * (count - 1))));
  };
  let within = 0;
  let count = 0;
  scores.forEach((ofPart, part) => {
    const factor = factorOf(scores.filter((_, other) => other !== part));
    for (const score of ofPart) if (score <= factor) within++;
    count += ofPart.length;
  });
  const factor = factorOf(scores);
  const { below, above, furthest } = boundsOf(distances, PARTS);
  return {
    below: below.map((bound, band) => Math.max(bound * factor, Math.min(bound, -furthest[band]!))),
    above: above.map((bound, band) => Math.min(bound * factor, Math.max(bound, furthest[band]!))),
    coverage: count > 0 ? within / count : 0,
  };
}

/** By how much the bounds that the other parts would give would have to be stretched to hold each reading of this part; in order. */
function scoresOf(distances: Distances, part: number): Float64Array {
  const { below, above } = boundsOf(distances, part);
  const { bands, origins, values } = distances;
  const scores: number[] = [];
  for (let turn = 0; turn < origins - 1; turn++) {
    if (partOf(turn, origins) !== part) continue;
    for (let index = 0; index < bands.steps.length; index++) {
      const off = values[turn * bands.steps.length + index]!;
      if (Number.isNaN(off)) continue;
      const bound = off > 0 ? above[bands.bandOf[index]!]! : below[bands.bandOf[index]!]!;
      scores.push(off === 0 ? 0 : bound === 0 ? Infinity : off / bound);
    }
  }
  return Float64Array.from(scores).sort();
}

/** The bounds by band, without one part of the past. What is seen from one origin is about one sight: so few of them count as few. */
function boundsOf(
  { bands, origins, values }: Distances,
  leftOut: number,
): { below: Float64Array; above: Float64Array; furthest: Float64Array } {
  const below = new Float64Array(bands.count);
  const above = new Float64Array(bands.count);
  const some = new Float64Array(origins * bands.steps.length);
  const furthest = new Float64Array(bands.count);
  let [least, most, away] = [0, 0, 0];
  for (let band = 0, first = 0; band < bands.count; band++) {
    let end = first;
    while (end < bands.steps.length && bands.bandOf[end] === band) end++;
    let count = 0;
    for (let turn = 0; turn < origins - 1; turn++) {
      if (leftOut !== PARTS && partOf(turn, origins) === leftOut) continue;
      for (let index = first; index < end; index++) {
        const off = values[turn * bands.steps.length + index]!;
        if (!Number.isNaN(off)) some[count++] = off;
      }
    }
    if (count >= DISTANCES_MIN) {
      const share = Math.min(1, WITHIN * (1 + (end - first) / count));
      const sorted = some.subarray(0, count).sort();
      const low = quantile(sorted, (1 - share) / 2);
      const high = quantile(sorted, (1 + share) / 2);
      const either = nearTop(
        [sorted.subarray(0, zeroIn(sorted)).map(Math.abs).reverse(), sorted.subarray(zeroIn(sorted))],
        (1 - share) * (count - 1),
      );
      away = Math.max(away, -sorted[0]!, sorted.at(-1)!);
      least = Math.min(least, OWN_SIDE * low - (1 - OWN_SIDE) * either);
      most = Math.max(most, OWN_SIDE * high + (1 - OWN_SIDE) * either);
    }
    below[band] = least;
    above[band] = most;
    furthest[band] = away;
    first = end;
  }
  return { below, above, furthest };
}

/** Of sorted values, at least one of them. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const before = sorted[Math.floor(at)]!;
  const after = sorted[Math.ceil(at)]!;
  return before === after ? before : before + (at - Math.floor(at)) * (after - before);
}

/** Of some sorted lists together, the value that lies so many places from the top; between two places, between their values. */
function nearTop(lists: readonly Float64Array[], places: number): number {
  const ends = lists.map((list) => list.length - 1);
  let [above, found] = [Infinity, Infinity];
  for (let place = 0; place <= Math.ceil(places); place++) {
    let from = -1;
    for (let list = 0; list < lists.length; list++) {
      if (ends[list]! >= 0 && (from < 0 || lists[list]![ends[list]!]! > lists[from]![ends[from]!]!)) from = list;
    }
    above = found;
    found = lists[from]![ends[from]!--]!;
  }
  const share = Math.ceil(places) - places;
  return above === found || share === 0 ? found : found + share * (above - found);
}

/** The first place whose value is not below zero. */
function zeroIn(sorted: Float64Array): number {
  let place = 0;
  while (place < sorted.length && sorted[place]! < 0) place++;
  return place;
}
