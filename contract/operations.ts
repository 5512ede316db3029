import { z } from "zod";
import { epochMs } from "./fields.ts";
import { tickStepDetailSchema } from "./health.ts";
import { RETENTION_DAYS } from "./limits.ts";

/**
 * What this Nephos costs its owner, counted by itself, against what the plan allows in a day (UTC). Counts of one isolate
 * reach the meter within minutes, and are lost where the isolate ends before: a lower bound, and near.
 */
export const QUOTAS = ["rowsWritten", "rowsRead", "workerRequests", "objectRequests", "objectGbSeconds"] as const;
export type Quota = (typeof QUOTAS)[number];

const amounts = z.object(Object.fromEntries(QUOTAS.map((quota) => [quota, z.number()])) as Record<Quota, z.ZodNumber>);
export type Amounts = z.infer<typeof amounts>;

const usageDay = z.object({ day: z.iso.date(), used: amounts });
export type UsageDay = z.infer<typeof usageDay>;

const days = ({ min, max }: { min: number; max: number }) =>
  z.int("must be a whole number of days").min(min, `must be at least ${min}`).max(max, `must be at most ${max}`);

export const retentionSchema = z
  .object({
    rawDays: days(RETENTION_DAYS.raw),
    fiveMinutesDays: days(RETENTION_DAYS.fiveMinutes),
    hourDays: days(RETENTION_DAYS.hour),
  })
  .refine(({ rawDays, fiveMinutesDays }) => rawDays < fiveMinutesDays, {
    path: ["fiveMinutesDays"],
    message: "must be more than `rawDays`: each tier is to reach further back than the one before",
  })
  .refine(({ fiveMinutesDays, hourDays }) => fiveMinutesDays < hourDays, {
    path: ["hourDays"],
    message: "must be more than `fiveMinutesDays`: each tier is to reach further back than the one before",
  });
export type Retention = z.infer<typeof retentionSchema>;

export const operationsSchema = z.object({
  now: epochMs,
  plan: z.enum(["free", "paid"]),
  /** What the plan allows in a day; on the paid plan a thirtieth of what the month includes, and more costs more. */
  limits: amounts,
  today: usageDay,
  /** Today's amounts at midnight UTC, should the rest of the day be as its last hours. */
  forecast: amounts,
  /** The days before, newest first. */
  before: z.array(usageDay),
  /** Socket messages received today, of which 20 count as one request. */
  socketMessages: z.int(),
  agents: z.object({ instances: z.int(), sockets: z.int(), viewers: z.int() }),
  /** `normal`; from 80 % of a quota `saving`, from 95 % `sparing`: samples wait longer for the database, none is lost. */
  thrift: z.object({ stage: z.enum(["normal", "saving", "sparing"]), because: z.enum(QUOTAS).nullable() }),
  flush: z.object({
    everyMs: z.int(),
    usualMs: z.int().meta({ description: "How often it is while nothing is short" }),
    lastAt: epochMs.nullable(),
    samplesWaiting: z.int().meta({ description: "Taken and not yet in the database; the agents still have them" }),
    problem: z.string().nullable().meta({ description: "Why the last flush failed; null where it did not" }),
  }),
  storage: z.object({
    databaseBytes: z.int().nullable(),
    databaseBytesMax: z.int(),
    blocksUnreadable: z.int().meta({ description: "Met since the shard started" }),
  }),
  retention: retentionSchema,
  /** The sentinel's steps, as they went last. */
  steps: z.array(tickStepDetailSchema),
});
export type Operations = z.infer<typeof operationsSchema>;
