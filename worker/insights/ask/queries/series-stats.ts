import type { SeriesKey } from "../../../../contract/metric.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import type { Window } from "../../../series/window.ts";
import type { AskReader } from "../ask-reader.ts";
import { WINDOW_SUBJECTS_MAX } from "../ask-reader.ts";
import type { Span } from "../times.ts";

/** A series over a span, in its base unit. */
export interface Stats {
  mean: number;
  min: number;
  max: number;
  maxAt: EpochMs;
  last: number;
  lastAt: EpochMs;
  firstAt: EpochMs;
}

/** Enough to tell how a span was; from hours where it is long. */
const POINTS = 24;

/** Of one series; null where nothing was read in the span. */
function statsOf(window: Window | undefined, key: SeriesKey, { from, to }: Span): Stats | null {
  const points = window?.points[window.keys.indexOf(key)];
  if (!window || !points) return null;
  let stats: Stats | null = null;
  let [sum, count] = [0, 0];
  window.at.forEach((at, row) => {
    const mean = points.mean[row];
    if (mean == null || at < from - window.stepMs || at >= to) return;
    const weight = points.count[row] ?? 1;
    [sum, count] = [sum + mean * weight, count + weight];
    const [low, high] = [points.min[row] ?? mean, points.max[row] ?? mean];
    stats ??= { mean, min: low, max: high, maxAt: at, last: mean, lastAt: at, firstAt: at };
    if (high > stats.max) [stats.max, stats.maxAt] = [high, at];
    stats.min = Math.min(stats.min, low);
    [stats.last, stats.lastAt] = [mean, at];
  });
  const found = stats as Stats | null;
  return found && { ...found, mean: sum / count };
}

/** The same series of many, in as few look-ups as it takes. */
export async function statsFor(
  reader: AskReader,
  ids: readonly string[],
  key: SeriesKey,
  span: Span,
): Promise<Map<string, Stats>> {
  const found = new Map<string, Stats>();
  for (let first = 0; first < ids.length; first += WINDOW_SUBJECTS_MAX) {
    const some = ids.slice(first, first + WINDOW_SUBJECTS_MAX);
    const windows = await reader.windows({ ids: some, keys: [key], ...span, points: POINTS });
    for (const id of some) {
      const stats = statsOf(windows.get(id), key, span);
      if (stats) found.set(id, stats);
    }
  }
  return found;
}
