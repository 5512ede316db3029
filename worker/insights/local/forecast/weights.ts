import { between } from "./bands.ts";
import type { Method } from "./candidate.ts";
import { partOf, PARTS, type Past } from "./past.ts";

/** Twice as wrong counts 2 to the power of this less. */
const SHARPNESS = 16;
/** After so many times all origins what was found counts half. */
const HALVES = 1;
/** How far ahead makes a difference, but from few origins it cannot be told from chance: so many bands around have a say in each. */
const BANDS_AROUND = 3;
/** Before anything is known, as if each had been as wrong as the others, times its doubt, at so many origins. */
const UNKNOWN = 3;

/** What is said by all candidates together, the better ones more. */
export interface Together {
  /** Of the past, by origin, then step of the bands: each part of it with weights that were found in the other parts. */
  foretold: Float64Array;
  /** Of what is to come: each step up to the horizon. */
  ahead: Float64Array;
  /** What it builds on most. */
  method: Method;
}

/** Weighs every candidate by how wrong it was, band by band, and joins what they say. */
export function together(past: Past): Together {
  const { bands, origins, methods } = past;
  const errors = errorsOf(past);
  const steps = bands.steps.length;
  /** What differs from the first candidate is added to it: where all say the same, that is what comes out, to the last digit. */
  const ahead = past.ahead.slice(0, bands.horizon);
  const foretold = new Float64Array(origins.length * steps);
  let weights: Float64Array[] = [];
  let part = -1;
  for (let turn = 0; turn < origins.length; turn++) {
    if (partOf(turn, origins.length) !== part) {
      part = partOf(turn, origins.length);
      weights = weightsOf(past, errors, part);
    }
    for (let index = 0; index < steps; index++) {
      const first = past.foretold[turn * steps + index]!;
      let sum = 0;
      for (let candidate = 1; candidate < methods.length; candidate++) {
        const said = past.foretold[(candidate * origins.length + turn) * steps + index]!;
        sum += between(weights[candidate]!, bands, bands.steps[index]! - 1) * (said - first);
      }
      foretold[turn * steps + index] = first + sum;
    }
  }
  const shares: Record<Method, number> = { level: 0, trend: 0, hourly: 0, daily: 0, weekly: 0 };
  weights.forEach((ofBands, candidate) => {
    for (let step = 0; step < bands.horizon; step++) {
      const weight = between(ofBands, bands, step);
      ahead[step]! += weight * (past.ahead[candidate * bands.horizon + step]! - past.ahead[step]!);
      shares[methods[candidate]!] += weight;
    }
  });
  const method = (Object.keys(shares) as Method[]).reduce((most, one) => (shares[one] > shares[most] ? one : most));
  return { foretold, ahead, method };
}

/** How wrong each candidate was, by candidate, then origin, then band: the mean distance; NaN where nothing came. */
function errorsOf({ bands, origins, methods, foretold, came }: Past): Float64Array {
  const errors = new Float64Array(methods.length * origins.length * bands.count);
  const counts = new Int32Array(bands.count);
  const steps = bands.steps.length;
  for (let row = 0; row < methods.length * origins.length; row++) {
    const sums = errors.subarray(row * bands.count, (row + 1) * bands.count);
    const turn = row % origins.length;
    counts.fill(0);
    for (let index = 0; index < steps; index++) {
      const off = Math.abs(foretold[row * steps + index]! - came[turn * steps + index]!);
      if (Number.isNaN(off)) continue;
      sums[bands.bandOf[index]!]! += off;
      counts[bands.bandOf[index]!]!++;
    }
    for (let band = 0; band < bands.count; band++) sums[band]! /= counts[band]!;
  }
  return errors;
}

/** By candidate, then band; those of a band are 1 together. Errors of the part that is left out count nothing. */
function weightsOf({ bands, origins, methods, doubts }: Past, errors: Float64Array, leftOut: number): Float64Array[] {
  const decay = Math.pow(0.5, 1 / (HALVES * origins.length));
  const sums = methods.map(() => new Float64Array(bands.count));
  const counts = new Float64Array(bands.count);
  for (let turn = 0; turn < origins.length - 1; turn++) {
    if (leftOut !== PARTS && partOf(turn, origins.length) === leftOut) continue;
    for (let band = 0; band < bands.count; band++) {
      if (Number.isNaN(errors[turn * bands.count + band]!)) continue;
      counts[band] = counts[band]! * decay + 1;
      for (let candidate = 0; candidate < methods.length; candidate++) {
        const error = errors[(candidate * origins.length + turn) * bands.count + band]!;
        sums[candidate]![band] = sums[candidate]![band]! * decay + error;
      }
    }
  }
  const means = counts.map((count, band) => {
    return count > 0 ? sums.reduce((sum, ofBands) => sum + ofBands[band]!, 0) / methods.length / count : 0;
  });
  const nearness = counts.map((_, apart) => Math.exp(-apart / BANDS_AROUND));
  const weights = methods.map(() => new Float64Array(bands.count));
  methods.forEach((_, candidate) => {
    const ofBands = sums[candidate]!;
    for (let band = 0; band < bands.count; band++) {
      let [wrong, known] = [UNKNOWN * doubts[candidate]!, UNKNOWN];
      for (let other = 0; other < bands.count; other++) {
        if (means[other] === 0) continue;
        const near = nearness[Math.abs(other - band)]!;
        wrong += (near * ofBands[other]!) / means[other]!;
        known += near * counts[other]!;
      }
      weights[candidate]![band] = Math.pow(wrong / known, -SHARPNESS);
    }
  });
  for (let band = 0; band < bands.count; band++) {
    const all = weights.reduce((sum, ofBands) => sum + ofBands[band]!, 0);
    for (const ofBands of weights) ofBands[band]! /= all;
  }
  return weights;
}
