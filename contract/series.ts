import type { SeriesKey } from "./metric.ts";
import type { DurationMs, EpochMs } from "./units.ts";

/**
 * A window of history as columns, ready for uPlot: `at` and every array have the same length. A null is a gap:
 * no sample came, or this one did not carry the series. Never a zero.
 */
export interface SeriesColumns {
  from: EpochMs;
  to: EpochMs;
  /** Width of one point where samples were merged; 0 where every point is a sample. */
  stepMs: DurationMs;
  at: EpochMs[];
  series: Record<SeriesKey, SeriesColumn>;
}
export interface SeriesColumn {
  mean: (number | null)[];
  /** Only where samples were merged. */
  min?: (number | null)[];
  max?: (number | null)[];
}
