import { Hono } from "hono";
import { limitedBody } from "../../worker/body.ts";
import { samplesOf } from "./samples-of.ts";

/** The least an ingest can cost here: router, limit, JSON, validation and an answer. Nothing is stored. */
export default new Hono().post("/ingest", limitedBody, async (c) => c.json({ accepted: (await samplesOf(c)).length }));
