import { Odds, type RangeDecoder, type RangeEncoder } from "./range-coder.ts";

/**
 * Signed whole numbers up to 2^53, small ones in few bits: how many binary digits, learnt by a tree; the sign; then the digits after
 * the leading one, of which the first is learnt and the others are as likely as not.
 */

const LENGTH_BITS = 6;
const LENGTHS = 1 << LENGTH_BITS;
const SIGN = LENGTHS;
const FIRST = SIGN + 3;
const DECISIONS = FIRST + LENGTHS;

export class WholeNumbers {
  readonly #odds = new Odds(DECISIONS);
  /** 0 at first and after a zero, 1 after a positive number, 2 after a negative one. */
  #sign = 0;

  write(encoder: RangeEncoder, value: number): void {
    const size = Math.abs(value);
    const length = lengthOf(size);
    let node = 1;
    for (let bit = LENGTH_BITS - 1; bit >= 0; bit--) {
      const decided = (length >> bit) & 1;
      encoder.bit(this.#odds, node, decided);
      node = node * 2 + decided;
    }
    if (length === 0) return void (this.#sign = 0);
    const isNegative = value < 0 ? 1 : 0;
    encoder.bit(this.#odds, SIGN + this.#sign, isNegative);
    this.#sign = 1 + isNegative;
    if (length === 1) return;
    const rest = size - 2 ** (length - 1);
    const half = 2 ** (length - 2);
    const first = rest >= half ? 1 : 0;
    encoder.bit(this.#odds, FIRST + length, first);
    encoder.even(rest - first * half, length - 2);
  }

  read(decoder: RangeDecoder): number {
    let node = 1;
    for (let bit = 0; bit < LENGTH_BITS; bit++) node = node * 2 + decoder.bit(this.#odds, node);
    const length = node - LENGTHS;
    if (length === 0) {
      this.#sign = 0;
      return 0;
    }
    const isNegative = decoder.bit(this.#odds, SIGN + this.#sign);
    this.#sign = 1 + isNegative;
    let size = 1;
    if (length > 1) {
      const first = decoder.bit(this.#odds, FIRST + length);
      size = 2 ** (length - 1) + first * 2 ** (length - 2) + decoder.even(length - 2);
    }
    return isNegative ? -size : size;
  }
}

/** Binary digits of a whole number; 0 for zero. */
export function lengthOf(size: number): number {
  if (size < 2 ** 32) return 32 - Math.clz32(size);
  return 64 - Math.clz32(Math.floor(size / 2 ** 32));
}
