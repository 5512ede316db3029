import { z } from "zod";
import { instanceIdSchema } from "./ingest.ts";

/** What the original Nephos answered to readers, in its own names and shapes: what was written for it reads this one. */

export const ORIGINAL_STATUSES = ["healthy", "degraded", "unhealthy", "unknown"] as const;
export type OriginalStatus = (typeof ORIGINAL_STATUSES)[number];
const status = z.enum(ORIGINAL_STATUSES, `must be one of ${ORIGINAL_STATUSES.join(", ")}`);

/** Entries in one reply, and what of the fleet one call without an instance reads. */
export const ORIGINAL_PAGE_MAX = 1_000;
export const ORIGINAL_ANALYTICS_DAYS_MAX = 31;

const time = z.iso.datetime();

export const originalInstanceSchema = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  status,
  region: z.string(),
  endpoint: z.string().meta({ description: "What is looked at from outside; empty where nothing is" }),
  metadata: z.record(z.string(), z.unknown()),
  createdAt: time,
  updatedAt: time.meta({ description: "When something was last heard or found out of it" }),
  lastHealthCheck: time.nullable(),
});
export type OriginalInstance = z.infer<typeof originalInstanceSchema>;

const lastEvaluatedKey = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .optional()
  .meta({ description: "Where there is more: send it as `exclusiveStartKey`, as JSON" });

export const originalInstancesSchema = z.object({
  instances: z.array(originalInstanceSchema),
  count: z.int(),
  lastEvaluatedKey,
});

export const originalMetricSchema = z.object({
  id: z.string().meta({ description: "The same for the same reading, whenever it is asked for" }),
  instanceId: z.string(),
  timestamp: z.int().meta({ description: "Milliseconds since 1970" }),
  metricName: z.string(),
  metricValue: z.number(),
  unit: z.string(),
  tags: z.record(z.string(), z.string()),
});
export type OriginalMetric = z.infer<typeof originalMetricSchema>;

export const originalMetricsSchema = z.object({
  metrics: z.array(originalMetricSchema),
  count: z.int(),
  lastEvaluatedKey,
});

export const originalAnalyticsSchema = z.object({
  hourlyMetrics: z.array(
    z.object({
      instanceId: z.string(),
      metricName: z.string(),
      hour: time,
      avgValue: z.number(),
      maxValue: z.number(),
      minValue: z.number(),
      sampleCount: z.int(),
    }),
  ),
  activeAlertsCount: z.int(),
  healthyInstancesCount: z.int(),
  unhealthyInstancesCount: z.int(),
  totalInstancesCount: z.int(),
});
export type OriginalHour = z.infer<typeof originalAnalyticsSchema>["hourlyMetrics"][number];

export const originalDashboardSchema = z.object({
  summary: z.object({
    totalInstances: z.int(),
    healthyInstances: z.int(),
    activeAlerts: z.int(),
    criticalAlerts: z.int(),
    avgLatency: z
      .int()
      .meta({ description: "Milliseconds, over the last rounds of checks; 0 where none was answered" }),
  }),
  instances: z.array(originalInstanceSchema),
  recentAlerts: z.array(z.never()),
  recentMetrics: z.array(originalMetricSchema),
});

const LIMIT = `must be a whole number from 1 to ${ORIGINAL_PAGE_MAX}`;
const limit = z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(ORIGINAL_PAGE_MAX, LIMIT).default(100);

const KEY = "must be a lastEvaluatedKey as it was given, as JSON";
const startKey = z
  .string()
  .max(1_000, KEY)
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: KEY });
      return z.NEVER;
    }
  });

export const originalInstancesQuerySchema = z.object({
  status: status.optional(),
  limit,
  exclusiveStartKey: startKey.pipe(z.object({ id: z.string(KEY) }, KEY)).optional(),
});

const metricName = z.string().max(200).optional();

/** A place in the list: of one instance a moment, of the fleet an instance, and within either a metric. */
const metricsKey = z.object(
  { instanceId: z.string(KEY), timestamp: z.int(KEY).optional(), metricName: z.string(KEY).optional() },
  KEY,
);
export type OriginalMetricsKey = z.infer<typeof metricsKey>;

export const originalMetricsQuerySchema = z.object({
  instanceId: instanceIdSchema.optional(),
  metricName,
  limit,
  exclusiveStartKey: startKey.pipe(metricsKey).optional(),
});
export type OriginalMetricsQuery = z.output<typeof originalMetricsQuerySchema>;

const moment = z
  .string()
  .max(40)
  .transform((text, context) => {
    const at = /^\d{12,15}$/.test(text) ? Number(text) : Date.parse(text);
    if (Number.isFinite(at)) return at;
    context.addIssue({ code: "custom", message: "must be a date, as 2026-01-17 or 2026-01-17T10:00:00Z" });
    return z.NEVER;
  })
  .optional();

export const originalAnalyticsQuerySchema = z.object({
  instanceId: instanceIdSchema.optional(),
  metricName,
  startDate: moment,
  endDate: moment,
});
export type OriginalAnalyticsQuery = z.output<typeof originalAnalyticsQuerySchema>;
