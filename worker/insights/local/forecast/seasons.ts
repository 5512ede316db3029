import { Caution, middleOf, startOf, type Candidate, type Method } from "./candidate.ts";

/** How a season usually goes: what is expected at each of its steps. */
interface Shape {
  at(phase: number): number;
  /** A reading, and what of it is believed. */
  learn(phase: number, value: number, believed: number): void;
  /** How many usual surprises are believed; the shape's own caution counts. */
  believes: number;
}

/** Exactly as it was a season ago. */
export function repeated(period: number, method: Method): Candidate {
  const before = new Float64Array(period).fill(Number.NaN);
  return {
    method,
    doubt: 1,
    hear: (value, place) => void (before[place % period] = value),
    foretell(place, steps, into) {
      for (let index = 0; index < steps.length; index++) into[index] = before[(place + steps[index]! - 1) % period]!;
    },
  };
}

/** Of a new reading in a shape that is smoothed, once there are enough seasons to. */
const SHAPE_WEIGHT = 0.15;
const SHAPE_WEIGHT_WEEK = 0.3;

/** Each step of the season smoothed exponentially from season to season. */
export function smoothShape(period: number, method: Method): Shape {
  const levels = new Float64Array(period).fill(Number.NaN);
  const seen = new Int32Array(period);
  const least = method === "weekly" ? SHAPE_WEIGHT_WEEK : SHAPE_WEIGHT;
  return {
    believes: 4,
    at: (phase) => levels[phase]!,
    learn(phase, _value, believed) {
      const count = ++seen[phase]!;
      levels[phase] =
        count === 1 ? believed : levels[phase]! + Math.max(least, 1 / count) * (believed - levels[phase]!);
    },
  };
}

const REMEMBERED = 7;

/** The median of the last seven readings at the same step of the season. */
export function medianShape(period: number): Shape {
  const readings = new Float64Array(period * REMEMBERED);
  const seen = new Int32Array(period);
  const middles = new Float64Array(period).fill(Number.NaN);
  return {
    believes: 1,
    at: (phase) => middles[phase]!,
    learn(phase, value) {
      const start = phase * REMEMBERED;
      readings[start + (seen[phase]!++ % REMEMBERED)] = value;
      middles[phase] = middleOf(readings.slice(start, start + Math.min(seen[phase]!, REMEMBERED)));
    },
  };
}

const CAUTION_RATE = 0.05;
const FAST_WEIGHT = 0.4;
/** Of a season: after so much of it half of a passing deviation is gone. */
const FAST_GONE = 1 / 12;
/** So many of them to a season, for how many steps around are looked at together. */
const NEIGHBOURS = 48;

/**
 * The usual shape of a season, and how far off it everything has been lately: a deviation that passes, and one that lasts. With
 * `isEven` a step's neighbours have a say in it.
 */
export function usualSeason(
  values: Float64Array,
  period: number,
  shape: Shape,
  { method, isEven }: { method: Method; isEven: boolean },
): Candidate {
  const caution = new Caution(startOf(values).usual, CAUTION_RATE, shape.believes);
  const reach = isEven ? Math.max(1, Math.round(perDay(period, method) / NEIGHBOURS)) : 0;
  const slowWeight = 1 - Math.pow(0.5, 2 / perDay(period, method));
  const kept = Math.pow(0.5, 1 / Math.max(1, perDay(period, method) * FAST_GONE));
  let passing = 0;
  let lasting = 0;
  const usual = (phase: number): number => {
    if (reach === 0) return shape.at(phase);
    let sum = 0;
    let weights = 0;
    for (let by = -reach; by <= reach; by++) {
      const level = shape.at((phase + by + period) % period);
      if (Number.isNaN(level)) continue;
      sum += (reach + 1 - Math.abs(by)) * level;
      weights += reach + 1 - Math.abs(by);
    }
    return sum / weights;
  };
  return {
    method,
    doubt: 1,
    hear(value, place) {
      const phase = place % period;
      const level = shape.at(phase);
      if (Number.isNaN(level)) return shape.learn(phase, value, value);
      const believed = caution.believed(value - level - lasting - passing);
      shape.learn(phase, value, level + lasting + passing + believed);
      lasting += slowWeight * (passing + believed);
      passing += FAST_WEIGHT * believed;
    },
    foretell(place, steps, into) {
      for (let index = 0; index < steps.length; index++) {
        const ahead = steps[index]!;
        into[index] = usual((place + ahead - 1) % period) + lasting + passing * Math.pow(kept, ahead);
      }
    },
  };
}

function perDay(period: number, method: Method): number {
  return method === "weekly" ? period / 7 : period;
}
