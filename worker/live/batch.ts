import { CLOCK_SKEW_MAX_MS, SAMPLE_AGE_MAX_MS, SAMPLE_AHEAD_MAX_MS } from "../../contract/limits.ts";
import type { IngestEnvelope, InstanceFacts } from "../../contract/ingest.ts";
import {
  atPrecision,
  definitionOf,
  FLEET_METRICS,
  metricOf,
  type Readings,
  type SeriesKey,
} from "../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { NephosError, type Refusal } from "../errors.ts";
import { packReadings, type PackedReadings } from "../series/packed.ts";

/**
 * What the Worker hands the shard: checked, and with the readings already packed as the row will hold them.
 * The shard is one thread for the whole fleet, so what can be done before it is.
 */
export interface Batch {
  facts: InstanceFacts;
  agentVersion: string | null;
  /** The agent's stream; null for a sender that keeps nothing and numbers nothing. */
  stream: { id: string; sentAt: EpochMs } | null;
  intervalMs: DurationMs | null;
  /** What the sender has below its first sample; `place` in `cursor.ts` says what it means. */
  after: number;
  oldest: boolean;
  samples: BatchSample[];
}

export interface BatchSample {
  seq: number;
  at: EpochMs;
  metrics: PackedReadings;
  /** How many series `metrics` holds. */
  count: number;
  /** The part of it that the fleet page shows. */
  fleet: Readings;
  custom: SeriesKey[];
}

/** A validated envelope → a batch; refuses samples whose order or time cannot be. */
export function batchOf(envelope: IngestEnvelope): Batch {
  const problem = orderProblem(envelope);
  if (problem) throw NephosError.of(problem);
  return {
    facts: envelope.instance,
    agentVersion: envelope.agent.version,
    stream: { id: envelope.stream, sentAt: envelope.sentAt },
    intervalMs: envelope.intervalMs,
    // A sender that does not say it always begins with the oldest it keeps.
    after: envelope.after ?? (envelope.samples[0]?.seq ?? 1) - 1,
    oldest: envelope.oldest ?? envelope.after === undefined,
    samples: envelope.samples.map((sample) => batchSample(sample.seq, sample.at, sample.metrics)),
  };
}

/** What is wrong with the order or the times of these samples, if anything. */
export function orderProblem({
  sentAt,
  after,
  samples,
}: {
  sentAt: EpochMs;
  after?: number | undefined;
  samples: readonly { seq: number; at: EpochMs }[];
}): Refusal | undefined {
  for (const [i, { seq, at }] of samples.entries()) {
    const previous = samples[i - 1];
    if (previous && seq <= previous.seq) return outOfTime(i, "seq", "must be greater than the one before it");
    if (i === 0 && after !== undefined && seq <= after) return outOfTime(i, "seq", "must be greater than `after`");
    if (previous && at <= previous.at) return outOfTime(i, "at", "must be later than the one before it");
    if (at > sentAt + SAMPLE_AHEAD_MAX_MS) return outOfTime(i, "at", "must not be later than `sentAt`");
    if (at < sentAt - SAMPLE_AGE_MAX_MS) {
      return outOfTime(i, "at", `must not be more than ${SAMPLE_AGE_MAX_MS / 86_400_000} days before \`sentAt\``);
    }
  }
  return undefined;
}

function outOfTime(i: number, field: "seq" | "at", problem: string): Refusal {
  return {
    code: "sample_out_of_time",
    message: `samples[${i}].${field}: ${problem}`,
    field: `samples[${i}].${field}`,
    remedy: "Within a stream `seq` and `at` both grow; start a new stream when the clock was set.",
  };
}

export function batchSample(seq: number, at: EpochMs, metrics: Readings): BatchSample {
  const precise: Readings = {};
  const custom: SeriesKey[] = [];
  let count = 0;
  for (const key in metrics) {
    const metric = metricOf(key);
    if (definitionOf(metric) === undefined) custom.push(key);
    precise[key] = atPrecision(metric, metrics[key]!);
    count++;
  }
  const fleet: Readings = {};
  for (const metric of FLEET_METRICS) if (precise[metric] !== undefined) fleet[metric] = precise[metric];
  return { seq, at, metrics: packReadings(precise), count, fleet, custom };
}

/** By how much this agent's clock is to be corrected: not at all within a day, wholly beyond. */
export function clockOffsetOf(sentAt: EpochMs, now: EpochMs): number {
  return Math.abs(sentAt - now) > CLOCK_SKEW_MAX_MS ? now - sentAt : 0;
}
