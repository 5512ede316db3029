import type { Band } from "../../../../contract/insights.ts";
import type { EpochMs } from "../../../../contract/units.ts";

/** The last moment a band says anything of. */
export function bandEnd({ from, stepMs, middle }: Pick<Band, "from" | "stepMs" | "middle">): EpochMs {
  return from + Math.max(0, middle.length - 1) * stepMs;
}

export interface Foretold {
  middle: number;
  lower: number;
  upper: number;
}

/** What the band says of a moment; null beyond it. Between two steps it is the line between them. */
export function foretoldAt({ from, stepMs, middle, lower, upper }: Band, at: EpochMs): Foretold | null {
  const place = (at - from) / stepMs;
  const index = Math.floor(place);
  if (place < 0 || index > middle.length - 1) return null;
  const read = (values: readonly (number | null)[]) => {
    const [before, after] = [values[index], values[Math.min(index + 1, values.length - 1)]];
    if (before === null || before === undefined || after === null || after === undefined) return null;
    return before + (after - before) * (place - index);
  };
  const [mid, low, high] = [read(middle), read(lower), read(upper)];
  return mid === null ? null : { middle: mid, lower: low ?? mid, upper: high ?? mid };
}
