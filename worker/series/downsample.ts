import type { SeriesColumn, SeriesColumns, Tier } from "../../contract/series.ts";
import type { SeriesKey } from "../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { gapsBefore } from "./gap.ts";
import { mergeSteps, type Window } from "./window.ts";

/** What of a reply does not depend on how wide the chart is. */
export interface ReadAs {
  tier: Tier;
  blocksUnreadable: number;
}

/**
 * A window → at most about `points` points and a row of nulls in every gap. Few go out as they are; many are merged into steps of
 * equal width with mean, min and max, a step without samples being left out.
 */
export function downsample(window: Window, points: number, intervalMs: DurationMs, readAs: ReadAs): SeriesColumns {
  const isFew = window.at.length <= points;
  const stepMs = Math.max(Math.ceil((window.to - window.from) / points), window.stepMs, intervalMs);
  const shown = isFew ? window : mergeSteps(window, wholeSteps(stepMs, window.stepMs));
  return { ...readAs, ...withGaps(shown, isFew ? Math.max(intervalMs, window.stepMs) : intervalMs, window) };
}

/** A step of several points spans them wholly: half of one cannot be told. */
function wholeSteps(stepMs: DurationMs, pointMs: DurationMs): DurationMs {
  return pointMs === 0 ? stepMs : Math.ceil(stepMs / pointMs) * pointMs;
}

function withGaps(shown: Window, intervalMs: DurationMs, before: Window): Omit<SeriesColumns, keyof ReadAs> {
  const { from, to, keys, stepMs } = shown;
  const isGap = gapsBefore(shown.at, Math.max(intervalMs, stepMs));
  // Where samples were merged, a gap is seen in the samples: it may be narrower than two steps and still none of their business.
  const gapAt = shown === before ? isGap : mergedGaps(shown, before, intervalMs);
  const at: EpochMs[] = [];
  const rows: (number | null)[] = [];
  shown.at.forEach((time, row) => {
    if (gapAt[row]) {
      at.push(Math.round((at.at(-1)! + time) / 2));
      rows.push(null);
    }
    at.push(time);
    rows.push(row);
  });
  const spread = (column: readonly (number | null)[]) => rows.map((row) => (row === null ? null : column[row]!));
  const series: Record<SeriesKey, SeriesColumn> = {};
  keys.forEach((key, index) => {
    const { mean, min, max } = shown.points[index]!;
    series[key] = stepMs === 0 ? { mean: spread(mean) } : { mean: spread(mean), min: spread(min), max: spread(max) };
  });
  return { from, to, stepMs, at, series };
}

/** Which merged points have a gap before them: one whose first sample came after a pause. */
function mergedGaps(shown: Window, before: Window, intervalMs: DurationMs): boolean[] {
  const isGap = gapsBefore(before.at, Math.max(intervalMs, before.stepMs));
  let row = 0;
  return shown.at.map((start) => {
    while (row < before.at.length && before.at[row]! < start) row++;
    return row > 0 && isGap[row] === true;
  });
}
