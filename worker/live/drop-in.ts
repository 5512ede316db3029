import { CLOCK_SKEW_MAX_MS, SAMPLES_PER_ENVELOPE_MAX, SERIES_PER_SAMPLE_MAX } from "../../contract/limits.ts";
import { instanceFactsSchema, readingProblem } from "../../contract/ingest.ts";
import type { Readings } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import { parsed } from "../body.ts";
import { NephosError } from "../errors.ts";
import { batchSample, type Batch } from "./batch.ts";
import { ORIGINAL_METRICS } from "./original-metrics.ts";

/**
 * The original Nephos payload at `/ingest` and `/ingest/vultr`: taken exactly, translated once, here. Its senders number
 * nothing and keep nothing. Only `instanceId` and `metrics` are required, and a value that is not a number is skipped.
 */
export interface DropIn {
  batch: Batch;
  metricsIngested: number;
  metricsSkipped: number;
  /** True where a timestamp was more than a day off, and the server's clock decided. */
  clockCorrected: boolean;
}

const INSTANCE_NAME_DEFAULT = "Vultr Instance";
const INSTANCE_TYPE_DEFAULT = "vultr-compute";
/** One report carries one moment, its metrics stamped a few milliseconds apart. */
const SAME_MOMENT_MS = 1_000;

export function dropInOf(body: unknown, now: EpochMs): DropIn {
  const { instanceId, instanceName, region, instanceType, endpoint, metrics, health } = fieldsOf(body);
  const facts = parsed(instanceFactsSchema, {
    id: instanceId,
    name: textOf(instanceName) ?? INSTANCE_NAME_DEFAULT,
    region: textOf(region),
    type: textOf(instanceType) ?? INSTANCE_TYPE_DEFAULT,
    healthEndpoint: textOf(endpoint),
  });

  const moments = new Map<EpochMs, Readings>();
  let metricsSkipped = 0;
  let clockCorrected = false;
  for (const entry of metrics) {
    const reading = readingOf(entry);
    if (!reading) {
      metricsSkipped++;
      continue;
    }
    const isFar = reading.at !== undefined && Math.abs(reading.at - now) > CLOCK_SKEW_MAX_MS;
    clockCorrected ||= isFar;
    const at = Math.floor((isFar ? now : (reading.at ?? now)) / SAME_MOMENT_MS) * SAME_MOMENT_MS;
    if (!moments.has(at)) moments.set(at, {});
    moments.get(at)![reading.key] = reading.value;
  }
  if (moments.size > SAMPLES_PER_ENVELOPE_MAX) {
    throw new NephosError("invalid_field", `metrics: must not speak of more than ${SAMPLES_PER_ENVELOPE_MAX} moments`, {
      field: "metrics",
      remedy: "Send them in several requests.",
    });
  }
  const status = (health as { status?: unknown } | undefined)?.status;
  if (status === "healthy" || status === "unhealthy" || status === "degraded") {
    const newest = moments.get(Math.max(...moments.keys()));
    if (newest) newest["health_up"] = status === "unhealthy" ? 0 : 1;
  }
  const samples = [...moments].sort(([a], [b]) => a - b).map(([at, readings]) => batchSample(0, at, readings));
  return {
    batch: { facts, agentVersion: null, stream: null, intervalMs: null, after: 0, oldest: true, samples },
    metricsIngested: metrics.length - metricsSkipped,
    metricsSkipped,
    clockCorrected,
  };
}

function fieldsOf(body: unknown): Record<string, unknown> & { metrics: unknown[] } {
  const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  if (!fields["instanceId"] || !Array.isArray(fields["metrics"])) {
    throw new NephosError("invalid_field", "instanceId and metrics are required", {
      field: fields["instanceId"] ? "metrics" : "instanceId",
      remedy: 'The least that is taken is {"instanceId":"test","metrics":[]}.',
    });
  }
  if (fields["metrics"].length > SERIES_PER_SAMPLE_MAX) {
    throw new NephosError("invalid_field", `metrics: must hold at most ${SERIES_PER_SAMPLE_MAX} entries`, {
      field: "metrics",
      remedy: "Send them in several requests.",
    });
  }
  return fields as Record<string, unknown> & { metrics: unknown[] };
}

/** Absent and empty are the same here: the original sends "" for what it does not know. */
function textOf(value: unknown): unknown {
  return value === "" || value === null ? undefined : value;
}

function readingOf(entry: unknown): { key: string; value: number; at?: EpochMs } | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const { name, value, timestamp } = entry as Record<string, unknown>;
  if (typeof name !== "string") return undefined;
  const known = Object.hasOwn(ORIGINAL_METRICS, name) ? ORIGINAL_METRICS[name] : undefined;
  const key = known?.metric ?? name;
  const number = numberOf(value) * (known?.factor ?? 1);
  if (readingProblem(key, number)) return undefined;
  const at = momentOf(timestamp);
  return { key, value: number, ...(at !== undefined && { at }) };
}

/** As the original reads it, but an address like "10.0.0.1" is no number ten. */
function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && value.trim() !== "" ? Number(value) : NaN;
}

function momentOf(timestamp: unknown): EpochMs | undefined {
  const at = typeof timestamp === "number" ? timestamp : typeof timestamp === "string" ? Date.parse(timestamp) : NaN;
  return Number.isFinite(at) ? at : undefined;
}
