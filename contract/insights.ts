import { z } from "zod";
import { epochMs } from "./fields.ts";
import {
  ENGINE_NAMES,
  INSIGHT_GROUP_NAMES,
  INSIGHT_KIND_NAMES,
  INSIGHT_SEVERITIES,
  INSIGHTS_PAGE_MAX,
  USEFUL,
} from "./insight-kinds.ts";

export * from "./insight-kinds.ts";

const engine = z.enum(ENGINE_NAMES);
const severity = z.enum(INSIGHT_SEVERITIES);

/** One bounded fact that something is said by: what was measured, of whom, when. */
export const evidenceSchema = z.object({
  id: z.string().meta({ description: "Within its insight or answer: `e1`" }),
  words: z.string().meta({ description: "The fact as a sentence, fit to be read alone" }),
  /** An instance's or a check's id; null where it is of the fleet. */
  subject: z.string().nullable(),
  /** As it is called. */
  name: z.string().nullable(),
  metric: z.string().nullable().meta({ description: "A series key" }),
  /** In the metric's base unit. */
  value: z.number().nullable(),
  from: epochMs.nullable(),
  to: epochMs.nullable(),
  incidentId: z.string().nullable(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** A sentence, and what it is said by. One without evidence is never shown. */
export const claimSchema = z.object({
  text: z.string(),
  evidence: z.array(z.string()).min(1).meta({ description: "Ids of evidence" }),
});
export type Claim = z.infer<typeof claimSchema>;

/** Values at even steps, null where there is none. */
const steps = z.array(z.number().nullable());

/** Where a series leads, with the interval that holds it in 95 of 100 cases. */
export const bandSchema = z.object({
  from: epochMs,
  stepMs: z.int(),
  middle: steps,
  lower: steps,
  upper: steps,
});
export type Band = z.infer<typeof bandSchema>;

/** A time in which readings were unlike the ones before. */
export const anomalySpanSchema = z.object({
  metric: z.string(),
  from: epochMs,
  to: epochMs,
  peakAt: epochMs,
  value: z.number().meta({ description: "At its peak" }),
  usualLow: z.number().nullable(),
  usualHigh: z.number().nullable(),
  score: z.number().meta({ description: "0 to 1: how rare such a reading is in this series" }),
});
export type AnomalySpan = z.infer<typeof anomalySpanSchema>;

/** What to draw to show it: series of some subjects over a window, and what is drawn over them. */
export const insightChartSchema = z.object({
  subjects: z.array(z.string()).min(1).max(8),
  metrics: z.array(z.string()).min(1).max(4),
  from: epochMs,
  to: epochMs,
  limit: z.number().nullable(),
  band: bandSchema.nullable(),
  spans: z.array(anomalySpanSchema),
});
export type InsightChart = z.infer<typeof insightChartSchema>;

const money = z.object({ amount: z.number(), currency: z.string() });

export const insightSchema = z.object({
  id: z.string(),
  kind: z.enum(INSIGHT_KIND_NAMES),
  severity,
  title: z.string(),
  claims: z.array(claimSchema).min(1),
  actions: z.array(z.string()).meta({ description: "What to do about it; may be empty" }),
  subjects: z.array(z.object({ id: z.string(), name: z.string() })).min(1),
  metrics: z.array(z.string()),
  confidence: z.number().min(0).max(1).nullable().meta({ description: "Computed; null where nothing was foretold" }),
  basis: z.string().meta({ description: "What the confidence was computed from, in words" }),
  evidence: z.array(evidenceSchema).min(1),
  chart: insightChartSchema.nullable(),
  /** The moment it is about: when it is full, when it was at its most unusual; with its interval. */
  at: epochMs.nullable(),
  earliestAt: epochMs.nullable(),
  latestAt: epochMs.nullable(),
  monthlySaving: money.nullable(),
  engine,
  model: z.string().nullable().meta({ description: "The language model that worded it; null where none did" }),
  madeAt: epochMs,
  updatedAt: epochMs,
  /** Not shown after that unless it was found again. */
  expiresAt: epochMs,
  dismissedAt: epochMs.nullable(),
  dismissedBy: z.string().nullable(),
  useful: z.enum(USEFUL).nullable(),
});
export type Insight = z.infer<typeof insightSchema>;

export const insightListQuerySchema = z.object({
  group: z.enum(INSIGHT_GROUP_NAMES).optional(),
  kind: z.enum(INSIGHT_KIND_NAMES).optional(),
  severity: severity.optional(),
  /** Of one instance or check. */
  subject: z.string().max(200).optional(),
  text: z.string().trim().max(200).optional(),
  dismissed: z.enum(["no", "yes"]).default("no"),
  before: z.string().max(300).optional().meta({ description: "`next` of the page before" }),
  limit: z.coerce.number().int().min(1).max(INSIGHTS_PAGE_MAX).default(50),
});

/** How much of the fleet has been looked into, and when last. */
export const insightStateSchema = z.object({
  /** The oldest look among the instances that have one; null before the first. */
  lookedAt: epochMs.nullable(),
  instances: z.int().meta({ description: "Instances that send readings" }),
  looked: z.int().meta({ description: "Of them looked into within the last two hours" }),
  /** Whose words are asked for now: Snowflake where it is connected and its budget is not spent. */
  engine,
  model: z.string().nullable(),
  /** Why the words are not Snowflake's although it is connected. */
  note: z.string().nullable(),
});
export type InsightState = z.infer<typeof insightStateSchema>;

export const insightListSchema = z.object({
  now: epochMs,
  insights: z.array(insightSchema).meta({ description: "The worst first, of them what is soonest" }),
  counts: z.object({ patterns: z.int(), anomalies: z.int(), predictions: z.int(), dismissed: z.int() }),
  state: insightStateSchema,
  next: z.string().nullable(),
});
export type InsightList = z.infer<typeof insightListSchema>;

export const changeInsightSchema = z.object({
  isDismissed: z.boolean().optional(),
  useful: z.enum(USEFUL).nullable().optional(),
});

/** Sentences with their evidence, whoever put them into words. */
export const wordedSchema = z.object({
  claims: z.array(claimSchema),
  actions: z.array(claimSchema),
  evidence: z.array(evidenceSchema),
  engine,
  model: z.string().nullable(),
  /** Why it is the local engine's although Snowflake is connected. */
  note: z.string().nullable(),
  madeAt: epochMs,
});
export type Worded = z.infer<typeof wordedSchema>;

/** The day in words. */
export const summarySchema = z.object({
  now: epochMs,
  health: wordedSchema.meta({ description: "How the fleet is, and what was found" }),
  counts: z.object({
    instances: z.int(),
    up: z.int(),
    down: z.int(),
    degraded: z.int(),
    unknown: z.int(),
    openIncidents: z.int(),
    incidentsInDay: z.int(),
  }),
  predictions: z.array(insightSchema).max(5).meta({ description: "What is soonest" }),
  findings: z.array(insightSchema).max(5),
  state: insightStateSchema,
});
export type Summary = z.infer<typeof summarySchema>;

/** What is foretold of an instance, and what stood out in it: for its charts. */
export const outlookSchema = z.object({
  now: epochMs,
  madeAt: epochMs.nullable(),
  bands: z.record(z.string(), bandSchema).meta({ description: "By series key" }),
  spans: z.array(anomalySpanSchema),
});
export type Outlook = z.infer<typeof outlookSchema>;

export const insightRefreshSchema = z.object({
  now: epochMs,
  /** Instances that the next ticks look into. */
  waiting: z.int(),
});
