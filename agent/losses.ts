import type { EpochMs } from "../contract/units.ts";

/** What could not be kept any longer: there was no room, or it is too old to be taken. */
export interface GivenUp {
  why: "full" | "old";
  count: number;
  from: EpochMs;
  to: EpochMs;
}

/** Counts the samples that will never be sent. Tells when giving up begins, and anew after half of the spool was delivered. */
export class Losses {
  count = 0;
  readonly #tell: (given: GivenUp) => void;
  /** How many samples there were when it was told. */
  #toldAtSize: number | undefined;

  constructor(tell: (given: GivenUp) => void) {
    this.#tell = tell;
  }

  gaveUp(why: GivenUp["why"], gone: readonly { at: EpochMs }[], sizeLeft: number): void {
    if (gone.length === 0) return;
    this.count += gone.length;
    if (this.#toldAtSize !== undefined) return;
    this.#toldAtSize = sizeLeft + gone.length;
    const times = gone.map(({ at }) => at).sort((a, b) => a - b);
    this.#tell({ why, count: gone.length, from: times[0]!, to: times.at(-1)! });
  }

  sizeIs(size: number): void {
    if (size <= (this.#toldAtSize ?? 0) / 2) this.#toldAtSize = undefined;
  }
}
