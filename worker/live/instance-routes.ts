import { recordDone } from "../audit/record.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import { maySee } from "../auth/principal.ts";
import { deleteAgentTokensOf } from "../auth/agent-token-store.ts";
import { database, type Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { publicInstance } from "../instances/facts.ts";
import { changeInstance, deleteInstance, findInstance } from "../instances/store.ts";
import { deleteHistory, lastStoredSample, seriesKeysSince } from "../series/store.ts";
import { SERIES_KEYS_WINDOW_MS } from "../settings.ts";
import { calling, shard, telling } from "./shard-client.ts";

/** Instances over HTTP. Here, not in their own room: an answer joins the row with its series, and a change must reach the viewers. */
export const instanceRoutes = api({
  "GET /api/instances/:id": async (c) => {
    const db = database(c.env.DB);
    const row = await visibleInstance(c, db);
    // What waits first, then what is stored: a sample that is on its way from one to the other is seen in both, never in neither.
    const newest = await calling(async () => shard(c.env).newest(row.id));
    const [stored, storedKeys] = await Promise.all([
      newest ? undefined : lastStoredSample(db, row.id),
      seriesKeysSince(db, row.id, Date.now(), SERIES_KEYS_WINDOW_MS),
    ]);
    const last = newest ?? stored;
    const seriesKeys = [...new Set([...storedKeys, ...(newest?.seriesKeys ?? [])])].sort();
    return {
      instance: publicInstance(row, last?.at ?? null),
      latest: last?.metrics ?? {},
      seriesKeys: seriesKeys.length > 0 ? seriesKeys : Object.keys(last?.metrics ?? {}).sort(),
    };
  },

  "PATCH /api/instances/:id": async (c, { body: { name, tags } }) => {
    const given = { ...(name !== undefined && { name }), ...(tags && { tags }) };
    const db = database(c.env.DB);
    const before = await visibleInstance(c, db);
    if (!(await changeInstance(db, before.id, given))) throw noSuchInstance();
    await calling(() => shard(c.env).instanceChanged(before, given));
    const words = (of: { name?: string | undefined; tags?: string[] | undefined }) =>
      [name && `name ${of.name}`, tags && `tags ${of.tags?.join(", ") || "none"}`].filter(Boolean).join("; ");
    await recordDone(
      db,
      actorOf(c, c.var.principal),
      { action: "instance.changed", subject: before.id, before: words(before), after: words({ name, tags }) },
      Date.now(),
    );
  },

  "DELETE /api/instances/:id": async (c) => {
    const db = database(c.env.DB);
    const row = await visibleInstance(c, db);
    const { id, name } = row;
    // Tokens first: an agent that still runs must not bring the instance back.
    const hashes = await deleteAgentTokensOf(db, id);
    await telling(async () => shard(c.env).forgetTokens(hashes));
    // History before and after its row: nothing that is written meanwhile may stay behind without one.
    await deleteHistory(db, id);
    if (!(await deleteInstance(db, id))) throw noSuchInstance();
    await deleteHistory(db, id);
    await calling(async () => shard(c.env).instanceRemoved(row, hashes));
    const done = { action: "instance.removed", subject: id, before: name } as const;
    await recordDone(db, actorOf(c, c.var.principal), done, Date.now());
  },
});

/** The instance the address names; for who may not see it, it is not there. */
async function visibleInstance(c: ApiContext, db: Database) {
  const row = await findInstance(db, c.req.param("id")!);
  if (!row || !maySee(c.var.principal.person.tags, row.tags)) throw noSuchInstance();
  return row;
}

function noSuchInstance(): NephosError {
  return new NephosError("not_found", "There is no such instance.", {
    field: "id",
    remedy: "It may have been removed; the fleet page lists what there is.",
  });
}
