import { desc, eq, sql } from "drizzle-orm";
import type { SentinelSettings } from "../../contract/checks.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Judgement } from "../../contract/verdict.ts";
import type { Database } from "../db/client.ts";
import { deleteUptime } from "./uptime-store.ts";
import { checkChange, healthCheck, sentinelSetting, type HealthCheckRow } from "./table.ts";

export async function listChecks(db: Database): Promise<HealthCheckRow[]> {
  return db.select().from(healthCheck);
}

export async function findCheck(db: Database, id: string): Promise<HealthCheckRow | undefined> {
  return db.select().from(healthCheck).where(eq(healthCheck.id, id)).get();
}

/** Checks that speak for one of these instances. */
export async function checkIdsOfInstances(db: Database, instanceIds: readonly string[]): Promise<string[]> {
  const rows = await db
    .select({ id: healthCheck.id })
    .from(healthCheck)
    .where(sql`${healthCheck.instanceId} IN (SELECT value FROM json_each(${JSON.stringify(instanceIds)}))`);
  return rows.map(({ id }) => id);
}

/** Of these instances those that a check speaks for. */
export async function instancesWithChecks(db: Database, instanceIds: readonly string[]): Promise<Set<string>> {
  const rows = await db
    .selectDistinct({ id: healthCheck.instanceId })
    .from(healthCheck)
    .where(sql`${healthCheck.instanceId} IN (SELECT value FROM json_each(${JSON.stringify(instanceIds)}))`);
  return new Set(rows.flatMap(({ id }) => id ?? []));
}

/** Those of these that are there and not paused, with their tags. */
export async function activeChecks(
  db: Database,
  ids: readonly string[],
): Promise<Pick<HealthCheckRow, "id" | "tags">[]> {
  return db
    .select({ id: healthCheck.id, tags: healthCheck.tags })
    .from(healthCheck)
    .where(
      sql`${healthCheck.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)})) AND NOT ${healthCheck.isPaused}`,
    );
}

export async function countChecks(db: Database): Promise<number> {
  return db.$count(healthCheck);
}

/** All of them in one transaction. */
export async function insertChecks(db: Database, rows: readonly HealthCheckRow[]): Promise<void> {
  const [first, ...more] = rows.map((row) => db.insert(healthCheck).values(row));
  if (first) await db.batch([first, ...more]);
}

/** False where there is no such check. */
export async function changeCheck(
  db: Database,
  id: string,
  change: Partial<Omit<HealthCheckRow, "id">>,
): Promise<boolean> {
  const changed = await db
    .update(healthCheck)
    .set({ id, ...change })
    .where(eq(healthCheck.id, id))
    .returning({ id: healthCheck.id });
  return changed.length === 1;
}

/** What these last came to says nothing any more. */
export async function forgetJudgements(db: Database, ids: readonly string[]): Promise<void> {
  await db.update(healthCheck).set({ judgement: null }).where(among(ids));
}

/** Pauses or resumes; what a paused check last came to says nothing any more. Answers those that changed. */
export async function pauseChecks(
  db: Database,
  ids: readonly string[],
  isPaused: boolean,
  now: EpochMs,
): Promise<string[]> {
  const changed = await db
    .update(healthCheck)
    .set({ isPaused, judgement: null, ...(!isPaused && { resumedAt: now }) })
    .where(sql`${healthCheck.isPaused} <> ${isPaused ? 1 : 0} AND ${among(ids)}`)
    .returning({ id: healthCheck.id });
  return changed.map(({ id }) => id);
}

/** With their verdicts and uptime; their series are the series room's. Answers those that were there. */
export async function deleteChecks(db: Database, ids: readonly string[]): Promise<string[]> {
  const isOne = sql`${checkChange.checkId} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  const [deleted] = await db.batch([
    db.delete(healthCheck).where(among(ids)).returning({ id: healthCheck.id }),
    db.delete(checkChange).where(isOne),
  ]);
  await deleteUptime(db, ids);
  return deleted.map(({ id }) => id);
}

const among = (ids: readonly string[]) =>
  sql`${healthCheck.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;

export interface NewCheckJudgement {
  checkId: string;
  judgement: Judgement;
}

/** Writes verdicts, each with its place in the check's history, in one transaction; one that is written already changes nothing. */
export async function saveCheckJudgements(db: Database, found: readonly NewCheckJudgement[]): Promise<void> {
  const client = db.$client;
  for (let first = 0; first < found.length; first += JUDGEMENTS_PER_BATCH) {
    const text = JSON.stringify(found.slice(first, first + JUDGEMENTS_PER_BATCH));
    await client.batch([
      client
        .prepare(
          `INSERT INTO check_change (check_id, at, judgement)
         SELECT value ->> 'checkId', value ->> '$.judgement.since', value -> 'judgement' FROM json_each(?1)
         JOIN health_check ON health_check.id = value ->> 'checkId'
         WHERE health_check.judgement ->> 'verdict' IS NOT value ->> '$.judgement.verdict' ON CONFLICT DO NOTHING`,
        )
        .bind(text),
      client
        .prepare(
          `UPDATE health_check SET judgement = found.value -> 'judgement' FROM json_each(?1) AS found
         WHERE health_check.id = found.value ->> 'checkId' AND NOT health_check.is_paused`,
        )
        .bind(text),
    ]);
  }
}

/** Some kB each, of the 2 MB that D1 takes as one text. */
const JUDGEMENTS_PER_BATCH = 500;

/** The last verdicts of a check, newest first. */
export async function changesOf(db: Database, checkId: string, max: number): Promise<Judgement[]> {
  const rows = await db
    .select({ judgement: checkChange.judgement })
    .from(checkChange)
    .where(eq(checkChange.checkId, checkId))
    .orderBy(desc(checkChange.at))
    .limit(max);
  return rows.map(({ judgement }) => judgement);
}

/** Reads every verdict once: for the first tick of a day. */
export async function deleteChangesBefore(db: Database, before: EpochMs, max: number): Promise<void> {
  await db.$client
    .prepare(
      `DELETE FROM check_change WHERE (check_id, at) IN (SELECT check_id, at FROM check_change WHERE at < ?1 LIMIT ?2)`,
    )
    .bind(before, max)
    .run();
}

/** A call of a heartbeat's address; false where it is none. */
export async function beat(
  db: Database,
  { id, hash, isFailure }: { id: string; hash: string; isFailure: boolean },
  now: EpochMs,
): Promise<boolean> {
  const at = isFailure ? { lastFailAt: now } : { lastBeatAt: now };
  const changed = await db
    .update(healthCheck)
    .set(at)
    .where(sql`${healthCheck.id} = ${id} AND ${healthCheck.beatHash} = ${hash}`)
    .returning({ id: healthCheck.id });
  return changed.length === 1;
}

const ONLY_ROW = 1;

export const SETTINGS_DEFAULT: SentinelSettings = {
  regions: ["weur", "enam", "apac"],
  allowsPrivateTargets: false,
  ownHostnames: [],
  makesDefaultChecks: true,
};

export interface StoredSettings extends SentinelSettings {
  /** Sealed. */
  heartbeatUrl: string | null;
  heartbeatHost: string | null;
}

export async function readSettings(db: Database): Promise<StoredSettings> {
  const row = await db.select().from(sentinelSetting).get();
  const { heartbeatUrl = null, heartbeatHost = null } = row ?? {};
  return { ...SETTINGS_DEFAULT, ...row?.settings, heartbeatUrl, heartbeatHost };
}

export async function saveSettings(
  db: Database,
  { heartbeatUrl, heartbeatHost, ...settings }: StoredSettings,
): Promise<void> {
  const row = { settings, heartbeatUrl, heartbeatHost };
  await db
    .insert(sentinelSetting)
    .values({ id: ONLY_ROW, ...row })
    .onConflictDoUpdate({ target: sentinelSetting.id, set: row });
}
