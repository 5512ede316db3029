import { z } from "zod";
import { epochMs } from "./fields.ts";

/** One part of the sentinel's tick, as it went last. */
export const tickStepSchema = z.object({
  name: z.string(),
  lastAt: epochMs,
  durationMs: z.int(),
  isOk: z.boolean(),
  /** What did not fit into its time and goes on with the next tick. */
  isUnfinished: z.boolean(),
});
export const tickStepDetailSchema = tickStepSchema.extend({
  problem: z.string().nullable(),
  lastOkAt: epochMs.nullable(),
  says: z.string().nullable().meta({ description: "What it came to: `1,500 instances, 2 changed`" }),
});
export type TickStep = z.infer<typeof tickStepDetailSchema>;

export const healthSchema = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  lastTickAt: epochMs.nullable().meta({ description: "The tick of the sentinel that finished last" }),
  /** The words of a failure are for who is signed in: see Operations. */
  steps: z.array(tickStepSchema),
});
export type Health = z.infer<typeof healthSchema>;
