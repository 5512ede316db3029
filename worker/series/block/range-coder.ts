/**
 * A binary range coder with adaptive probabilities, the coder of LZMA (Igor Pavlov's specification) but for how it learns: a
 * column has tens of values, so a probability moves fast at first and slows down as it has seen more. An encoder and its decoder do
 * the same arithmetic in the same order, so nothing of what they learn is stored.
 */

const TOP = 2 ** 24;
const PROBABILITY_BITS = 16;
const ONE = 1 << PROBABILITY_BITS;
/** No bit is ever certain: what is certain could not be coded otherwise. */
const EDGE = 1 << 5;
/** Bits that are coded at one go where each is as likely as not: the range stays well above nothing. */
const EVEN_BITS_MAX = 12;
/** By how much a probability moves at its n-th bit; the last holds for all that follow. */
const RATES = Array.from({ length: 24 }, (_, seen) => 1 / (seen + 1.6));

/** Probabilities of the decisions of one column, by number; all begin as even. */
export class Odds {
  readonly ofZero: Int32Array;
  readonly seen: Uint8Array;

  constructor(decisions: number) {
    this.ofZero = new Int32Array(decisions).fill(ONE / 2);
    this.seen = new Uint8Array(decisions);
  }

  learn(decision: number, bit: number): void {
    const before = this.ofZero[decision]!;
    const seen = this.seen[decision]!;
    const after = (before + ((bit === 0 ? ONE : 0) - before) * RATES[seen]!) | 0;
    this.ofZero[decision] = after < EDGE ? EDGE : after > ONE - EDGE ? ONE - EDGE : after;
    if (seen < RATES.length - 1) this.seen[decision] = seen + 1;
  }
}

export class RangeEncoder {
  #low = 0;
  #range = 0xffffffff;
  #cache = 0;
  #pending = 0;
  #hasCache = false;
  #bytes = new Uint8Array(64);
  #length = 0;

  bit(odds: Odds, decision: number, bit: number): void {
    const bound = (this.#range >>> PROBABILITY_BITS) * odds.ofZero[decision]!;
    if (bit === 0) this.#range = bound;
    else {
      this.#low += bound;
      this.#range -= bound;
    }
    odds.learn(decision, bit);
    while (this.#range < TOP) this.#shift();
  }

  /** `count` bits of a whole number below 2^count, each as likely as not. */
  even(value: number, count: number): void {
    for (let left = count; left > 0;) {
      const bits = left > EVEN_BITS_MAX ? EVEN_BITS_MAX : left;
      left -= bits;
      this.#range = this.#range >>> bits;
      this.#low += (Math.floor(value / 2 ** left) % 2 ** bits) * this.#range;
      while (this.#range < TOP) this.#shift();
    }
  }

  /** The shortest bytes that say it; a decoder takes what is missing at the end for zeros. */
  finish(): Uint8Array {
    // The number within the interval that ends in the most zeros.
    for (let zeros = 32; zeros >= 0; zeros--) {
      const step = 2 ** zeros;
      const value = Math.ceil(this.#low / step) * step;
      if (value < this.#low + this.#range) {
        this.#low = value;
        break;
      }
    }
    for (let flushed = 0; flushed < 5; flushed++) this.#shift();
    let end = this.#length;
    while (end > 0 && this.#bytes[end - 1] === 0) end--;
    return this.#bytes.slice(0, end);
  }

  #shift(): void {
    if (this.#low < 0xff000000 || this.#low > 0xffffffff) {
      const carry = this.#low > 0xffffffff ? 1 : 0;
      if (this.#hasCache) this.#put((this.#cache + carry) & 0xff);
      for (; this.#pending > 0; this.#pending--) this.#put((0xff + carry) & 0xff);
      this.#cache = Math.floor(this.#low / TOP) & 0xff;
      this.#hasCache = true;
    } else this.#pending++;
    this.#low = (this.#low % TOP) * 256;
    this.#range = (this.#range * 256) % 2 ** 32;
  }

  #put(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const longer = new Uint8Array(this.#length * 2);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes[this.#length++] = byte;
  }
}

export class RangeDecoder {
  readonly #bytes: Uint8Array;
  #at = 0;
  #range = 0xffffffff;
  #code = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let read = 0; read < 4; read++) this.#code = this.#code * 256 + this.#next();
  }

  bit(odds: Odds, decision: number): number {
    const bound = (this.#range >>> PROBABILITY_BITS) * odds.ofZero[decision]!;
    let bit = 0;
    if (this.#code < bound) this.#range = bound;
    else {
      bit = 1;
      this.#code -= bound;
      this.#range -= bound;
    }
    odds.learn(decision, bit);
    this.#fill();
    return bit;
  }

  even(count: number): number {
    let value = 0;
    for (let left = count; left > 0;) {
      const bits = left > EVEN_BITS_MAX ? EVEN_BITS_MAX : left;
      left -= bits;
      this.#range = this.#range >>> bits;
      // Bytes that nobody wrote may say more than fits.
      const read = Math.min(Math.floor(this.#code / this.#range), 2 ** bits - 1);
      this.#code -= read * this.#range;
      value = value * 2 ** bits + read;
      this.#fill();
    }
    return value;
  }

  #fill(): void {
    while (this.#range < TOP) {
      this.#code = this.#code * 256 + this.#next();
      this.#range = this.#range * 256;
    }
  }

  #next(): number {
    return this.#at < this.#bytes.length ? this.#bytes[this.#at++]! : 0;
  }
}
