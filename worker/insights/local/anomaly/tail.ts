/** The share of readings that counts as the tail: its start is followed, and how far on average it reaches beyond. */
const TAIL_SHARE = 0.05;
/** Readings that a first, rough idea of the tail is taken from. */
const FIRST_READINGS = 60;
/** A new reading never weighs less than one in so many: a month of five-minute readings, so that an old tail is outgrown. */
const MEMORY_READINGS = 8_000;
/** Rarer than one in 10^15 is as good as never. */
const RAREST = 15;

const RARITY_OF_TAIL = -Math.log10(TAIL_SHARE);

/**
 * How rare a number is in its own series, upwards, from two figures alone: where the upper tail begins, and the mean excess over that.
 * Beyond the start the tail is taken for exponential, so that a value beyond all that were seen still has a rarity.
 */
export class Tail {
  static readonly SIZE = 2;
  /** Where the tail begins, and the mean over all readings of how far they are beyond it; at first the mean and the mean deviation. */
  readonly #figures: Float64Array;

  constructor(figures: Float64Array) {
    this.#figures = figures;
  }

  /**
   * The rarity of a value as the negative power of ten of how often one like it comes, 0 within the usual; then learns it.
   * `seen` counts the values with this one, from 1.
   */
  next(value: number, seen: number): number {
    const figures = this.#figures;
    if (seen <= FIRST_READINGS) {
      this.#begin(value, seen);
      return 0;
    }
    const beyond = value - figures[0]!;
    const excess = figures[1]! / TAIL_SHARE;
    const rate = 1 / Math.min(seen, MEMORY_READINGS);
    figures[1]! += rate * (Math.max(0, beyond) - figures[1]!);
    // A step that is right where the density at the start of an exponential tail is share / excess (Robbins and Monro).
    const step = excess > 0 ? excess / TAIL_SHARE : Math.abs(beyond);
    figures[0]! += rate * step * (beyond > 0 ? 1 - TAIL_SHARE : -TAIL_SHARE);
    if (beyond <= 0) return 0;
    return excess > 0 ? Math.min(RAREST, RARITY_OF_TAIL + (beyond / excess) * Math.LOG10E) : RAREST;
  }

  /** As if values were spread alike to both sides and exponentially, which a mean and a mean deviation are enough for. */
  #begin(value: number, seen: number): void {
    const figures = this.#figures;
    const off = seen === 1 ? 0 : value - figures[0]!;
    figures[0] = seen === 1 ? value : figures[0]! + off / seen;
    figures[1]! += (Math.abs(off) - figures[1]!) / seen;
    if (seen < FIRST_READINGS) return;
    const deviation = figures[1]!;
    figures[0]! += Math.log(0.5 / TAIL_SHARE) * deviation;
    figures[1] = TAIL_SHARE * deviation;
  }
}
