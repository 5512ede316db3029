import { CUSTOM_RANGE } from "../../../../contract/units.ts";

/** Between which values a metric can be at all. */
export interface Range {
  least: number;
  most: number;
}

/** A copy in which what is no number, or has lost its meaning as one, is as if it had not been heard. */
export function meant(values: Float64Array): Float64Array {
  const [least, most] = CUSTOM_RANGE;
  return values.map((value) => (value >= least && value <= most ? value : Number.NaN));
}
