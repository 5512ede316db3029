/** Middles and quantiles by rank: one reading that is far off does not move them. What was not heard (NaN) is never counted. */

/** A normal distribution's standard deviation is its median absolute deviation times this. */
export const MAD_TO_SD = 1.4826;

/** Scratch of this file: these functions neither call out nor keep it. */
let scratch = new Float64Array(4096);

function room(size: number): Float64Array {
  if (scratch.length < size) scratch = new Float64Array(size * 2);
  return scratch;
}

/** The values that were heard, sorted: a new array. */
export function sorted(values: ArrayLike<number>): Float64Array {
  const kept = new Float64Array(values.length);
  let count = 0;
  for (let place = 0; place < values.length; place++) {
    const value = values[place]!;
    if (value === value) kept[count++] = value;
  }
  return kept.subarray(0, count).sort();
}

/** The value below which this share lies, between the two nearest where it falls between; NaN of nothing. */
export function quantile(sortedValues: ArrayLike<number>, share: number): number {
  if (sortedValues.length === 0) return NaN;
  const place = share * (sortedValues.length - 1);
  const below = Math.floor(place);
  const low = sortedValues[below]!;
  const high = sortedValues[Math.min(below + 1, sortedValues.length - 1)]!;
  return low + (high - low) * (place - below);
}

/** NaN of nothing. */
export function median(values: ArrayLike<number>): number {
  const kept = room(values.length);
  let count = 0;
  for (let place = 0; place < values.length; place++) {
    const value = values[place]!;
    if (value === value) kept[count++] = value;
  }
  return medianInPlace(kept, count);
}

/** The median absolute deviation from this middle; NaN of nothing. */
export function deviation(values: ArrayLike<number>, middle: number): number {
  const kept = room(values.length);
  let count = 0;
  for (let place = 0; place < values.length; place++) {
    const value = values[place]!;
    if (value === value) kept[count++] = Math.abs(value - middle);
  }
  return medianInPlace(kept, count);
}

/** The median of the first `count` values, none of them NaN; puts them into another order. */
export function medianInPlace(values: Float64Array, count: number): number {
  if (count === 0) return NaN;
  // Most of these are of some weeks' values: there the plain way is several times as fast.
  if (count <= 40) {
    for (let place = 1; place < count; place++) {
      const value = values[place]!;
      let at = place - 1;
      while (at >= 0 && values[at]! > value) {
        values[at + 1] = values[at]!;
        at--;
      }
      values[at + 1] = value;
    }
  } else values.subarray(0, count).sort();
  const half = count >> 1;
  return count % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2;
}
