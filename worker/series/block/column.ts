import { RangeDecoder, RangeEncoder, Odds } from "./range-coder.ts";
import { lengthOf, WholeNumbers } from "./whole-numbers.ts";

/**
 * One column of a block, readable without the others. Numbers with a fixed count of decimals are kept as whole numbers: the first
 * one, then what a prediction misses by, all divided by what they have in common (memory comes in pages). Any other double is
 * kept bit by bit. Missing values are told first. The last two bytes are a check sum.
 *
 * Layout, version 1, everything through one range coder: 2 bits kind, 1 bit "some are missing" and then presence; for whole
 * numbers 4 bits decimals, the first value, 1 bit "all the same", 2 bits prediction, the common divisor, the misses.
 */

export type Column = readonly (number | null)[];

export class UnreadableColumn extends Error {}
/** Whole, and made by a later Nephos than this. */
export class LaterVersion extends UnreadableColumn {}

const WHOLE = 0;
const DOUBLE = 1;
const DECIMALS_MAX = 9;
/** Whole numbers up to here stay exact in every prediction. */
const WHOLE_MAX = 2 ** 51;
const CHECK_BYTES = 2;

/** `decimals`: how many digits after the point the metric is worth; undefined where only the values tell. */
export function encodeColumn(values: Column, decimals: number | undefined): Uint8Array {
  const encoder = new RangeEncoder();
  const present = values.filter((value) => value !== null);
  const scale = scaleOf(present, decimals);
  encoder.even(scale === undefined ? DOUBLE : WHOLE, 2);
  writePresence(encoder, values, present.length);
  if (scale === undefined) writeDoubles(encoder, present);
  else {
    encoder.even(scale, 4);
    writeWhole(encoder, scaled(present, scale));
  }
  return withCheckSum(encoder.finish(), values.length);
}

/** The `count` values of a column; throws `UnreadableColumn` where its bytes are not what was written. */
export function decodeColumn(bytes: Uint8Array, count: number): (number | null)[] {
  const { values, decimals } = decodeWhole(bytes, count);
  if (decimals === 0) return values;
  const scale = 10 ** decimals;
  return values.map((value) => (value === null ? null : value / scale));
}

/** As {@link decodeColumn}, whole numbers as they are kept: 10^`decimals` times the values. */
export function decodeWhole(bytes: Uint8Array, count: number): { values: (number | null)[]; decimals: number } {
  const decoder = new RangeDecoder(checked(bytes, count));
  const kind = decoder.even(2);
  if (kind !== WHOLE && kind !== DOUBLE) throw new LaterVersion(`a column of kind ${kind}, of a later version`);
  const isPresent = readPresence(decoder, count);
  const presentCount = isPresent ? isPresent.reduce((sum, bit) => sum + bit, 0) : count;
  const decimals = kind === DOUBLE ? 0 : decoder.even(4);
  const present = kind === DOUBLE ? readDoubles(decoder, presentCount) : readWhole(decoder, presentCount);
  if (!isPresent) return { values: present, decimals };
  let next = 0;
  return { values: Array.from(isPresent, (bit) => (bit ? present[next++]! : null)), decimals };
}

/** How many decimals make every value a whole number that is exact; undefined where none do. */
export function scaleOf(values: readonly number[], decimals: number | undefined): number | undefined {
  if (decimals !== undefined && isWholeAt(values, decimals)) return decimals;
  for (let tried = 0; tried <= DECIMALS_MAX; tried++) if (isWholeAt(values, tried)) return tried;
  return undefined;
}

function isWholeAt(values: readonly number[], decimals: number): boolean {
  const scale = 10 ** decimals;
  return values.every((value) => {
    const whole = Math.round(value * scale);
    return Math.abs(whole) <= WHOLE_MAX && whole / scale === value;
  });
}

export function scaled(values: readonly number[], decimals: number): number[] {
  const scale = 10 ** decimals;
  return values.map((value) => Math.round(value * scale));
}

function writePresence(encoder: RangeEncoder, values: Column, presentCount: number): void {
  const someMissing = presentCount < values.length;
  encoder.even(someMissing ? 1 : 0, 1);
  if (!someMissing) return;
  const odds = new Odds(2);
  let before = 0;
  for (const value of values) {
    const isPresent = value === null ? 0 : 1;
    encoder.bit(odds, before, isPresent);
    before = isPresent;
  }
}

function readPresence(decoder: RangeDecoder, count: number): Uint8Array | undefined {
  if (decoder.even(1) === 0) return undefined;
  const odds = new Odds(2);
  const isPresent = new Uint8Array(count);
  for (let row = 0; row < count; row++) isPresent[row] = decoder.bit(odds, row === 0 ? 0 : isPresent[row - 1]!);
  return isPresent;
}

/** What the next value is taken to be, from those before it. The place in this list is what is stored. */
const PREDICTIONS: readonly (() => (value: number) => number)[] = [
  // About the level so far: what swings around it misses less than by its last swing.
  function level() {
    let mean = 0;
    let seen = 0;
    return (value) => {
      seen++;
      mean += (value - mean) / (seen < 12 ? seen : 12);
      return Math.round(mean);
    };
  },
  function last() {
    return (value) => value;
  },
  function line() {
    let before = 0;
    return (value) => {
      const next = 2 * value - before;
      before = value;
      return next;
    };
  },
];

function writeWhole(encoder: RangeEncoder, values: readonly number[]): void {
  const first = values[0] ?? 0;
  new WholeNumbers().write(encoder, first);
  const divisor = commonDivisor(values, first);
  encoder.even(divisor === 0 ? 1 : 0, 1);
  if (divisor === 0) return;
  const steps = values.map((value) => (value - first) / divisor);
  const chosen = bestPrediction(steps);
  encoder.even(chosen, 2);
  new WholeNumbers().write(encoder, divisor);
  const numbers = new WholeNumbers();
  const predict = PREDICTIONS[chosen]!();
  let expected = predict(0);
  for (let row = 1; row < steps.length; row++) {
    numbers.write(encoder, steps[row]! - expected);
    expected = predict(steps[row]!);
  }
}

function readWhole(decoder: RangeDecoder, count: number): number[] {
  const first = new WholeNumbers().read(decoder);
  if (decoder.even(1) === 1) return Array<number>(count).fill(first);
  const chosen = PREDICTIONS[decoder.even(2)];
  if (!chosen) throw new LaterVersion("a prediction of a later version");
  const divisor = new WholeNumbers().read(decoder);
  const numbers = new WholeNumbers();
  const predict = chosen();
  const values = [first];
  let expected = predict(0);
  for (let row = 1; row < count; row++) {
    const step = expected + numbers.read(decoder);
    values.push(first + step * divisor);
    expected = predict(step);
  }
  return values;
}

function bestPrediction(steps: readonly number[]): number {
  let best = 0;
  let leastBits = Infinity;
  PREDICTIONS.forEach((begin, index) => {
    const predict = begin();
    let expected = predict(0);
    let bits = 0;
    for (let row = 1; row < steps.length && bits < leastBits; row++) {
      bits += lengthOf(Math.abs(steps[row]! - expected));
      expected = predict(steps[row]!);
    }
    if (bits < leastBits) [best, leastBits] = [index, bits];
  });
  return best;
}

/** The greatest divisor of all distances from the first; 0 where there is no distance. */
function commonDivisor(values: readonly number[], first: number): number {
  let divisor = 0;
  for (const value of values) {
    let rest = Math.abs(value - first);
    while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
    if (divisor === 1) return 1;
  }
  return divisor;
}

const view = new DataView(new ArrayBuffer(8));

function writeDoubles(encoder: RangeEncoder, values: readonly number[]): void {
  const upper = new WholeNumbers();
  const odds = new Odds(1);
  let [upperBefore, lowerBefore] = [0, 0];
  for (const value of values) {
    view.setFloat64(0, value);
    const [high, low] = [view.getUint32(0), view.getUint32(4)];
    upper.write(encoder, high - upperBefore);
    encoder.bit(odds, 0, low === lowerBefore ? 0 : 1);
    if (low !== lowerBefore) encoder.even(low, 32);
    [upperBefore, lowerBefore] = [high, low];
  }
}

function readDoubles(decoder: RangeDecoder, count: number): number[] {
  const upper = new WholeNumbers();
  const odds = new Odds(1);
  let [high, low] = [0, 0];
  return Array.from({ length: count }, () => {
    high += upper.read(decoder);
    if (decoder.bit(odds, 0) === 1) low = decoder.even(32);
    view.setUint32(0, high);
    view.setUint32(4, low);
    return view.getFloat64(0);
  });
}

function withCheckSum(bytes: Uint8Array, count: number): Uint8Array {
  const whole = new Uint8Array(bytes.length + CHECK_BYTES);
  whole.set(bytes);
  new DataView(whole.buffer).setUint16(bytes.length, checkSum(bytes, count));
  return whole;
}

function checked(bytes: Uint8Array, count: number): Uint8Array {
  const end = bytes.length - CHECK_BYTES;
  if (end < 0) throw new UnreadableColumn("a column cut short");
  const kept = bytes.subarray(0, end);
  if (checkSum(kept, count) !== ((bytes[end]! << 8) | bytes[end + 1]!)) {
    throw new UnreadableColumn("a column whose check sum is wrong");
  }
  return kept;
}

/** FNV-1a, folded to 16 bits, over the count of values and the bytes. */
function checkSum(bytes: Uint8Array, count: number): number {
  let hash = 0x811c9dc5;
  hash = Math.imul(hash ^ count, 0x01000193);
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return ((hash >>> 16) ^ hash) & 0xffff;
}
