import { z } from "zod";
import { instanceFactsSchema, sampleSchema, streamIdSchema, type ErrorReply } from "./ingest.ts";
import { INTERVAL_MAX_MS, INTERVAL_MIN_MS, PROTOCOL, SAMPLES_PER_ENVELOPE_MAX } from "./limits.ts";
import type { Readings } from "./metric.ts";
import type { DurationMs, EpochMs } from "./units.ts";

/**
 * Agent and edge on WebSocket `GET /agent` (`docs/protocol.md`): JSON text, told apart by `type`. The agent speaks first, with
 * `hello`. Samples mean the same here as in an envelope of `POST /ingest`, and both ways may be used for one stream.
 */

/** What an agent can do beyond sending samples. */
export const AGENT_CAPABILITIES = ["resend", "watch", "config"] as const;

const moment = z.int("must be milliseconds since 1970, as a whole number");
const versionLine = z.string().max(32);

export const agentHelloSchema = z.object({
  type: z.literal("hello"),
  protocol: z.literal(PROTOCOL, `must be "${PROTOCOL}"`),
  agent: z.object({ version: versionLine, capabilities: z.array(z.string().max(32)).max(32).default([]) }),
  instance: instanceFactsSchema,
  sentAt: moment,
  intervalMs: z.int().min(INTERVAL_MIN_MS).max(INTERVAL_MAX_MS),
});
export type AgentHello = z.input<typeof agentHelloSchema>;

export const agentSamplesSchema = z.object({
  type: z.literal("samples"),
  stream: streamIdSchema,
  sentAt: moment,
  /** The agent has nothing of this stream above this number and below its first sample here: durable, or given up. */
  after: z.int().min(0),
  /** Nothing older of this stream is kept: what the edge misses below is durable, or given up, and not worth asking for. */
  oldest: z.boolean().default(false),
  samples: z.array(sampleSchema).min(1).max(SAMPLES_PER_ENVELOPE_MAX, `must hold at most ${SAMPLES_PER_ENVELOPE_MAX}`),
});
export type AgentSamples = z.input<typeof agentSamplesSchema>;

/** A reading for whoever is looking: shown, never stored, so without a number. */
export const agentWatchedSchema = z.object({
  type: z.literal("watched"),
  at: moment,
  metrics: sampleSchema.shape.metrics,
});
export type AgentWatched = z.infer<typeof agentWatchedSchema>;

export type AgentMessage = AgentHello | AgentSamples | AgentWatched;

/** What the edge says to an agent. None of it makes an agent do more than send, and forget what is durable. */
export type EdgeMessage =
  /** The answer to `hello`: samples may come. */
  | { type: "welcome"; protocol: typeof PROTOCOL; serverAt: EpochMs }
  /** Everything of this stream up to here is in the database: the agent may forget it. */
  | { type: "durable"; stream: string; durableSeq: number }
  /** Send this stream's samples above `after` again: the edge does not have them any more. */
  | { type: "resend"; stream: string; after: number }
  /** Somebody looks: send `watched` so often, for at most so long unless told again; null ends it. */
  | { type: "watch"; intervalMs: DurationMs | null; forMs: DurationMs }
  /** How many samples to gather into one message while nobody looks. */
  | { type: "config"; samplesPerMessage: number }
  /** For the log of the machine: its clock is wrong, or custom metrics were left out. */
  | { type: "notice"; about: "clock" | "custom_metrics"; message: string }
  /** What was wrong and what to do; the edge closes the socket after it. `seq` where it is one sample. */
  | ({ type: "error"; stream?: string; seq?: number } & ErrorReply);

export type WatchedReading = { at: EpochMs; metrics: Readings };
