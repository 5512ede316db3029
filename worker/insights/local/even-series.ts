import type { DurationMs, EpochMs } from "../../../contract/units.ts";

/** Readings at even steps, as the tiers of history keep them: one value a step, NaN where nothing was heard. A gap is a gap, never a zero. */
export interface EvenSeries {
  /** When the first step begins. */
  from: EpochMs;
  stepMs: DurationMs;
  values: Float64Array;
}

/** When the step of this place begins. */
export function stepAt({ from, stepMs }: EvenSeries, place: number): EpochMs {
  return from + place * stepMs;
}

/** When the last step is over. */
export function endOf({ from, stepMs, values }: EvenSeries): EpochMs {
  return from + values.length * stepMs;
}

/** How many steps something was heard in. */
export function heardIn({ values }: EvenSeries): number {
  let heard = 0;
  for (const value of values) if (!Number.isNaN(value)) heard++;
  return heard;
}
