import { api } from "../auth/api.ts";
import { maySee } from "../auth/principal.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { findInstance } from "../instances/store.ts";
import { downsample } from "./downsample.ts";
import { readWindow } from "./store.ts";

/** A window of history, ready for the chart. */
export const seriesRoutes = api({
  "GET /api/instances/:id/series": async (c, { query }) => {
    const db = database(c.env.DB);
    const instance = await findInstance(db, c.req.param("id")!);
    if (!instance || !maySee(c.var.principal.person.tags, instance.tags)) {
      throw new NephosError("not_found", "There is no such instance.", { field: "id" });
    }
    const rows = await readWindow(db, instance.id, query.metrics, query.from, query.to);
    return downsample({ ...query, keys: query.metrics, ...rows }, query.points, instance.intervalMs);
  },
});
