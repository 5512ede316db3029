import { Hono } from "hono";
import { z } from "zod";
import { SERIES_KEYS_PER_QUERY_MAX, SERIES_POINTS_MAX, SERIES_WINDOW_MAX_MS } from "../../contract/limits.ts";
import { parseSeriesKey } from "../../contract/metric.ts";
import { signedInOnly, type SignedInEnv } from "../auth/guard.ts";
import { parsed } from "../body.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { findInstance } from "../instances/store.ts";
import { downsample } from "./downsample.ts";
import { readWindow } from "./store.ts";

const epochMs = z.coerce.number("must be milliseconds since 1970").int().min(0).max(8.64e15);

const querySchema = z
  .object({
    metrics: z
      .string("must name series keys, separated by commas")
      .transform((text) => [...new Set(text.split(","))])
      .pipe(
        z
          .array(z.string().refine((key) => parseSeriesKey(key) !== undefined, "is not a legal series key"))
          .max(SERIES_KEYS_PER_QUERY_MAX, `must name at most ${SERIES_KEYS_PER_QUERY_MAX} series`),
      ),
    from: epochMs,
    to: epochMs,
    points: z.coerce.number().int().min(2).max(SERIES_POINTS_MAX, `must be at most ${SERIES_POINTS_MAX}`).default(600),
  })
  .refine((query) => query.from < query.to, { path: ["from"], message: "must be before `to`" })
  .refine((query) => query.to - query.from <= SERIES_WINDOW_MAX_MS, {
    path: ["from"],
    message: `must be at most ${SERIES_WINDOW_MAX_MS / 86_400_000} days before \`to\``,
  });

/** A window of history, ready for the chart. */
export const seriesRoutes = new Hono<SignedInEnv>().get("/:id/series", signedInOnly, async (c) => {
  const query = parsed(querySchema, c.req.query());
  const db = database(c.env.DB);
  const instance = await findInstance(db, c.req.param("id"));
  if (!instance) throw new NephosError("not_found", "There is no such instance.", { field: "id" });
  const rows = await readWindow(db, instance.id, query.metrics, query.from, query.to);
  return c.json(downsample({ ...query, keys: query.metrics, ...rows }, query.points, instance.intervalMs));
});
