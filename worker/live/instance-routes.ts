import { targetSchema, type Target } from "../../contract/checks.ts";
import type { Instance } from "../../contract/instance.ts";
import { recordDone } from "../audit/record.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import { maySee } from "../auth/principal.ts";
import { newCheckRow } from "../checks/new-check.ts";
import { insertChecks, readSettings } from "../checks/store.ts";
import { targetOfAddress } from "../checks/target-of-address.ts";
import { refuseTarget } from "../checks/target-refusal.ts";
import { reportOf } from "../checks/uptime-report.ts";
import type { UptimeState } from "../checks/uptime.ts";
import { readUptime } from "../checks/uptime-store.ts";
import { database, type Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { emptyRow, publicInstance } from "../instances/facts.ts";
import { changeInstance, eventsOf, findInstance, insertInstance, type Given } from "../instances/store.ts";
import { sentinel } from "../sentinel-client.ts";
import { lastStoredSample, seriesKeysSince } from "../series/store.ts";
import { EVENTS_SHOWN_MAX, SERIES_KEYS_WINDOW_MS } from "../settings.ts";
import { lookAt, refuseTooMany } from "./first-look.ts";
import { removeInstances } from "./removal.ts";
import { calling, shard } from "./shard-client.ts";

/** Instances over HTTP. Here, not in their own room: an answer joins the row with its series, and a change must reach the viewers. */
export const instanceRoutes = api({
  "GET /api/instances/:id": async (c) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const row = await visibleInstance(c, db);
    // What waits first, then what is stored: a sample that is on its way from one to the other is seen in both, never in neither.
    const newest = await calling(async () => shard(c.env).newest(row.id));
    const [stored, storedKeys, events, kept, running] = await Promise.all([
      newest ? undefined : lastStoredSample(db, row.id),
      seriesKeysSince(db, row.id, now, SERIES_KEYS_WINDOW_MS),
      eventsOf(db, row.id, EVENTS_SHOWN_MAX),
      readUptime(db, [row.id], true),
      calling(async () => sentinel(c.env).uptimeOfInstance(row.id)),
    ]);
    const last = newest ?? stored;
    const seriesKeys = [...new Set([...storedKeys, ...(newest?.seriesKeys ?? [])])].sort();
    return {
      instance: publicInstance(row, last?.at ?? null),
      latest: last?.metrics ?? {},
      seriesKeys: seriesKeys.length > 0 ? seriesKeys : Object.keys(last?.metrics ?? {}).sort(),
      bandwidth: row.bandwidth,
      events,
      uptime: reportOf(kept.get(row.id) ?? { recent: [], older: [] }, running as UptimeState | null, now),
    };
  },

  "POST /api/instances": async (c, { body: { name, tags, region, address, monthlyCost } }): Promise<Instance> => {
    const db = database(c.env.DB);
    const now = Date.now();
    const target = address === null ? null : await targetAt(db, address);
    const given = { name, nameGiven: name, tags, region, monthlyCostGiven: monthlyCost };
    const row = { ...emptyRow(crypto.randomUUID(), now), ...given };
    await insertInstance(db, row);
    const check = target && newCheckRow(row, target, now);
    if (check) await insertChecks(db, [check]);
    await calling(async () => shard(c.env).instancesFound([{ id: row.id, isNew: row }]));
    const done = { action: "instance.added", subject: row.id, after: name } as const;
    await recordDone(db, actorOf(c, c.var.principal), done, now);
    if (check) c.executionCtx.waitUntil(lookAt(c, [check.id]));
    return publicInstance(row, null);
  },

  "PATCH /api/instances/:id": async (c, { body: { name, tags, monthlyCostGiven } }) => {
    const given: Given = {
      ...(name !== undefined && { name }),
      ...(tags && { tags }),
      ...(monthlyCostGiven !== undefined && { monthlyCostGiven }),
    };
    const db = database(c.env.DB);
    const before = await visibleInstance(c, db);
    if (!(await changeInstance(db, before.id, given))) throw noSuchInstance();
    const found = {
      id: before.id,
      isNew: before,
      ...(name !== undefined && { name, nameGiven: name }),
      ...(tags && { tags }),
      ...(monthlyCostGiven !== undefined && { monthlyCostGiven }),
    };
    await calling(async () => shard(c.env).instancesFound([found]));
    const words = (of: Given) =>
      [
        name && `name ${of.name}`,
        tags && `tags ${of.tags?.join(", ") || "none"}`,
        monthlyCostGiven !== undefined && `costs ${costInWords(of.monthlyCostGiven)}`,
      ]
        .filter(Boolean)
        .join("; ");
    await recordDone(
      db,
      actorOf(c, c.var.principal),
      {
        action: "instance.changed",
        subject: before.id,
        before: words(before),
        after: words({ name, tags, monthlyCostGiven }),
      },
      Date.now(),
    );
  },

  "DELETE /api/instances/:id": async (c) => {
    const db = database(c.env.DB);
    const row = await visibleInstance(c, db);
    const { instances, checkIds } = await removeInstances(c.env, db, [row]);
    if (instances === 0) throw noSuchInstance();
    await calling(async () => sentinel(c.env).forget({ checkIds }));
    const done = { action: "instance.removed", subject: row.id, before: row.name } as const;
    await recordDone(db, actorOf(c, c.var.principal), done, Date.now());
  },
});

/** What a check of this address would look at; or the refusal, at the field it was entered in. */
async function targetAt(db: Database, address: string): Promise<Target> {
  const made = targetSchema.safeParse(targetOfAddress(address));
  if (!made.success) {
    throw new NephosError("invalid_field", `address: ${made.error.issues[0]!.message}`, {
      field: "address",
      remedy: "Enter a URL, or a hostname or address with or without a port.",
    });
  }
  await refuseTarget(made.data, await readSettings(db), "address");
  await refuseTooMany(db);
  return made.data;
}

function costInWords(cost: Given["monthlyCostGiven"]): string {
  return cost ? `${cost.amount} ${cost.currency} a month` : "nothing that is known";
}

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
