import { SERIES_KEYS_PER_QUERY_MAX, SERIES_POINTS_MAX } from "../../../../contract/limits.ts";
import type { SeriesKey } from "../../../../contract/metric.ts";
import type { SeriesColumns } from "../../../../contract/series.ts";
import { call } from "../api.ts";
import { mergeColumns } from "../chart/columns.ts";
import type { LoadColumns, TimeRange } from "../chart/sync.svelte.ts";

type FetchColumns = (keys: readonly SeriesKey[], range: TimeRange) => Promise<SeriesColumns>;

/** Charts come into sight together; their questions of one moment are asked in one call. */
export function batched(fetchColumns: FetchColumns): LoadColumns {
  const batches = new Map<string, { keys: Set<SeriesKey>; answer: Promise<SeriesColumns> }>();
  return (keys, range) => {
    const name = `${range.from}-${range.to}`;
    let batch = batches.get(name);
    if (!batch) {
      const wanted = new Set<SeriesKey>();
      const ask = async () => {
        // Each chart learns by itself that it came into sight, all within one turn of the event loop.
        await new Promise((resolve) => setTimeout(resolve));
        batches.delete(name);
        return mergeColumns(await Promise.all(chunksOf([...wanted]).map((chunk) => fetchColumns(chunk, range))));
      };
      batches.set(name, (batch = { keys: wanted, answer: ask() }));
    }
    for (const key of keys) batch.keys.add(key);
    return batch.answer;
  };
}

export function chunksOf(keys: readonly SeriesKey[]): SeriesKey[][] {
  const count = Math.ceil(keys.length / SERIES_KEYS_PER_QUERY_MAX);
  return Array.from({ length: count }, (_, index) =>
    keys.slice(index * SERIES_KEYS_PER_QUERY_MAX, (index + 1) * SERIES_KEYS_PER_QUERY_MAX),
  );
}

/** An instance's history, or with its endpoint a check's. */
export function fetchHistory(
  id: string,
  endpoint: "GET /api/instances/:id/series" | "GET /api/checks/:id/series" = "GET /api/instances/:id/series",
): FetchColumns {
  return (keys, { from, to }) =>
    call(endpoint, {
      params: { id },
      query: {
        metrics: keys.map(encodeURIComponent).join(","),
        from: String(Math.floor(from)),
        to: String(Math.ceil(to)),
        points: String(pointsFor(window.innerWidth)),
      },
    });
}

/** About a point per pixel of a chart; two stand side by side on a wide screen. */
export function pointsFor(pageWidth: number): number {
  const chartWidth = pageWidth > 1100 ? pageWidth / 2 : pageWidth;
  return Math.min(SERIES_POINTS_MAX, Math.max(200, Math.round(chartWidth)));
}
