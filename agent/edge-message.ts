import type { EdgeMessage } from "../contract/agent-link.ts";
import type { ErrorReply } from "../contract/ingest.ts";
import { parsedObject } from "./reply.ts";

/** As the wire's streamIdSchema; written again because that file brings its whole schema library along. */
export const STREAM_ID = /^[A-Za-z0-9-]{8,64}$/;
/** An edge that is short of requests may ask for so many at once, and no more: what is gathered is not on its way. */
const SAMPLES_PER_MESSAGE_MAX = 20;
const WORDS_LENGTH_MAX = 300;

export type EdgeError = Extract<EdgeMessage, { type: "error" }>;

/**
 * What the edge said, as far as it has the form of one of its messages; everything else is nothing. It is read by hand,
 * field by field, so that whatever more may stand in it goes no further than here.
 */
export function parseEdgeMessage(text: string): EdgeMessage | undefined {
  const { type, ...said } = parsedObject(text) ?? {};
  switch (type) {
    case "welcome":
      return { type, protocol: "nephos/1", serverAt: isCount(said.serverAt) ? said.serverAt : 0 };
    case "durable": {
      const { stream, durableSeq } = said;
      return isStream(stream) && isCount(durableSeq) ? { type, stream, durableSeq } : undefined;
    }
    case "resend": {
      const { stream, after } = said;
      return isStream(stream) && isCount(after) ? { type, stream, after } : undefined;
    }
    case "watch": {
      const { intervalMs, forMs } = said;
      if (intervalMs === null) return { type, intervalMs, forMs: 0 };
      return isCount(intervalMs) && isCount(forMs) ? { type, intervalMs, forMs } : undefined;
    }
    case "config":
      return { type, samplesPerMessage: samplesPerMessageOf(said.samplesPerMessage) };
    case "notice": {
      const { about, message } = said;
      if (typeof message !== "string" || (about !== "clock" && about !== "custom_metrics")) return undefined;
      return { type, about, message: message.slice(0, WORDS_LENGTH_MAX) };
    }
    case "error":
      return errorOf(said);
    default:
      return undefined;
  }
}

/** How many samples to gather; one where nothing sensible was said. */
export function samplesPerMessageOf(value: unknown): number {
  return isCount(value) ? Math.min(SAMPLES_PER_MESSAGE_MAX, Math.max(1, value)) : 1;
}

/** A whole number from 0. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isStream(value: unknown): value is string {
  return typeof value === "string" && STREAM_ID.test(value);
}

/** Is it one or more of the samples that cannot be taken, rather than everything this agent sends? */
export function isOfSamples({ field }: Partial<ErrorReply>): boolean {
  return typeof field === "string" && field.startsWith("samples");
}

function errorOf(said: Record<string, unknown>): EdgeError {
  const words = (key: keyof ErrorReply) =>
    typeof said[key] === "string" ? { [key]: said[key].slice(0, WORDS_LENGTH_MAX) } : {};
  return {
    type: "error",
    error: "",
    code: "",
    message: "",
    ...words("error"),
    ...words("code"),
    ...words("message"),
    ...words("field"),
    ...words("remedy"),
    ...(isStream(said.stream) ? { stream: said.stream } : {}),
    ...(isCount(said.seq) ? { seq: said.seq } : {}),
  };
}
