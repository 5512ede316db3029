import { z } from "zod";
import { epochMs } from "./fields.ts";
import type { TAIL_METRICS } from "./metric.ts";
import type { Readings, SeriesKey } from "./metric.ts";
import type { EpochMs } from "./units.ts";

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
});
export type InstanceDetail = z.infer<typeof instanceDetailSchema>;
