import type { Sample } from "../contract/ingest.ts";
import type { EpochMs } from "../contract/units.ts";

/** A sample as numbers, and the list of their keys it shares with others. */
export interface Packed {
  seq: number;
  at: EpochMs;
  keys: readonly string[];
  values: Float64Array;
}

/** A list that comes and goes, as where one reading is there every other time, is to be the same list again. */
const LISTS_MAX = 8;

/** The lists of keys of late, so that samples with the same keys hold one and the same list. */
export class KeyLists {
  readonly #lists: (readonly string[])[] = [];

  shared(keys: readonly string[]): readonly string[] {
    const known = this.#lists.find(
      (list) => list.length === keys.length && keys.every((key, index) => key === list[index]),
    );
    if (known) return known;
    this.#lists.unshift(keys);
    this.#lists.length = Math.min(LISTS_MAX, this.#lists.length);
    return keys;
  }

  pack({ seq, at, metrics }: Sample): Packed {
    return { seq, at, keys: this.shared(Object.keys(metrics)), values: Float64Array.from(Object.values(metrics)) };
  }
}

export function unpack({ seq, at, keys, values }: Packed): Sample {
  return { seq, at, metrics: Object.fromEntries(keys.map((key, index) => [key, values[index]!])) };
}
