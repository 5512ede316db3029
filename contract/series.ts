import { z } from "zod";
import { epochMs } from "./fields.ts";
import { SERIES_KEYS_PER_QUERY_MAX, SERIES_POINTS_MAX, SERIES_WINDOW_MAX_MS } from "./limits.ts";
import { parseSeriesKey, type SeriesKey } from "./metric.ts";
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

const column = z.array(z.number().nullable());

export const seriesColumnsSchema = z.object({
  from: epochMs,
  to: epochMs,
  stepMs: z.int(),
  at: z.array(epochMs),
  series: z.record(z.string(), z.object({ mean: column, min: z.exactOptional(column), max: z.exactOptional(column) })),
}) satisfies z.ZodType<SeriesColumns>;

const moment = z.coerce.number("must be milliseconds since 1970").int().min(0).max(8.64e15);

export const seriesQuerySchema = z
  .object({
    metrics: z
      .string("must name series keys, separated by commas")
      .transform((text) => [...new Set(text.split(","))])
      .pipe(
        z
          .array(z.string().refine((key) => parseSeriesKey(key) !== undefined, "is not a legal series key"))
          .max(SERIES_KEYS_PER_QUERY_MAX, `must name at most ${SERIES_KEYS_PER_QUERY_MAX} series`),
      ),
    from: moment,
    to: moment,
    points: z.coerce.number().int().min(2).max(SERIES_POINTS_MAX, `must be at most ${SERIES_POINTS_MAX}`).default(600),
  })
  .refine((query) => query.from < query.to, { path: ["from"], message: "must be before `to`" })
  .refine((query) => query.to - query.from <= SERIES_WINDOW_MAX_MS, {
    path: ["from"],
    message: `must be at most ${SERIES_WINDOW_MAX_MS / 86_400_000} days before \`to\``,
  });
