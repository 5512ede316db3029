import { type Check, type CheckEntry, type CheckList, type MadeCheck, type NewCheck } from "../../contract/checks.ts";
import type { QueryOf } from "../../contract/api.ts";
import { CHECK_ID_PREFIX } from "../../contract/limits.ts";
import { recordDone } from "../audit/record.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import { hasRole, hasScope } from "../auth/principal.ts";
import { hashOf, newSecret } from "../auth/secret.ts";
import { checkRow } from "../checks/new-check.ts";
import { searchedText, shownCheck, standingOf, worstFirst } from "../checks/shown-check.ts";
import * as checks from "../checks/store.ts";
import { refuseTarget } from "../checks/target-refusal.ts";
import { reportOf } from "../checks/uptime-report.ts";
import { readUptime } from "../checks/uptime-store.ts";
import { database, type Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { findInstance } from "../instances/store.ts";
import { lookAt, refuseTooMany } from "../live/first-look.ts";
import { removeChecks } from "../live/removal.ts";
import { calling } from "../live/shard-client.ts";
import { visibleCheck, visibleChecks, type SeenCheck } from "../live/visible-checks.ts";
import { isPublic } from "../public-host.ts";
import { sentinel } from "../sentinel-client.ts";
import { seriesKeysSince } from "../series/store.ts";
import { EVENTS_SHOWN_MAX, SERIES_KEYS_WINDOW_MS } from "../settings.ts";
import { changedTarget, refuseUnfit, sealedHeaders } from "./check-entry.ts";
import type { LastRound } from "./last-round.ts";

const NO_DAYS = { recent: [], older: [] };

/** Checks over HTTP. */
export const checkRoutes = api({
  "GET /api/checks": async (c, { query }): Promise<CheckList> => {
    const db = database(c.env.DB);
    const now = Date.now();
    const seen = await visibleChecks(c, db);
    const counts = { up: 0, degraded: 0, down: 0, unsure: 0, waiting: 0, paused: 0 };
    for (const { row } of seen) counts[standingOf(row)]++;
    const meant = seen.filter((one) => isMeant(one, query)).sort((a, b) => worstFirst(a.row, b.row));
    const page = meant.slice(query.offset, query.offset + query.limit);
    const ids = page.map(({ row }) => row.id);
    const [rounds, kept, settings] = await Promise.all([
      lastRounds(c.env, ids),
      readUptime(db, ids, false),
      checks.readSettings(db),
    ]);
    const own = ownHostnames(c, settings);
    return {
      now,
      total: meant.length,
      counts,
      regions: settings.regions,
      checks: page.map((one): CheckEntry => {
        const round = rounds[one.row.id];
        const { spans, days } = reportOf(kept.get(one.row.id) ?? NO_DAYS, round?.uptime ?? null, now);
        const { day, month, quarter } = spans;
        return { ...shown(one, round, own), uptime: { day, month, quarter }, days };
      }),
    };
  },

  "POST /api/checks": async (c, { body }) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const settings = await checks.readSettings(db);
    await refuseUnfit(c, db, body);
    await refuseTarget(body.target, settings);
    await refuseTooMany(db);
    const blank = checkRow(body, now);
    const secret = body.target.kind === "heartbeat" ? newSecret() : null;
    const row = {
      ...blank,
      headers: await sealedHeaders(c.env, blank.id, body.target),
      beatHash: secret === null ? null : hashOf(secret),
    };
    await checks.insertChecks(db, [row]);
    await record(c, "check.made", row.name, { after: row.target.kind });
    begin(c, [row.id]);
    return { ...(await told(c, db, row.id)), beatUrl: secret === null ? null : beatUrl(c, row.id, secret) };
  },

  "POST /api/check-actions": async (c, { body: { ids, tag, action } }) => {
    const db = database(c.env.DB);
    const wanted = ids && new Set(ids);
    const seen = (await visibleChecks(c, db)).filter(({ row }) =>
      wanted ? wanted.has(row.id) : row.tags.includes(tag!),
    );
    const chosen = seen.map(({ row }) => row.id);
    const count = await carriedOut(c, db, action, chosen);
    if (action !== "checkNow") await record(c, "checks.changed", tag ?? `${count} checks`, { after: action });
    return { checks: count };
  },

  "GET /api/checks/:id": async (c) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const one = await visibleCheck(c, db);
    const { id } = one.row;
    const [rounds, kept, changes, seriesKeys, settings] = await Promise.all([
      lastRounds(c.env, [id]),
      readUptime(db, [id], true),
      checks.changesOf(db, id, EVENTS_SHOWN_MAX),
      seriesKeysSince(db, id, now, SERIES_KEYS_WINDOW_MS),
      checks.readSettings(db),
    ]);
    return {
      now,
      check: shown(one, rounds[id], ownHostnames(c, settings)),
      uptime: reportOf(kept.get(id) ?? NO_DAYS, rounds[id]?.uptime ?? null, now),
      seriesKeys,
      changes,
    };
  },

  "PATCH /api/checks/:id": async (c, { body: { target, ...given } }) => {
    const db = database(c.env.DB);
    const { row } = await visibleCheck(c, db);
    const change = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    await refuseUnfit(c, db, { ...row, ...change, target: target ?? row.target } as NewCheck);
    if (target) await refuseTarget(target, await checks.readSettings(db));
    const isPausing = given.isPaused !== undefined && given.isPaused !== row.isPaused;
    await checks.changeCheck(db, row.id, {
      ...change,
      ...(target && (await changedTarget(c.env, row, target))),
      // Another target, or a pause: what the old one came to says nothing any more.
      ...((target ?? isPausing) && { judgement: null }),
      ...(isPausing && !given.isPaused && { resumedAt: Date.now() }),
      isDefault: false,
    });
    await record(c, "check.changed", row.name, {
      after: [...Object.keys(change), ...(target ? ["target"] : [])].join(", "),
    });
    if (!(given.isPaused ?? row.isPaused)) begin(c, [row.id]);
    return told(c, db, row.id);
  },

  "POST /api/checks/:id/run": async (c) => {
    const db = database(c.env.DB);
    const { row } = await visibleCheck(c, db);
    if (row.isPaused) {
      throw new NephosError("invalid_field", "This check is paused.", { field: "id", remedy: "Resume it first." });
    }
    await calling(async () => sentinel(c.env).look([row.id]));
    return told(c, db, row.id);
  },

  "POST /api/checks/:id/beat-url": async (c): Promise<MadeCheck> => {
    const db = database(c.env.DB);
    const { row } = await visibleCheck(c, db);
    if (row.target.kind !== "heartbeat") {
      throw new NephosError("invalid_field", "This check is no heartbeat: nobody calls it.", { field: "id" });
    }
    const secret = newSecret();
    await checks.changeCheck(db, row.id, { beatHash: hashOf(secret) });
    await record(c, "check.changed", row.name, { after: "another address for its calls" });
    return { ...(await told(c, db, row.id)), beatUrl: beatUrl(c, row.id, secret) };
  },

  "DELETE /api/checks/:id": async (c) => {
    const db = database(c.env.DB);
    const { row } = await visibleCheck(c, db);
    await remove(c, db, [row.id]);
    await record(c, "check.removed", row.name, {});
  },
});

function isMeant(
  { row, instanceName }: SeenCheck,
  { instance, verdict, kind, tag, text }: QueryOf<"GET /api/checks">,
): boolean {
  return (
    (instance === undefined || row.instanceId === instance) &&
    (verdict === undefined || standingOf(row) === verdict) &&
    (kind === undefined || row.target.kind === kind) &&
    (tag === undefined || row.tags.includes(tag)) &&
    (text === undefined || searchedText(row, instanceName).includes(text.toLowerCase()))
  );
}

async function carriedOut(c: ApiContext, db: Database, action: string, ids: string[]): Promise<number> {
  switch (action) {
    case "delete":
      // Who may run checks may not therefore delete them, in person or by a token.
      if (!hasRole(c.var.principal, "admin") || !hasScope(c.var.principal, "fleet:write")) {
        throw new NephosError("role_too_low", "Deleting checks takes an admin.", {
          remedy: "Pause them, or ask an admin.",
        });
      }
      return (await remove(c, db, ids)).length;
    case "checkNow":
      begin(c, ids);
      return ids.length;
    default: {
      const changed = await checks.pauseChecks(db, ids, action === "pause", Date.now());
      if (action === "resume") begin(c, changed);
      return changed.length;
    }
  }
}

async function remove(c: ApiContext, db: Database, ids: string[]): Promise<string[]> {
  const removed = await removeChecks(c.env, db, ids);
  await calling(async () => sentinel(c.env).forget({ checkIds: removed }));
  return removed;
}

function begin(c: ApiContext, ids: string[]): void {
  if (ids.length > 0) c.executionCtx.waitUntil(lookAt(c, ids));
}

function beatUrl(c: ApiContext, id: string, secret: string): string {
  return `${new URL(c.req.url).origin}/beat/${id.slice(CHECK_ID_PREFIX.length)}-${secret}`;
}

async function told(c: ApiContext, db: Database, id: string): Promise<Check> {
  const [row, rounds, settings] = await Promise.all([
    checks.findCheck(db, id),
    lastRounds(c.env, [id]),
    checks.readSettings(db),
  ]);
  const instance = row!.instanceId === null ? undefined : await findInstance(db, row!.instanceId);
  return shown({ row: row!, instanceName: instance?.name ?? null }, rounds[id], ownHostnames(c, settings));
}

function shown({ row, instanceName }: SeenCheck, round: LastRound | undefined, own: readonly string[]): Check {
  return shownCheck(row, { instanceName, round, ownHostnames: own });
}

/** The hostname this Nephos is used at, and those its owner names. One on this very machine is nobody's zone. */
function ownHostnames(c: ApiContext, settings: checks.StoredSettings): string[] {
  const url = new URL(c.req.url);
  return [...(isPublic(url) ? [url.hostname] : []), ...settings.ownHostnames];
}

async function lastRounds(env: Env, ids: string[]): Promise<Record<string, LastRound>> {
  if (ids.length === 0) return {};
  // What comes back from a call is typed anew, and tuples are lost on the way.
  return (await calling(async () => sentinel(env).lastRounds(ids))) as unknown as Record<string, LastRound>;
}

async function record(
  c: ApiContext,
  action: "check.made" | "check.changed" | "check.removed" | "checks.changed",
  subject: string,
  change: { after?: string },
): Promise<void> {
  await recordDone(database(c.env.DB), actorOf(c, c.var.principal), { action, subject, ...change }, Date.now());
}
