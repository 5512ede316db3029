import type { Candidate, Method } from "./candidate.ts";
import { bandsTo, type Bands } from "./bands.ts";

/** The series is foretold from so many places of its own past. */
const ORIGINS_MAX = 48;
/** Before the first of them so much must have been heard: a share of the whole, and steps. */
const FIRST_SHARE = 0.3;
const FIRST_STEPS = 12;
/** What is learnt from the past is judged on a part of it that it was not learnt from: one of so many. */
export const PARTS = 4;

/** What every candidate would have said at many places of the past, and what came. */
export interface Past {
  bands: Bands;
  /** From which places was foretold, oldest first; the last one is the end of the series, of which nothing is known yet. */
  origins: readonly number[];
  methods: readonly Method[];
  doubts: readonly number[];
  /** By candidate, then origin, then step of the bands. */
  foretold: Float64Array;
  /** What came, by origin, then step; NaN where it was not heard, or not yet. */
  came: Float64Array;
  /** What every candidate says now, by candidate, then each step up to the horizon. */
  ahead: Float64Array;
}

/** Walks every candidate along the series, once. What one cannot tell is taken to stay as it is. */
export function lookBack(values: Float64Array, candidates: readonly Candidate[], horizon: number, from: number): Past {
  const bands = bandsTo(horizon);
  const origins = originsOf(values.length, from);
  const steps = bands.steps.length;
  const foretold = new Float64Array(candidates.length * origins.length * steps);
  const ahead = new Float64Array(candidates.length * horizon);
  const everyStep = Int32Array.from({ length: horizon }, (_, index) => index + 1);
  candidates.forEach((candidate, index) => {
    let place = 0;
    let last = Number.NaN;
    origins.forEach((origin, turn) => {
      for (; place < origin; place++) {
        if (Number.isNaN(values[place]!)) continue;
        last = values[place]!;
        candidate.hear(last, place);
      }
      const start = (index * origins.length + turn) * steps;
      const into = foretold.subarray(start, start + steps);
      candidate.foretell(origin, bands.steps, into);
      fill(into, last);
    });
    const into = ahead.subarray(index * horizon, (index + 1) * horizon);
    candidate.foretell(values.length, everyStep, into);
    fill(into, last);
  });
  return {
    bands,
    origins,
    methods: candidates.map(({ method }) => method),
    doubts: candidates.map(({ doubt }) => doubt),
    foretold,
    came: cameAfter(values, origins, bands.steps),
    ahead,
  };
}

/** Which part of the past an origin belongs to, from 0; the present belongs to none of them. */
export function partOf(turn: number, origins: number): number {
  return turn === origins - 1 ? PARTS : Math.floor((turn * PARTS) / (origins - 1));
}

function originsOf(length: number, from: number): number[] {
  const first = Math.min(length - 1, Math.max(FIRST_STEPS, from, Math.floor(length * FIRST_SHARE)));
  const count = Math.min(ORIGINS_MAX, length - first);
  const past = Array.from({ length: count }, (_, turn) => {
    return Math.round(first + ((length - 1 - first) * turn) / Math.max(1, count - 1));
  });
  return [...past, length];
}

function cameAfter(values: Float64Array, origins: readonly number[], steps: Int32Array): Float64Array {
  const came = new Float64Array(origins.length * steps.length);
  origins.forEach((origin, turn) => {
    for (let index = 0; index < steps.length; index++) {
      came[turn * steps.length + index] = values[origin + steps[index]! - 1] ?? Number.NaN;
    }
  });
  return came;
}

function fill(into: Float64Array, last: number): void {
  for (let index = 0; index < into.length; index++) if (Number.isNaN(into[index]!)) into[index] = last;
}
