import { z } from "zod";
import { instanceEventSchema } from "./events.ts";
import { epochMs, label, tags } from "./fields.ts";
import type { TAIL_METRICS } from "./metric.ts";
import type { Readings, SeriesKey } from "./metric.ts";
import { bandwidthSchema, cloudSchema } from "./providers.ts";
import type { EpochMs } from "./units.ts";
import { judgementSchema, uptimeReportSchema } from "./verdict.ts";

/** A watched machine, as the API and the live socket tell of it. Times are the server's. */
export const instanceSchema = z.object({
  id: z.string(),
  name: z.string(),
  region: z.string().nullable(),
  type: z.string().nullable(),
  hostname: z.string().nullable(),
  os: z.string().nullable(),
  kernel: z.string().nullable(),
  arch: z.string().nullable(),
  cpuModel: z.string().nullable(),
  cpuCount: z.int().nullable(),
  memoryTotalBytes: z.int().nullable(),
  bootAt: epochMs.nullable(),
  healthEndpoint: z.string().nullable(),
  agentVersion: z.string().nullable(),
  intervalMs: z.int().meta({ description: "How often samples are to be expected, in milliseconds" }),
  clockOffsetMs: z.number().meta({ description: "How far the agent's clock runs ahead; corrected when above a day" }),
  tags: z.array(z.string()),
  clonedAt: epochMs.nullable().meta({ description: "When two machines were last seen to use this instance's token" }),
  firstSeenAt: epochMs,
  lastSampleAt: epochMs.nullable(),
  /** As its provider lists it; null for a machine of no cloud, or of one we have no key for. */
  cloud: cloudSchema.nullable(),
  monthlyCostGiven: z
    .object({ amount: z.number(), currency: z.string() })
    .nullable()
    .meta({ description: "What its owner says it costs, where the provider does not" }),
  /** Null until somebody has looked. */
  judgement: judgementSchema.nullable(),
});
export type Instance = z.infer<typeof instanceSchema>;

/** The last half hour of what a card draws, thinned to its width. */
export interface FleetTail {
  at: EpochMs[];
  values: Record<(typeof TAIL_METRICS)[number], (number | null)[]>;
}

export interface FleetInstance extends Instance {
  /** The fleet metrics of the last sample. */
  latest: Readings;
  tail: FleetTail;
}

const readings = z.custom<Readings>().meta({ type: "object", additionalProperties: { type: "number" } });

/** What an instance page starts from: every series it has, and their last values. */
export const instanceDetailSchema = z.object({
  instance: instanceSchema,
  latest: readings,
  seriesKeys: z
    .array(z.custom<SeriesKey>().meta({ type: "string" }))
    .meta({ description: "Series seen in the last day" }),
  bandwidth: bandwidthSchema.nullable(),
  events: z.array(instanceEventSchema).meta({ description: "The last hundred, newest first" }),
  uptime: uptimeReportSchema,
});
export type InstanceDetail = z.infer<typeof instanceDetailSchema>;

/** A machine of no cloud, before or without its agent. */
export const newInstanceSchema = z.object({
  name: label,
  tags: tags.default([]),
  region: z.string().trim().max(64).nullable().default(null),
  address: z
    .string()
    .trim()
    .max(2_000)
    .nullable()
    .default(null)
    .meta({ description: "A URL, or a hostname or address with or without a port: what its first check looks at" }),
  monthlyCost: z
    .object({ amount: z.number().min(0).max(1e6), currency: z.string().regex(/^[A-Z]{3}$/) })
    .nullable()
    .default(null),
});
export type NewInstance = z.output<typeof newInstanceSchema>;

export const changeInstanceSchema = z
  .object({
    name: label.optional(),
    tags: tags.optional(),
    monthlyCostGiven: newInstanceSchema.shape.monthlyCost.unwrap().optional(),
  })
  .refine(
    ({ name, tags: given, monthlyCostGiven }) =>
      name !== undefined || given !== undefined || monthlyCostGiven !== undefined,
    "must hold a name, tags or a cost",
  );
