import { z } from "zod";
import {
  CHECK_ID_PREFIX,
  INSTANCE_ID_LENGTH_MAX,
  INSTANCE_NAME_LENGTH_MAX,
  INTERVAL_MAX_MS,
  INTERVAL_MIN_MS,
  PROTOCOL,
  SAMPLES_PER_ENVELOPE_MAX,
  SERIES_PER_SAMPLE_MAX,
} from "./limits.ts";
import { parseSeriesKey, rangeOf, type Readings } from "./metric.ts";
import { providerKind } from "./providers.ts";
import type { EpochMs } from "./units.ts";

/**
 * The agent's own protocol, one envelope per message (`docs/protocol.md`). An agent numbers its samples within a *stream*;
 * inside a stream `seq` and `at` both strictly increase, so a sample that comes twice is recognised and stored once.
 * An agent starts a new stream when it starts and when its wall clock was stepped.
 */

// eslint-disable-next-line no-control-regex -- control characters are exactly what a name must not hold
const NO_CONTROL = /^[^\u0000-\u001f\u007f]*$/;
const INSTANCE_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/;
const STREAM_ID = /^[A-Za-z0-9-]{8,64}$/;

const line = (max: number) =>
  z.string().max(max, `must be at most ${max} characters`).regex(NO_CONTROL, "must not contain control characters");

export const instanceIdSchema = z
  .string("must be a string")
  .min(1, "must not be empty")
  .max(INSTANCE_ID_LENGTH_MAX, `must be at most ${INSTANCE_ID_LENGTH_MAX} characters`)
  .regex(INSTANCE_ID, "may hold letters, digits and . _ : @ - only, and must start with a letter or digit")
  .refine((id) => !id.startsWith(CHECK_ID_PREFIX), `must not begin with ${CHECK_ID_PREFIX}`);

/** What an agent says of its machine. Everything but the id may be missing; a missing field never erases a known one. */
export const instanceFactsSchema = z.object({
  id: instanceIdSchema,
  name: line(INSTANCE_NAME_LENGTH_MAX).min(1, "must not be empty").optional(),
  region: line(64).optional(),
  type: line(64).optional(),
  hostname: line(253).optional(),
  os: line(128).optional(),
  kernel: line(128).optional(),
  arch: line(32).optional(),
  cpuModel: line(128).optional(),
  cpuCount: z.int().min(1).max(65_536).optional(),
  memoryTotalBytes: z.int().min(0).optional(),
  bootId: line(64).optional(),
  bootAt: z.int().min(0).optional(),
  healthEndpoint: line(512).optional(),
  /** The cloud the machine finds itself in, and its id there, from the metadata service: what a provider's list is matched by. */
  cloudKind: providerKind.optional(),
  cloudId: line(INSTANCE_ID_LENGTH_MAX).optional(),
});
export type InstanceFacts = z.infer<typeof instanceFactsSchema>;

// Walked by hand: a schema per key would cost more than the rest of the request, and z.record() drops `__proto__` without a word.
const readingsSchema = z.custom<Readings>().superRefine((value: unknown, context) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    context.addIssue({ code: "custom", message: "must be an object of numbers" });
    return;
  }
  const keys = Object.keys(value);
  if (keys.length > SERIES_PER_SAMPLE_MAX) {
    context.addIssue({ code: "custom", message: `must hold at most ${SERIES_PER_SAMPLE_MAX} series` });
    return;
  }
  for (const key of keys) {
    const problem = readingProblem(key, (value as Record<string, unknown>)[key]);
    if (problem) {
      context.addIssue({ code: "custom", path: [key], message: problem });
      return;
    }
  }
});

/** Why this reading cannot be taken, or undefined where it can. */
export function readingProblem(key: string, value: unknown): string | undefined {
  const parsed = parseSeriesKey(key);
  if (!parsed) {
    return "is not a legal metric name: use lower-case letters, digits and _ (at most 64), then optionally : and a dimension";
  }
  if (typeof value !== "number" || !Number.isFinite(value)) return "must be a finite number";
  const [min, max] = rangeOf(parsed.metric);
  if (value < min || value > max) return `must be between ${min} and ${max}`;
  return undefined;
}

export const sampleSchema = z.object({
  seq: z.int().min(1, "must be a whole number from 1").max(Number.MAX_SAFE_INTEGER),
  at: z.int("must be milliseconds since 1970, as a whole number"),
  metrics: readingsSchema,
});
export type Sample = z.infer<typeof sampleSchema>;

export const streamIdSchema = z.string().regex(STREAM_ID, "must be 8 to 64 letters, digits or -");

export const ingestEnvelopeSchema = z.object({
  protocol: z.literal(PROTOCOL, `must be "${PROTOCOL}"`),
  agent: z.object({ version: line(32) }),
  instance: instanceFactsSchema,
  stream: streamIdSchema,
  /** The agent's clock when it sent this: the only way to tell an old sample from a wrong clock. */
  sentAt: z.int("must be milliseconds since 1970, as a whole number"),
  intervalMs: z.int().min(INTERVAL_MIN_MS).max(INTERVAL_MAX_MS),
  /** As in `samples` on the socket: nothing is left of this stream between this number and the first sample. */
  after: z.int().min(0).optional(),
  oldest: z.boolean().optional(),
  samples: z.array(sampleSchema).max(SAMPLES_PER_ENVELOPE_MAX, `must hold at most ${SAMPLES_PER_ENVELOPE_MAX} samples`),
});
export type IngestEnvelope = z.infer<typeof ingestEnvelopeSchema>;

/** The answer to an envelope that was taken. */
export interface IngestReply {
  protocol: typeof PROTOCOL;
  /** Everything of this stream up to here is in the database: the agent may forget it. 0 where nothing is yet. */
  durableSeq: number;
  /** Samples of this envelope that were taken; they are in the database when `durableSeq` has reached them. */
  accepted: number;
  /** Samples of this envelope that were taken before. */
  repeated: number;
  /** Series values taken, over all accepted samples. */
  metricsIngested: number;
  /** Present where samples between this number and the envelope's first are not here: send from above it. */
  resendAfter?: number;
  /** How many samples to gather into one envelope; absent: one. */
  samplesPerMessage?: number;
  /** Present where custom metrics were left out because the instance has as many as it may have. */
  customMetricsRefused?: string[];
  /** Present where the agent's clock is more than a day off, and the server's decides. */
  clock?: { serverAt: EpochMs; offsetMs: number; message: string };
}

/** Every refusal of Nephos has this body. `error` is the status in words, as the original's clients expect it. */
export interface ErrorReply {
  error: string;
  code: string;
  message: string;
  /** Path of the offending field, e.g. `samples[0].metrics.cpu_busy_ratio`. */
  field?: string;
  /** What to do about it. */
  remedy?: string;
}
