import type { QueryOf, ReplyOf } from "../../contract/api.ts";
import type { AuditAction } from "../../contract/audit.ts";
import {
  snowflakeNamesSchema,
  type ConnectSnowflake,
  type SnowflakeSettings,
  type SnowflakeTrial,
} from "../../contract/snowflake.ts";
import { recordDone } from "../audit/record.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import { database, type Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { askExport, readExports } from "../export/cursor-store.ts";
import { countSending } from "../insights/fleet-size.ts";
import { exportCosts, MODEL_PRICES } from "../snowflake/price.ts";
import { creditQuotaOf, setupSql } from "../snowflake/setup.ts";
import { SETUP_TEXT } from "../snowflake/setup-text.ts";
import { monthOf, spentIn } from "../snowflake/spend-store.ts";
import { deleteConnection, readConnection, readSettings, saveConnection, saveSettings } from "../snowflake/store.ts";
import { tryConnection } from "../snowflake/trial.ts";
import { accessFrom, sealedConnection } from "./snowflake-entry.ts";

/** Snowflake's connection over HTTP. A secret is tried before it is kept, and never shown again. */
export const snowflakeRoutes = api({
  "GET /api/snowflake": (c) => shownSnowflake(c),

  "GET /api/snowflake/setup.sql": async (c, { query }) => {
    return new Response(await setupFor(database(c.env.DB), query), {
      headers: { "content-type": "text/plain; charset=utf-8" },
    });
  },

  "POST /api/snowflake/test": async (c, { body }) => {
    const trials = await triedWith(c, body);
    await done(
      c,
      "snowflake.tested",
      body.account,
      trials.every(({ isOk }) => isOk) ? "it works" : firstFailure(trials),
    );
    return { now: Date.now(), isOk: trials.every(({ isOk }) => isOk), trials };
  },

  "PUT /api/snowflake": async (c, { body }) => {
    const db = database(c.env.DB);
    const trials = await triedWith(c, body);
    const refused = trials.find(({ what, isOk }) => !isOk && (what === "account" || what === "sign_in"));
    if (refused) {
      throw new NephosError("snowflake_refused", refused.says, {
        field: refused.what === "account" ? "account" : "auth",
        remedy: refused.remedy ?? "Correct what it names; nothing was kept.",
      });
    }
    const before = await readConnection(db);
    const row = await sealedConnection(c, db, body, before);
    const failure = trials.find(({ isOk }) => !isOk);
    const problem = failure?.problem
      ? { code: failure.problem, message: failure.says, remedy: failure.remedy ?? "", since: Date.now() }
      : null;
    await saveConnection(db, { ...row, problem });
    await done(c, "snowflake.connected", body.account, `${body.names.user}, role ${body.names.role}`);
    return shownSnowflake(c);
  },

  "PATCH /api/snowflake": async (c, { body }) => {
    const db = database(c.env.DB);
    const before = await readSettings(db);
    const after = await saveSettings(db, body, Date.now());
    const { account } = (await readConnection(db)) ?? { account: "not connected" };
    await done(c, "snowflake.changed", account, changeInWords(before, after));
    return shownSnowflake(c);
  },

  "DELETE /api/snowflake": async (c) => {
    const db = database(c.env.DB);
    const row = await readConnection(db);
    if (!row || !(await deleteConnection(db))) throw notConnected();
    await done(c, "snowflake.removed", row.account);
  },

  "POST /api/snowflake/export": async (c) => {
    const db = database(c.env.DB);
    const row = await readConnection(db);
    if (!row) throw notConnected();
    await askExport(db, Date.now());
    await done(c, "snowflake.exported", row.account);
    return shownSnowflake(c);
  },
});

async function shownSnowflake(c: ApiContext): Promise<ReplyOf<"GET /api/snowflake">> {
  const db = database(c.env.DB);
  const now = Date.now();
  const month = monthOf(now);
  const [row, settings, spent, exports, sending] = await Promise.all([
    readConnection(db),
    readSettings(db),
    spentIn(db, month),
    readExports(db),
    countSending(db, null),
  ]);
  return {
    now,
    connection: row
      ? {
          account: row.account,
          names: row.names,
          auth: row.authKind,
          fingerprint: row.fingerprint,
          endpoint: row.endpoint,
          connectedAt: row.connectedAt,
          problem: row.problem,
        }
      : null,
    settings,
    spent: { month, ...spent },
    exports,
    exportCosts: exportCosts(sending, settings),
    models: Object.entries(MODEL_PRICES).map(([model, price]) => ({ model, ...price })),
  };
}

async function setupFor(db: Database, { publicKey, ...names }: QueryOf<"GET /api/snowflake/setup.sql">) {
  const creditQuota = creditQuotaOf(await readSettings(db));
  return setupSql(SETUP_TEXT, { names: snowflakeNamesSchema.parse(names), publicKey: publicKey ?? null, creditQuota });
}

async function triedWith(c: ApiContext, body: ConnectSnowflake): Promise<SnowflakeTrial[]> {
  const db = database(c.env.DB);
  const { isEngineOn, model } = await readSettings(db);
  const clock = { now: Date.now, wait: (ms: number) => scheduler.wait(ms) };
  return tryConnection(await accessFrom(c, db, body), clock, isEngineOn ? model : null);
}

function firstFailure(trials: readonly SnowflakeTrial[]): string {
  const failure = trials.find(({ isOk }) => !isOk);
  return failure ? `${failure.what}: ${failure.problem}` : "";
}

function changeInWords(before: SnowflakeSettings, after: SnowflakeSettings): string {
  const names = Object.keys(after) as (keyof SnowflakeSettings)[];
  const changed = names.filter((name) => before[name] !== after[name]);
  return changed.map((name) => `${name}: ${before[name]} → ${after[name]}`).join(", ") || "nothing";
}

function notConnected(): NephosError {
  return new NephosError("not_found", "Snowflake is not connected.", {
    remedy: "Connect it under Insights, Snowflake.",
  });
}

async function done(c: ApiContext, action: AuditAction, subject: string, after?: string): Promise<void> {
  const told = { action, subject, ...(after !== undefined && { after }) };
  await recordDone(database(c.env.DB), actorOf(c, c.var.principal), told, Date.now());
}
