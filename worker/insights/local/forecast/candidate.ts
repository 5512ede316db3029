/** What kind of thing a way to foretell builds on: the words of an outlook are chosen by it. */
export type Method = "level" | "trend" | "hourly" | "daily" | "weekly";

/**
 * One simple way to foretell. It walks along a series once, from its start; at any place it can be asked how it would go on from there,
 * and knows nothing of what comes after.
 */
export interface Candidate {
  method: Method;
  /** How much worse than all others it is taken to be before the first back-test: 1, or more where it could lead far astray. */
  doubt: number;
  /** A reading; steps without one are left out. */
  hear(value: number, place: number): void;
  /** What it expects so many steps after the last one before `place` (from 1), one after another into `into`; NaN where it cannot tell. */
  foretell(place: number, steps: Int32Array, into: Float64Array): void;
}

/** What surprises by more than so many usual surprises is hardly a surprise any more, but another thing. */
const WILD = 4;

/** Lets no wild reading carry away what is known. Where wild readings become usual, they are believed. */
export class Caution {
  #usual: number;
  readonly #rate: number;
  readonly #most: number;

  /**
   * `usual`: how far from what is expected readings lie as a rule; `rate`: how much a reading changes that; `most`: how many usual surprises
   * are believed, the rest of a larger one is not.
   */
  constructor(usual: number, rate: number, most = WILD) {
    this.#usual = usual;
    this.#rate = rate;
    this.#most = most;
  }

  /** How much of a surprise is to be believed. */
  believed(surprise: number): number {
    const most = this.#most * this.#usual;
    const size = Math.abs(surprise);
    this.#usual += this.#rate * ((most > 0 ? Math.min(size, 2 * WILD * this.#usual) : size) - this.#usual);
    return Math.max(-most, Math.min(most, surprise));
  }
}

const FIRST_READINGS = 12;

/** Where a series begins: the middle of its first readings, and how far one lies from the next. */
export function startOf(values: Float64Array): { level: number; usual: number } {
  const first: number[] = [];
  for (const value of values) {
    if (!Number.isNaN(value)) first.push(value);
    if (first.length > 2 * FIRST_READINGS) break;
  }
  let change = 0;
  for (let index = 1; index < first.length; index++) change += Math.abs(first[index]! - first[index - 1]!);
  return {
    level: middleOf(Float64Array.from(first.slice(0, FIRST_READINGS))),
    usual: change / (first.length - 1) || 0,
  };
}

/** The median; sorts what it is given. NaN of nothing. */
export function middleOf(values: Float64Array): number {
  values.sort();
  return (values[(values.length - 1) >> 1]! + values[values.length >> 1]!) / 2;
}
