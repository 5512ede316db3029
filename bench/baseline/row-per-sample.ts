import type { D1Database } from "@cloudflare/workers-types";
import { Hono } from "hono";
import { seriesQuerySchema } from "../../contract/series.ts";
import { downsample } from "../../worker/series/downsample.ts";

/** A chart out of the plain table: every sample of the window is a row. The same merging as the Worker's, and no session. */
export default new Hono<{ Bindings: { DB: D1Database } }>().get("/api/instances/:id/series", async (c) => {
  const { metrics: keys, from, to, points } = seriesQuerySchema.parse(c.req.query());
  const columns = keys.map((_, index) => `metrics ->> ?${index + 4}`).join(", ");
  const rows = await c.env.DB.prepare(
    `SELECT at, ${columns} FROM sample WHERE instance_id = ?1 AND at BETWEEN ?2 AND ?3 ORDER BY at`,
  )
    .bind(c.req.param("id"), from, to, ...keys.map((key) => `$."${key}"`))
    .raw<[at: number, ...values: (number | null)[]]>();
  const read = keys.map((_, index) => {
    const mean = rows.map((row) => row[index + 1] as number | null);
    return { count: mean.map((value) => (value === null ? null : 1)), mean, min: mean, max: mean };
  });
  const window = { from, to, keys, stepMs: 0, at: rows.map(([at]) => at), points: read };
  return c.json(downsample(window, points, 30_000, { tier: "raw", blocksUnreadable: 0 }));
});
