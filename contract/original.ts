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

export const ORIGINAL_ALERT_STATUSES = ["active", "acknowledged", "resolved"] as const;
export type OriginalAlertStatus = (typeof ORIGINAL_ALERT_STATUSES)[number];
const alertStatus = z.enum(ORIGINAL_ALERT_STATUSES, `must be one of ${ORIGINAL_ALERT_STATUSES.join(", ")}`);

export const originalAlertSchema = z.object({
  id: z.string(),
  instanceId: z.string().meta({ description: "A check's id where it looks at no instance" }),
  alertType: z.string().meta({ description: "`cpu_usage_warning`, `instance_down`" }),
  severity: z.enum(["high", "critical"]).meta({ description: "`high` is a warning" }),
  message: z.string(),
  status: alertStatus,
  createdAt: time,
  updatedAt: time,
  resolvedAt: time.optional(),
});
export type OriginalAlert = z.infer<typeof originalAlertSchema>;

export const originalAlertsSchema = z.object({
  alerts: z.array(originalAlertSchema),
  count: z.int(),
  lastEvaluatedKey,
});

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
  recentAlerts: z.array(originalAlertSchema),
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

export const originalAlertsQuerySchema = z.object({
  status: alertStatus.optional(),
  instanceId: instanceIdSchema.optional(),
  limit,
  exclusiveStartKey: startKey.pipe(z.object({ before: z.string(KEY).max(300, KEY) }, KEY)).optional(),
});

/** What the original's pages sent: a status, and with `resolved` a time that the server did not look at. */
export const originalAlertChangeSchema = z.object({
  status: alertStatus.optional(),
  message: z.string("must be a string").trim().max(1_000, "must be at most 1000 characters").optional(),
  resolvedAt: z.union([z.string(), z.number()]).nullable().optional(),
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
