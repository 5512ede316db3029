import { Hono } from "hono";
import { renameSchema } from "../../contract/api.ts";
import type { InstanceDetail } from "../../contract/instance.ts";
import { signedInOnly, type SignedInEnv } from "../auth/guard.ts";
import { deleteAgentTokensOf } from "../auth/store.ts";
import { jsonBody, limitedBody, parsed } from "../body.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { publicInstance } from "../instances/facts.ts";
import { deleteInstance, findInstance, renameInstance } from "../instances/store.ts";
import { deleteHistory, lastSample, seriesKeysSince } from "../series/store.ts";
import { SERIES_KEYS_WINDOW_MS } from "../settings.ts";
import { calling, shard } from "./shard-client.ts";

/** Instances over HTTP. Here, not in their own room: an answer joins the row with its series, and a change must reach the viewers. */
export const instanceRoutes = new Hono<SignedInEnv>()
  .get("/:id", signedInOnly, async (c) => {
    const db = database(c.env.DB);
    const id = c.req.param("id");
    const now = Date.now();
    const [row, last, seriesKeys] = await Promise.all([
      findInstance(db, id),
      lastSample(db, id),
      seriesKeysSince(db, id, now - SERIES_KEYS_WINDOW_MS),
    ]);
    if (!row) throw noSuchInstance();
    const keys = seriesKeys.length > 0 ? seriesKeys : Object.keys(last?.metrics ?? {}).sort();
    const detail: InstanceDetail = {
      instance: publicInstance(row, last?.at ?? null),
      latest: last?.metrics ?? {},
      seriesKeys: keys,
    };
    return c.json(detail);
  })
  .patch("/:id", signedInOnly, limitedBody, async (c) => {
    const { name } = parsed(renameSchema, await jsonBody(c));
    const id = c.req.param("id");
    if (!(await renameInstance(database(c.env.DB), id, name))) throw noSuchInstance();
    await calling(() => shard(c.env).instanceRenamed(id, name));
    return c.body(null, 204);
  })
  .delete("/:id", signedInOnly, async (c) => {
    const db = database(c.env.DB);
    const id = c.req.param("id");
    // Tokens first: an agent that still runs must not bring the instance back.
    const hashes = await deleteAgentTokensOf(db, id);
    await calling(async () => shard(c.env).forgetTokens(hashes));
    if (!(await deleteInstance(db, id))) throw noSuchInstance();
    await deleteHistory(db, id);
    await calling(async () => shard(c.env).instanceRemoved(id, hashes));
    return c.body(null, 204);
  });

function noSuchInstance(): NephosError {
  return new NephosError("not_found", "There is no such instance.", {
    field: "id",
    remedy: "It may have been removed; the fleet page lists what there is.",
  });
}
