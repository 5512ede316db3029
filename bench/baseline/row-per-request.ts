import type { D1Database } from "@cloudflare/workers-types";
import { Hono } from "hono";
import { ingestEnvelopeSchema } from "../../contract/ingest.ts";
import { jsonBody, limitedBody, parsed } from "../../worker/body.ts";

/** The plain way: the same validation, then one D1 insert per sample and request. No token, no live viewers. */
export default new Hono<{ Bindings: { DB: D1Database } }>().post("/ingest", limitedBody, async (c) => {
  const { instance, samples } = parsed(ingestEnvelopeSchema, await jsonBody(c));
  for (const { at, seq, metrics } of samples) {
    await c.env.DB.prepare("INSERT INTO sample (instance_id, at, seq, metrics) VALUES (?, ?, ?, ?)")
      .bind(instance.id, at, seq, JSON.stringify(metrics))
      .run();
  }
  return c.json({ accepted: samples.length });
});
