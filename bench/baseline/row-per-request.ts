import type { D1Database } from "@cloudflare/workers-types";
import { Hono } from "hono";
import { limitedBody } from "../../worker/body.ts";
import { samplesOf } from "./samples-of.ts";

/** The plain way: the same validation, then one D1 insert per sample and request. No token, no live viewers. */
export default new Hono<{ Bindings: { DB: D1Database } }>().post("/ingest", limitedBody, async (c) => {
  const samples = await samplesOf(c);
  for (const { instanceId, at, seq, metrics } of samples) {
    await c.env.DB.prepare("INSERT INTO sample (instance_id, at, seq, metrics) VALUES (?, ?, ?, ?)")
      .bind(instanceId, at, seq, metrics)
      .run();
  }
  return c.json({ accepted: samples.length });
});
