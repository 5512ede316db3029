import { z } from "zod";
import { epochMs, label } from "./fields.ts";
import { scopeSchema } from "./rules.ts";

/** Silences: for whom nothing is told, when and why. What happens meanwhile is kept, and told afterwards if it is still so. */

export const timeZone = z
  .string("must be a string")
  .max(64)
  .refine((name) => {
    try {
      new Intl.DateTimeFormat("en", { timeZone: name });
      return true;
    } catch {
      return false;
    }
  }, "is no time zone: a name such as Europe/Berlin");

export const clockTime = z
  .string("must be a string")
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day such as 22:30");

/** 1 is Monday, as in ISO 8601. */
export const weekdays = z
  .array(z.int().min(1).max(7))
  .min(1, "must name a day")
  .transform((days) => [...new Set(days)].sort());

/** Every week on these days, from one time of day until another, which is on the next day where it is not later. Wall-clock time. */
export const recurringSchema = z.object({
  kind: z.literal("weekly"),
  days: weekdays,
  from: clockTime,
  to: clockTime,
  timeZone,
});
export type Recurring = z.output<typeof recurringSchema>;

const once = z.object({ kind: z.literal("once"), from: epochMs, to: epochMs });

export const newSilenceSchema = z.object({
  reason: label,
  scope: scopeSchema,
  /** Only what these rules say; empty: all. */
  ruleIds: z.array(z.string()).max(200).default([]),
  when: z
    .discriminatedUnion("kind", [once, recurringSchema.extend({ until: epochMs.nullable().default(null) })])
    .refine((when) => when.kind !== "once" || when.to > when.from, {
      path: ["to"],
      message: "must be after its beginning",
    }),
});
export type NewSilence = z.output<typeof newSilenceSchema>;

export const silenceSchema = newSilenceSchema.extend({
  id: z.string(),
  createdBy: z.string(),
  createdAt: epochMs,
  endedAt: epochMs.nullable().meta({ description: "When somebody ended it early" }),
  isActive: z.boolean(),
  /** When it begins or ends next; null where it is over. */
  nextChangeAt: epochMs.nullable(),
});
export type Silence = z.infer<typeof silenceSchema>;
export const silenceListSchema = z.object({ now: epochMs, silences: z.array(silenceSchema) });
export const SILENCES_MAX = 500;
