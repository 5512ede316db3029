import { z } from "zod";

/** Insights as the original Nephos answered them, in its own names and shapes. */

export const ORIGINAL_INSIGHT_TYPES = ["pattern", "anomaly", "prediction"] as const;
export type OriginalInsightType = (typeof ORIGINAL_INSIGHT_TYPES)[number];
const type = z.enum(ORIGINAL_INSIGHT_TYPES, `must be one of ${ORIGINAL_INSIGHT_TYPES.join(", ")}`);

export const ORIGINAL_INSIGHT_SEVERITIES = ["low", "medium", "high"] as const;
export type OriginalInsightSeverity = (typeof ORIGINAL_INSIGHT_SEVERITIES)[number];
const severity = z.enum(ORIGINAL_INSIGHT_SEVERITIES, `must be one of ${ORIGINAL_INSIGHT_SEVERITIES.join(", ")}`);

const time = z.iso.datetime();

export const originalInsightSchema = z.object({
  id: z.string(),
  type,
  severity,
  title: z.string(),
  description: z.string(),
  affectedInstances: z.array(z.string()),
  metricsAnalyzed: z.array(z.string()).meta({ description: "In the original's names where it has one" }),
  confidenceScore: z.number().nullable().meta({ description: "Computed; null where nothing was foretold" }),
  recommendations: z.string(),
  createdAt: time,
  expiresAt: time,
  metadata: z.record(z.string(), z.unknown()),
});
export type OriginalInsight = z.infer<typeof originalInsightSchema>;

export const originalInsightsSchema = z.object({
  type: type.optional(),
  insights: z.array(originalInsightSchema),
  count: z.int(),
  generatedAt: time.optional(),
});

export const originalSummarySchema = z.object({
  summary: z.string(),
  stats: z.array(z.object({ INSIGHT_TYPE: type, SEVERITY: severity, COUNT: z.int() })),
  criticalInsight: originalInsightSchema.nullable(),
  generatedAt: time,
  metadata: z.object({ aiModel: z.string(), freshGeneration: z.boolean() }),
});

const LIMIT = "must be a whole number from 1 to 200";
export const originalInsightsQuerySchema = z.object({
  type: type.optional(),
  severity: severity.optional(),
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(200, LIMIT).default(50),
});
