import { z } from "zod";
import { epochMs } from "./fields.ts";
import { instanceIdSchema } from "./ingest.ts";
import {
  SERIES_INSTANCES_PER_QUERY_MAX,
  SERIES_KEYS_PER_QUERY_MAX,
  SERIES_PER_COMPARISON_MAX,
  SERIES_POINTS_MAX,
  SERIES_WINDOW_MAX_MS,
} from "./limits.ts";
import { parseSeriesKey, type SeriesKey } from "./metric.ts";
import type { DurationMs, EpochMs } from "./units.ts";

/** How closely history is kept: every sample, and what happened within five minutes and within an hour. */
export const TIERS = ["raw", "fiveMinutes", "hour"] as const;
export type Tier = (typeof TIERS)[number];

/**
 * A window of history as columns, ready for uPlot: `at` and every array have the same length. A null is a gap:
 * no sample came, or this one did not carry the series. Never a zero.
 */
export interface SeriesColumns {
  from: EpochMs;
  to: EpochMs;
  /** Width of one point where samples were merged; 0 where every point is a sample. */
  stepMs: DurationMs;
  /** The coarsest kind of block that was read. */
  tier: Tier;
  /** Blocks in this window that could not be read and were left out; each is in the log. */
  blocksUnreadable: number;
  at: EpochMs[];
  series: Record<SeriesKey, SeriesColumn>;
}
export interface SeriesColumn {
  mean: (number | null)[];
  /** Only where samples were merged. A counter (uptime, bytes since boot) has its last value in place of the mean. */
  min?: (number | null)[];
  max?: (number | null)[];
}

const column = z.array(z.number().nullable());

export const seriesColumnsSchema = z.object({
  from: epochMs,
  to: epochMs,
  stepMs: z.int(),
  tier: z.enum(TIERS),
  blocksUnreadable: z.int(),
  at: z.array(epochMs),
  series: z.record(z.string(), z.object({ mean: column, min: z.exactOptional(column), max: z.exactOptional(column) })),
}) satisfies z.ZodType<SeriesColumns>;

/** Several instances over one window, for one chart. */
export const comparisonSchema = z.object({ instances: z.record(z.string(), seriesColumnsSchema) });
export type Comparison = z.infer<typeof comparisonSchema>;

const moment = z.coerce.number("must be milliseconds since 1970").int().min(0).max(8.64e15);

const seriesKeys = z
  .string("must name series keys, separated by commas")
  .transform((text) => [...new Set(text.split(","))])
  .pipe(
    z
      .array(z.string().refine((key) => parseSeriesKey(key) !== undefined, "is not a legal series key"))
      .max(SERIES_KEYS_PER_QUERY_MAX, `must name at most ${SERIES_KEYS_PER_QUERY_MAX} series`),
  );

const windowFields = {
  metrics: seriesKeys,
  from: moment,
  to: moment,
  points: z.coerce.number().int().min(2).max(SERIES_POINTS_MAX, `must be at most ${SERIES_POINTS_MAX}`).default(600),
};

const isOrdered = (query: { from: EpochMs; to: EpochMs }) => query.from < query.to;
const ORDERED = { path: ["from"], message: "must be before `to`" };
const isShort = (query: { from: EpochMs; to: EpochMs }) => query.to - query.from <= SERIES_WINDOW_MAX_MS;
const SHORT = { path: ["from"], message: `must be at most ${SERIES_WINDOW_MAX_MS / 86_400_000} days before \`to\`` };

export const seriesQuerySchema = z.object(windowFields).refine(isOrdered, ORDERED).refine(isShort, SHORT);

/** Every point of a tier there is in the window, or with `points` as many as asked for. */
export const seriesExportQuerySchema = z
  .object({ ...windowFields, points: windowFields.points.unwrap().optional() })
  .refine(isOrdered, ORDERED)
  .refine(isShort, SHORT);

export const comparisonQuerySchema = z
  .object({
    ...windowFields,
    instances: z
      .string("must name instances, separated by commas")
      .transform((text) => [...new Set(text.split(","))])
      .pipe(
        z
          .array(instanceIdSchema)
          .max(SERIES_INSTANCES_PER_QUERY_MAX, `must name at most ${SERIES_INSTANCES_PER_QUERY_MAX} instances`),
      ),
  })
  .refine(isOrdered, ORDERED)
  .refine(isShort, SHORT)
  .refine(({ instances, metrics }) => instances.length * metrics.length <= SERIES_PER_COMPARISON_MAX, {
    path: ["metrics"],
    message: `must be at most ${SERIES_PER_COMPARISON_MAX} series over all instances`,
  });
