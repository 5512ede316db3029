import type { EpochMs } from "../../../../contract/units.ts";

export const SPARK_WIDTH = 100;
export const SPARK_HEIGHT = 24;

export interface SparkPaths {
  line: string;
  /** The line closed down to the floor. */
  area: string;
}

/**
 * The path of a small chart in a box of {@link SPARK_WIDTH} by {@link SPARK_HEIGHT}. A null, or a pause longer than
 * `pauseMs`, lifts the pen: a gap stays a gap. A lone point becomes a short dash, since a line of one point is invisible.
 */
export function sparkPaths(
  at: readonly EpochMs[],
  values: readonly (number | null)[],
  from: EpochMs,
  to: EpochMs,
  top: number,
  pauseMs: number,
): SparkPaths {
  const strokes: string[][] = [];
  let stroke: string[] | null = null;
  let lastAt = -Infinity;
  for (let index = 0; index < at.length; index += 1) {
    const time = at[index]!;
    const value = values[index];
    if (value === null || value === undefined || time < from) {
      stroke = null;
      continue;
    }
    if (stroke === null || time - lastAt > pauseMs) strokes.push((stroke = []));
    const x = round(((time - from) / (to - from)) * SPARK_WIDTH);
    const y = round(SPARK_HEIGHT - 1 - (Math.min(top, Math.max(0, value)) / top) * (SPARK_HEIGHT - 2));
    if (stroke.length === 0) stroke.push(`${x} ${y}`, `${round(x + 0.5)} ${y}`);
    else stroke.push(`${x} ${y}`);
    lastAt = time;
  }
  return { line: strokes.map((points) => `M${points.join("L")}`).join(""), area: strokes.map(closed).join("") };
}

function closed(points: string[]): string {
  const xOf = (point: string) => point.slice(0, point.indexOf(" "));
  return `M${xOf(points[0]!)} ${SPARK_HEIGHT}L${points.join("L")}L${xOf(points.at(-1)!)} ${SPARK_HEIGHT}Z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
