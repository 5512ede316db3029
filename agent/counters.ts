/**
 * Kernel counters only grow, so what is told of them is the rate between two readings, over the time that truly passed.
 * The first reading has no rate; a counter that fell has none either, unless it plainly wrapped.
 */
export type CounterValues<Name extends string> = Record<Name, number>;
export type CounterRates<Name extends string> = Partial<Record<Name, number>>;

const WRAP = 2 ** 32;
/** A wrapped counter moved less than half its circle; more is not to be told from a reset. */
const WRAP_DELTA_MAX = WRAP / 2;

/** The counters of many things of one kind: devices, interfaces, resources. */
export class Counters<Name extends string> {
  #before = new Map<string, { values: CounterValues<Name>; monotonicMs: number }>();

  /** Rates per second of every thing that was there the last time too. Things that went away are forgotten. */
  ratesOf(things: ReadonlyMap<string, CounterValues<Name>>, monotonicMs: number): Map<string, CounterRates<Name>> {
    const rates = new Map<string, CounterRates<Name>>();
    const seen = new Map<string, { values: CounterValues<Name>; monotonicMs: number }>();
    for (const [thing, values] of things) {
      const before = this.#before.get(thing);
      const elapsedSeconds = before ? (monotonicMs - before.monotonicMs) / 1_000 : 0;
      if (before && elapsedSeconds > 0) rates.set(thing, perSecond(deltasOf(before.values, values), elapsedSeconds));
      seen.set(thing, { values, monotonicMs });
    }
    this.#before = seen;
    return rates;
  }
}

function perSecond<Name extends string>(deltas: CounterRates<Name>, elapsedSeconds: number): CounterRates<Name> {
  for (const name in deltas) deltas[name]! /= elapsedSeconds;
  return deltas;
}

/**
 * What the counters of one thing grew by. A reset (driver reloaded, device replugged) takes all of a thing's counters back
 * together, so then none of them has a value; a counter of 32 bits that wraps falls alone.
 */
export function deltasOf<Name extends string>(
  before: CounterValues<Name>,
  now: CounterValues<Name>,
): CounterRates<Name> {
  const deltas: CounterRates<Name> = {};
  let fallen = 0;
  for (const name in now) {
    const delta = now[name] - before[name];
    if (delta >= 0) {
      deltas[name] = delta;
      continue;
    }
    fallen++;
    if (before[name] < WRAP && delta + WRAP < WRAP_DELTA_MAX) deltas[name] = delta + WRAP;
  }
  return fallen > 1 ? {} : deltas;
}
