import { z } from "zod";
import { CHECK_KINDS } from "./check-kinds.ts";
import { epochMs, label, tag } from "./fields.ts";
import { definitionOf, metricOf, parseSeriesKey, type SeriesKey } from "./metric.ts";
import { CLOUD_STATUSES, providerKind } from "./providers.ts";
import {
  RULE_CHANGE_OVER_MAX_MS,
  RULE_HOLD_MAX_MS,
  RULE_PHASES,
  RULE_PREVIEW_DAYS,
  SEVERITIES,
  type RuleKind,
} from "./rule-kinds.ts";
import { CHECK_ID_PREFIX, INSTANCE_ID_LENGTH_MAX } from "./limits.ts";

export * from "./rule-kinds.ts";

/** Rules: what is trouble, for whom, and how long it must last. Values in base units, spans in milliseconds. */

export const severityName = z.enum(SEVERITIES, `must be one of ${SEVERITIES.join(", ")}`);

const value = z.number("must be a number").min(-1e18).max(1e18);
const span = (min: number, max: number, what: string) =>
  z
    .int("must be whole milliseconds")
    .min(min, `must be at least ${min} ms`)
    .max(max, `must be at most ${max} ms: ${what}`);

/** A known metric, bare (the whole machine) or of one thing; or a custom one that some instance sends. */
const series = z
  .string("must be a string")
  .trim()
  .refine(
    (key) => parseSeriesKey(key) !== undefined,
    "is no metric: a name such as cpu_busy_ratio, or filesystem_used_ratio:/var",
  )
  .refine(
    (key) =>
      parseSeriesKey(key)?.dimension === undefined ||
      definitionOf(metricOf(key)) === undefined ||
      definitionOf(metricOf(key))!.perDimension !== undefined,
    "has no parts that could be told apart: leave out what follows the colon",
  )
  .transform((key): SeriesKey => key);

const thresholds = {
  warning: value.nullable().default(null),
  critical: value.nullable().default(null),
  /** It is over when this is reached again; null: the milder of the two thresholds. */
  recovery: value.nullable().default(null),
};
export interface Thresholds {
  warning: number | null;
  critical: number | null;
  recovery: number | null;
}

const metric = z.object({
  kind: z.literal("metric"),
  metric: series,
  /** Which side is trouble. */
  direction: z.enum(["above", "below"]),
  ...thresholds,
});
const change = z.object({
  kind: z.literal("change"),
  metric: series,
  direction: z.enum(["rises", "falls"]),
  /** By so much within this. Thresholds are positive in both directions. */
  overMs: span(60_000, RULE_CHANGE_OVER_MAX_MS, "what is compared must still be in memory"),
  ...thresholds,
});
const forecast = z.object({
  kind: z.literal("forecast"),
  /** A ratio that is full at 1. */
  metric: z.enum(["filesystem_used_ratio", "filesystem_inodes_used_ratio", "memory_used_ratio", "swap_used_ratio"]),
  /** Full within so many milliseconds. */
  ...thresholds,
});
const verdict = z.object({
  kind: z.literal("verdict"),
  of: z.enum(["instance", "check"]),
  /** Of checks: only these kinds; empty: all. */
  checkKinds: z.array(z.enum(CHECK_KINDS)).default([]),
  degraded: severityName.nullable().default(null),
  down: severityName.nullable().default("critical"),
});
const silence = z.object({
  kind: z.literal("silence"),
  /** Silent for so many milliseconds; and at least three of its own intervals. */
  ...thresholds,
});
const provider = z.object({
  kind: z.literal("provider"),
  statuses: z.array(z.enum(CLOUD_STATUSES)).default(["stopped", "suspended"]),
  /** The provider itself finds something wrong with it. */
  impaired: z.boolean().default(true),
  severity: severityName.default("warning"),
});
const reboot = z.object({
  kind: z.literal("reboot"),
  /** For so long after it. */
  forMs: span(60_000, RULE_HOLD_MAX_MS, "a day").default(600_000),
  severity: severityName.default("warning"),
});

export const conditionSchema = z
  .discriminatedUnion("kind", [metric, change, forecast, verdict, silence, provider, reboot])
  .superRefine((condition, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (condition.kind === "verdict") {
      if (condition.degraded === null && condition.down === null)
        refuse("down", "must say how bad it is: warning or critical");
      return;
    }
    if (condition.kind === "provider" || condition.kind === "reboot") return;
    const problem = thresholdProblem(condition, isHighBad(condition));
    if (problem) refuse(problem.path, problem.message);
  });
export type Condition = z.output<typeof conditionSchema>;
export type ConditionOf<Kind extends RuleKind> = Extract<Condition, { kind: Kind }>;

/** Whether more of it is worse. */
export function isHighBad(condition: Condition): boolean {
  if (condition.kind === "metric") return condition.direction === "above";
  return condition.kind !== "forecast";
}

/** What is wrong with three thresholds; undefined where they can be told apart and left again. */
export function thresholdProblem(
  { warning, critical, recovery }: Thresholds,
  highIsBad: boolean,
): { path: keyof Thresholds; message: string } | undefined {
  const isWorse = (a: number, b: number) => (highIsBad ? a > b : a < b);
  const side = highIsBad ? "below" : "above";
  if (warning === null && critical === null)
    return { path: "warning", message: "must be given, or a critical threshold" };
  if (warning !== null && critical !== null && !isWorse(critical, warning))
    return { path: "critical", message: `must be ${highIsBad ? "above" : "below"} the warning threshold` };
  const mildest = warning ?? critical!;
  if (recovery !== null && isWorse(recovery, mildest))
    return {
      path: "recovery",
      message: `is on the wrong side: must be ${side} the threshold ${mildest}, or equal to it`,
    };
  return undefined;
}

const subjectId = z.string().min(1).max(INSTANCE_ID_LENGTH_MAX);

/** Whom a rule, a silence or a channel is about: what is empty says nothing, of several each must agree. */
export const scopeSchema = z.object({
  tags: z.array(tag).max(50).default([]),
  providers: z.array(providerKind).default([]),
  /** As providers name them. */
  regions: z.array(z.string().trim().min(1).max(64)).max(50).default([]),
  /** Instances and checks (`check:…`) by their ids. */
  subjects: z.array(subjectId).max(500).default([]),
});
export type SubjectScope = z.output<typeof scopeSchema>;

const ruleFields = {
  name: label,
  isEnabled: z.boolean().default(true),
  condition: conditionSchema,
  scope: scopeSchema.default({ tags: [], providers: [], regions: [], subjects: [] }),
  /** A breach must last so long before it fires. */
  holdMs: span(0, RULE_HOLD_MAX_MS, "longer than single samples can be told apart").default(0),
  /** It must be well for so long before it is over. */
  keepFiringMs: span(0, RULE_HOLD_MAX_MS, "a day").default(0),
};
export const newRuleSchema = z.object(ruleFields);
export type NewRule = z.output<typeof newRuleSchema>;
/** Whole: what is sent takes the place of what was. */
export const putRuleSchema = newRuleSchema;

/** Another measure for one subject. */
export const overrideSchema = z
  .object({ isEnabled: z.boolean().default(true), ...thresholds })
  .meta({ description: "Thresholds that are null are the rule's own" });
export type Override = z.output<typeof overrideSchema>;

export const ruleSchema = z.object({
  ...ruleFields,
  id: z.string(),
  /** One of those that Nephos begins with. */
  isDefault: z.boolean(),
  createdAt: epochMs,
  updatedAt: epochMs,
  overrides: z.record(z.string(), overrideSchema).meta({ description: "By subject" }),
  openIncidents: z.int(),
});
export type Rule = z.infer<typeof ruleSchema>;
export const ruleListSchema = z.object({ rules: z.array(ruleSchema) });

/** Where the rules stand with one subject, for its page. */
export const ruleStateSchema = z.object({
  ruleId: z.string(),
  name: z.string(),
  phase: z.enum(RULE_PHASES),
  severity: severityName.nullable(),
  /** Since when the phase is this one. */
  since: epochMs.nullable(),
  value: z.number().nullable(),
});
export type RuleState = z.infer<typeof ruleStateSchema>;
export const ruleStatesSchema = z.object({ now: epochMs, states: z.array(ruleStateSchema) });

export const previewRuleSchema = newRuleSchema.pick({ condition: true, scope: true, holdMs: true, keepFiringMs: true });
export const previewSchema = z.object({
  from: epochMs,
  to: epochMs,
  subjects: z.int().meta({ description: "How many the rule is about" }),
  looked: z.int().meta({ description: "How many of them were gone through: the rest would take too long" }),
  firings: z
    .array(
      z.object({
        subject: z.string(),
        name: z.string(),
        severity: severityName,
        from: epochMs,
        to: epochMs.nullable().meta({ description: "Null: it would fire now" }),
        worst: z.number().nullable(),
      }),
    )
    .meta({ description: `When it would have fired in the last ${RULE_PREVIEW_DAYS} days, newest first; at most 200` }),
  note: z.string().nullable().meta({ description: "What the preview cannot tell" }),
});
export type Preview = z.infer<typeof previewSchema>;

export function isCheckSubject(subject: string): boolean {
  return subject.startsWith(CHECK_ID_PREFIX);
}
