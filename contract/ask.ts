import { z } from "zod";
import { epochMs } from "./fields.ts";
import { INSIGHT_KIND_NAMES, insightChartSchema, QUESTION_LENGTH_MAX, wordedSchema } from "./insights.ts";

/**
 * A question in plain words becomes a plan: one to three of these queries. They only read, their parameters are bounded, and nothing
 * else is ever run for a question, whoever understood it.
 */
const days = z.number().min(0.01).max(400);
const subjects = z
  .array(z.string().max(200))
  .max(20)
  .default([])
  .meta({ description: "Instance ids; empty: the whole fleet" });
const tags = z.array(z.string().max(48)).max(10).default([]);
const scope = { subjects, tags };
/** A span that ended so many days ago: 0 is now. */
const agoDays = z.number().min(0).max(400).default(0).meta({ description: "How many days ago the span ended; 0: now" });

export const ASK_METRICS = [
  "cpu",
  "memory",
  "disk",
  "inodes",
  "network_in",
  "network_out",
  "disk_busy",
  "load",
  "bandwidth",
  "certificate",
  "response",
] as const;
export type AskMetric = (typeof ASK_METRICS)[number];
const metric = z.enum(ASK_METRICS);

export const planStepSchema = z.discriminatedUnion("query", [
  /** What will be full or run out within so many days. */
  z.object({ query: z.literal("runs_out"), metric: metric.nullable(), withinDays: days.default(90), ...scope }),
  /** Who has most or least of something, by mean or by peak, over the last so many days. */
  z.object({
    query: z.literal("ranking"),
    metric,
    by: z.enum(["mean", "max"]).default("mean"),
    order: z.enum(["most", "least"]).default("most"),
    overDays: days.default(1),
    agoDays,
    top: z.int().min(1).max(20).default(10),
    ...scope,
  }),
  /** What a metric is now, and how it was. */
  z.object({ query: z.literal("reading"), metric, overDays: days.default(1), agoDays, ...scope }),
  /** This span against the one before it. */
  z.object({ query: z.literal("comparison"), metric, overDays: days.default(7), agoDays, ...scope }),
  /** Insights that were found: anomalies, patterns, waste. */
  z.object({
    query: z.literal("insights"),
    kinds: z.array(z.enum(INSIGHT_KIND_NAMES)).default([]),
    overDays: days.default(7),
    agoDays,
    ...scope,
  }),
  z.object({
    query: z.literal("incidents"),
    state: z.enum(["open", "resolved", "all"]).default("all"),
    overDays: days.default(1),
    agoDays,
    ...scope,
  }),
  /** What changed before a moment, or before an incident: `latest`, the last one of those meant; `nearest`, the one that opened nearest to `at`. */
  z.object({
    query: z.literal("changes"),
    at: epochMs.nullable().default(null),
    incidentId: z.string().max(100).nullable().default(null),
    beforeHours: z.number().min(0.25).max(168).default(6),
    ...scope,
  }),
  /** Who is up, down, degraded, unknown. */
  z.object({ query: z.literal("health"), ...scope }),
  z.object({
    query: z.literal("uptime"),
    overDays: days.default(30),
    agoDays,
    order: z.enum(["worst", "best"]).default("worst"),
    ...scope,
  }),
  /** What the fleet costs, and what of it is not used. */
  z.object({ query: z.literal("cost"), ...scope }),
  /** How many there are, by what. */
  z.object({
    query: z.literal("inventory"),
    by: z.enum(["region", "provider", "plan", "os", "tag"]).default("region"),
    /** The one of them that was asked for: `ewr`, `ubuntu`. */
    only: z.string().max(64).nullable().default(null),
    ...scope,
  }),
]);
export type PlanStep = z.output<typeof planStepSchema>;
export const planSchema = z.array(planStepSchema).min(1).max(3);
export type Plan = z.output<typeof planSchema>;

export const askSchema = z.object({
  question: z
    .string("must be a string")
    .trim()
    .min(2, "must be a question")
    .max(QUESTION_LENGTH_MAX, `must be at most ${QUESTION_LENGTH_MAX} characters`),
});

export const answerSchema = z.object({
  now: epochMs,
  question: z.string(),
  /** What was looked up; empty where the question was not understood. */
  plan: z.array(planStepSchema),
  /** The plan in words: "Disks that will be full within 90 days". */
  understoodAs: z.string().nullable(),
  answer: wordedSchema,
  charts: z.array(insightChartSchema).max(3),
  /** What could be asked instead, or next. */
  suggestions: z.array(z.string()),
});
export type Answer = z.infer<typeof answerSchema>;
