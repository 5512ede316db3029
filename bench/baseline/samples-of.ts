import type { Context } from "hono";
import { ingestEnvelopeSchema } from "../../contract/ingest.ts";
import { jsonBody, parsed } from "../../worker/body.ts";
import { dropInOf } from "../../worker/live/drop-in.ts";

export interface PostedSample {
  instanceId: string;
  at: number;
  seq: number;
  /** JSON. */
  metrics: string;
}

/** What a POST says, validated as the Worker does: the agents' own envelope, or the original's payload. */
export async function samplesOf(c: Context): Promise<PostedSample[]> {
  const body = await jsonBody(c);
  if (typeof body === "object" && body !== null && "protocol" in body) {
    const { instance, samples } = parsed(ingestEnvelopeSchema, body);
    return samples.map(({ at, seq, metrics }) => ({
      instanceId: instance.id,
      at,
      seq,
      metrics: JSON.stringify(metrics),
    }));
  }
  const { facts, samples } = dropInOf(body, Date.now()).batch;
  return samples.map(({ at, seq, metrics }) => ({ instanceId: facts.id, at, seq, metrics }));
}
