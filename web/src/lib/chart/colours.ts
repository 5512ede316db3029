/** Which colour and which stroke a line is drawn in, by its place among the lines of its chart. */

const COLOURS = 8;

/** Where the colours are used up they begin again, each time with another stroke: dashed, dotted and so on. */
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [10, 3, 2, 3], [12, 4], [1, 5], [8, 2, 2, 2]];

export function colourName(index: number): string {
  return `--series-${(index % COLOURS) + 1}`;
}

export function dashOf(index: number): readonly number[] {
  return DASHES[Math.floor(index / COLOURS) % DASHES.length]!;
}
