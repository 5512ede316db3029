import { Hono } from "hono";
import { ingestEnvelopeSchema } from "../../contract/ingest.ts";
import { jsonBody, limitedBody, parsed } from "../../worker/body.ts";

/** The least an ingest can cost here: router, limit, JSON, validation and an answer. Nothing is stored. */
export default new Hono().post("/ingest", limitedBody, async (c) => {
  const envelope = parsed(ingestEnvelopeSchema, await jsonBody(c));
  return c.json({ accepted: envelope.samples.length });
});
