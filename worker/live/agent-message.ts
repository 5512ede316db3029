import {
  agentHelloSchema,
  agentSamplesSchema,
  agentWatchedSchema,
  type AgentHello,
} from "../../contract/agent-link.ts";
import { AGENT_FRAME_BYTES_MAX, BODY_DEPTH_MAX, PROTOCOL, SAMPLES_PER_ENVELOPE_MAX } from "../../contract/limits.ts";
import type { Readings } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { z } from "zod";
import { depthOf, parsed } from "../body.ts";
import { NephosError, type Refusal } from "../errors.ts";
import { orderProblem } from "./batch.ts";
import { incomingOf, type IncomingSample } from "./incoming.ts";

/** A message of an agent, checked. */
export type Heard =
  | { type: "hello"; hello: AgentHello }
  | { type: "samples"; stream: string; sentAt: EpochMs; after: number; oldest: boolean; samples: IncomingSample[] }
  | { type: "watched"; sample: IncomingSample }
  | { type: "refused"; refusal: Refusal };

/**
 * The text of one message → what it says. What fits is read by hand, since a shard reads every sample of the fleet; whatever does not
 * goes through the schema, which says what is wrong. `before` is the sample before, whose list of keys is shared.
 */
export function heard(data: string | ArrayBuffer, before: IncomingSample | undefined): Heard {
  if (typeof data !== "string")
    return refused("malformed_json", "A message must be text, not bytes.", "Send JSON as text.");
  if (data.length > AGENT_FRAME_BYTES_MAX) {
    const problem = `A message must not be longer than ${AGENT_FRAME_BYTES_MAX} characters; this one has ${data.length}.`;
    return refused("body_too_large", problem, "Send fewer samples in one message.");
  }
  let message: Record<string, unknown>;
  try {
    message = JSON.parse(data) as Record<string, unknown>;
  } catch (error) {
    return refused(
      "malformed_json",
      `The message is not JSON: ${(error as SyntaxError).message}`,
      "Send a JSON object.",
    );
  }
  try {
    switch (message?.["type"]) {
      case "samples":
        return samplesOf(message, before) ?? explained(agentSamplesSchema, data, message);
      case "watched":
        return watchedOf(message, before) ?? explained(agentWatchedSchema, data, message);
      case "hello":
        return hello(message);
      default:
        return refused("invalid_field", "type: must be hello, samples or watched", "See docs/protocol.md.", "type");
    }
  } catch (error) {
    if (error instanceof NephosError) return { type: "refused", refusal: error.refusal };
    throw error;
  }
}

function hello(message: Record<string, unknown>): Heard {
  const { protocol } = message;
  if (typeof protocol === "string" && protocol !== PROTOCOL) {
    return refused(
      "protocol_unknown",
      `This Nephos speaks ${PROTOCOL}, and the agent asks for ${protocol.slice(0, 32)}.`,
      "Upgrade Nephos (npm run deploy), or install the agent that this Nephos serves.",
      "protocol",
    );
  }
  return { type: "hello", hello: parsed(agentHelloSchema, message) };
}

function samplesOf(message: Record<string, unknown>, before: IncomingSample | undefined): Heard | undefined {
  const { stream, sentAt, after, oldest, samples } = message;
  if (typeof stream !== "string" || !isCount(sentAt) || !isCount(after) || !Array.isArray(samples)) return undefined;
  if (oldest !== undefined && typeof oldest !== "boolean") return undefined;
  if (samples.length === 0 || samples.length > SAMPLES_PER_ENVELOPE_MAX || !STREAM.test(stream)) return undefined;
  const incoming: IncomingSample[] = [];
  for (const sample of samples as (Record<string, unknown> | null)[]) {
    const read = readSample(sample, incoming.at(-1) ?? before);
    if (!read) return undefined;
    incoming.push(read);
  }
  const problem = orderProblem({ sentAt, after, samples: incoming });
  if (problem) return { type: "refused", refusal: problem };
  return { type: "samples", stream, sentAt, after, oldest: oldest === true, samples: incoming };
}

function watchedOf(message: Record<string, unknown>, before: IncomingSample | undefined): Heard | undefined {
  const sample = readSample({ ...message, seq: 1 }, before);
  return sample && { type: "watched", sample };
}

function readSample(
  sample: Record<string, unknown> | null,
  before: IncomingSample | undefined,
): IncomingSample | undefined {
  const { seq, at, metrics } = sample ?? {};
  if (!isCount(seq) || seq < 1 || !isCount(at)) return undefined;
  if (typeof metrics !== "object" || metrics === null || Array.isArray(metrics)) return undefined;
  return incomingOf(seq, at, metrics as Readings, before);
}

/** As the contract's, which is not exported alone. */
const STREAM = /^[A-Za-z0-9-]{8,64}$/;

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** What did not fit, in the schema's words. */
function explained(schema: z.ZodType, data: string, message: unknown): Heard {
  if (depthOf(data) > BODY_DEPTH_MAX) {
    return refused(
      "nested_too_deep",
      `The message is nested deeper than ${BODY_DEPTH_MAX} levels.`,
      "See docs/protocol.md.",
    );
  }
  parsed(schema, message);
  return refused("invalid_field", "The message does not fit.", "See docs/protocol.md for the shape of a message.");
}

function refused(code: Refusal["code"], message: string, remedy: string, field?: string): Heard {
  return { type: "refused", refusal: { code, message, remedy, ...(field !== undefined && { field }) } };
}
