import type { AgentSamples } from "../contract/agent-link.ts";
import type { ErrorReply, IngestEnvelope, InstanceFacts } from "../contract/ingest.ts";
import { BODY_BYTES_MAX, PROTOCOL, SAMPLES_PER_ENVELOPE_MAX } from "../contract/limits.ts";
import type { DurationMs, EpochMs } from "../contract/units.ts";
import { parseRetryAfter } from "./backoff.ts";
import { isCount, isOfSamples, samplesPerMessageOf } from "./edge-message.ts";
import { exchange, type HttpReply } from "./http-request.ts";
import { lineOfParts, parsedObject, reasonOf, refusalInWords } from "./reply.ts";
import type { Batch } from "./spool.ts";

const SEND_LIMIT_MS: DurationMs = 10_000;
const REPLY_BYTES_MAX = 64_000;
/** Room in a body for everything that is not samples: the facts are bounded to about 3 KB. */
const ENVELOPE_BYTES = 16_000;

export interface Destination {
  ingestUrl: string;
  token: string;
  version: string;
}

/** All that is read of a reply. Whatever else an edge may write into one goes no further than here. */
export interface Taken {
  durableSeq: number;
  metricsIngested: number;
  accepted: number;
  /** Where the edge says so: what is wrong with this machine's clock, in words. */
  clock?: string;
  /** Where the edge lacks samples of this stream: send from above this number again. */
  resendAfter?: number;
  /** Where the edge says so: how many samples to gather. */
  samplesPerMessage?: number;
}

/** What became of an envelope. */
export type Outcome =
  | { kind: "taken"; reply: Taken }
  /** The edge is away or busy: later. */
  | { kind: "away"; why: string; retryAfterMs: DurationMs }
  /** Something a person must mend: the token, the address, a setting. */
  | { kind: "locked"; why: string }
  /** This envelope will never be taken as it is. */
  | { kind: "refused"; why: string }
  | { kind: "stream-conflict"; why: string };

export function envelopeOf(
  version: string,
  instance: InstanceFacts,
  batch: Batch,
  sentAt: EpochMs,
  intervalMs: DurationMs,
): IngestEnvelope {
  return {
    protocol: PROTOCOL,
    agent: { version },
    instance,
    stream: batch.stream,
    sentAt,
    intervalMs,
    ...(batch.after === undefined ? {} : { after: batch.after }),
    ...(batch.oldest ? { oldest: true } : {}),
    samples: batch.samples,
  };
}

/** The same on a socket, where who sends was said at its beginning. */
export function samplesMessageOf({ stream, after = 0, oldest = false, samples }: Batch, sentAt: EpochMs): AgentSamples {
  return { type: "samples", stream, sentAt, after, ...(oldest ? { oldest } : {}), samples };
}

/** As many of the oldest samples as one body may hold. */
export function fittingBatch(batch: Batch): Batch {
  let bytes = ENVELOPE_BYTES;
  const samples = batch.samples.slice(0, SAMPLES_PER_ENVELOPE_MAX);
  const end = samples.findIndex((sample, index) => {
    bytes += Buffer.byteLength(JSON.stringify(sample)) + 1;
    return bytes > BODY_BYTES_MAX && index > 0;
  });
  return { ...batch, samples: end === -1 ? samples : samples.slice(0, end) };
}

export async function send(destination: Destination, envelope: IngestEnvelope, wallMs: EpochMs): Promise<Outcome> {
  try {
    const reply = await exchange({
      url: destination.ingestUrl,
      method: "POST",
      headers: {
        authorization: `Bearer ${destination.token}`,
        "content-type": "application/json",
        "user-agent": `nephos-agent/${destination.version}`,
      },
      body: JSON.stringify(envelope),
      timeoutMs: SEND_LIMIT_MS,
      replyBytesMax: REPLY_BYTES_MAX,
    });
    return outcomeOf(reply, wallMs);
  } catch (error) {
    return { kind: "away", why: reasonOf(error as NodeJS.ErrnoException), retryAfterMs: 0 };
  }
}

export function outcomeOf({ status, headers, body }: HttpReply, wallMs: EpochMs): Outcome {
  const parsed = parsedObject(body);
  if (status >= 200 && status < 300) {
    if (parsed && Number.isSafeInteger(parsed.durableSeq)) return { kind: "taken", reply: takenOf(parsed) };
    return { kind: "locked", why: `It answered ${status}, but not as Nephos does: check NEPHOS_ENDPOINT` };
  }
  const refusal = (parsed ?? {}) as Partial<ErrorReply>;
  const why = refusalInWords(status, refusal);
  if (status === 401 || status === 403) {
    return {
      kind: "locked",
      why: `${why}. Make a new token in the dashboard, put it in NEPHOS_TOKEN and restart the agent`,
    };
  }
  if (status === 409 && refusal.code === "stream_conflict") return { kind: "stream-conflict", why };
  if (status === 400 || status === 409 || status === 413 || status === 422) {
    // A fault outside the samples, such as the instance's name, is no reason to lose a sample.
    return { kind: refusal.field === undefined || isOfSamples(refusal) ? "refused" : "locked", why };
  }
  if (status === 429 || status >= 500) {
    return { kind: "away", why, retryAfterMs: parseRetryAfter(headers["retry-after"], wallMs) };
  }
  return { kind: "locked", why: `${why}. Check that NEPHOS_ENDPOINT is the address of your Nephos` };
}

function takenOf(parsed: Record<string, unknown>): Taken {
  const { durableSeq, metricsIngested, accepted, clock, resendAfter, samplesPerMessage } = parsed;
  const words = lineOfParts([(clock as { message?: unknown } | null | undefined)?.message]);
  return {
    durableSeq: durableSeq as number,
    metricsIngested: countOf(metricsIngested),
    accepted: countOf(accepted),
    ...(words === "" ? {} : { clock: words }),
    ...(isCount(resendAfter) ? { resendAfter } : {}),
    ...(samplesPerMessage === undefined ? {} : { samplesPerMessage: samplesPerMessageOf(samplesPerMessage) }),
  };
}

function countOf(value: unknown): number {
  return Number.isSafeInteger(value) ? (value as number) : 0;
}
