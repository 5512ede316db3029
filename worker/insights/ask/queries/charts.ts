import type { InsightChart } from "../../../../contract/insights.ts";
import type { SeriesKey } from "../../../../contract/metric.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import type { Span } from "../times.ts";

/** Lines that can still be told apart. */
const LINES_MAX = 5;
const SHORTEST_MS: DurationMs = 3_600_000;

/** What shows it: a series of some over a span; none where there is nobody. */
export function chartsOf(ids: readonly string[], metrics: readonly SeriesKey[], { from, to }: Span): InsightChart[] {
  if (ids.length === 0) return [];
  const start = Math.min(from, to - SHORTEST_MS);
  return [
    { subjects: ids.slice(0, LINES_MAX), metrics: [...metrics], from: start, to, limit: null, band: null, spans: [] },
  ];
}
