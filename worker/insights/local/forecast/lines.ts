import { middleOf, type Candidate } from "./candidate.ts";

/** Slopes between all pairs of so many are some 500. */
const CELLS = 32;
/** With fewer there is no line. */
const CELLS_MIN = 5;
/** Of all that was seen so far: what falls by more was cleaned up, and what was before does not count for how it grows. */
const DROP = 0.5;
/** The share at the end whose level is where the line goes on from. */
const END = 0.2;
/** A line that goes on for ever leads far astray where there is none. */
const DOUBT = 3;

/** A straight line by the median of all slopes (Theil and Sen) since the last big drop. */
export function line(values: Float64Array): Candidate {
  const size = Math.max(1, values.length / CELLS);
  const cells = cellsOf(values, size);
  const slopes = new Float64Array((CELLS * (CELLS - 1)) / 2);
  return {
    method: "trend",
    doubt: DOUBT,
    hear: () => undefined,
    foretell(place, steps, into) {
      const known = sinceDrop(cells.filter(({ end }) => end <= place));
      if (known.length < CELLS_MIN) return void into.fill(Number.NaN);
      const slope = slopeOf(known, slopes);
      const recent = known.slice(-Math.max(3, Math.ceil(known.length * END)));
      const level = middleOf(Float64Array.from(recent, ({ at, value }) => value + slope * (place - 1 - at)));
      for (let index = 0; index < steps.length; index++) into[index] = level + slope * steps[index]!;
    },
  };
}

interface Cell {
  at: number;
  /** The first place that is not in it. */
  end: number;
  value: number;
}

/** The median of every stretch of so many steps; a stretch in which nothing was heard is none. */
function cellsOf(values: Float64Array, size: number): Cell[] {
  const cells: Cell[] = [];
  for (let cell = 0; cell < CELLS && Math.floor(cell * size) < values.length; cell++) {
    const start = Math.floor(cell * size);
    const end = Math.min(values.length, Math.max(start + 1, Math.floor((cell + 1) * size)));
    const heard = values.slice(start, end).filter((value) => !Number.isNaN(value));
    if (heard.length > 0) cells.push({ at: (start + end - 1) / 2, end, value: middleOf(heard) });
  }
  return cells;
}

function sinceDrop(cells: readonly Cell[]): readonly Cell[] {
  let least = Infinity;
  let most = -Infinity;
  for (const { value } of cells) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const drop = DROP * (most - least);
  let start = 0;
  let peak = -Infinity;
  for (let index = 0; index < cells.length; index++) {
    const { value } = cells[index]!;
    if (value < peak - drop) {
      start = index;
      peak = value;
    } else peak = Math.max(peak, value);
  }
  return cells.slice(start);
}

function slopeOf(cells: readonly Cell[], slopes: Float64Array): number {
  let count = 0;
  for (let one = 0; one < cells.length; one++) {
    for (let other = one + 1; other < cells.length; other++) {
      slopes[count++] = (cells[other]!.value - cells[one]!.value) / (cells[other]!.at - cells[one]!.at);
    }
  }
  return middleOf(slopes.subarray(0, count));
}
