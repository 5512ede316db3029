import { eq } from "drizzle-orm";
import type { ShownSnowflakeProblem, SnowflakeSettings } from "../../contract/snowflake.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { snowflakeConnection, snowflakeSetting, type SnowflakeConnectionRow } from "./table.ts";

/** The only row of each table. */
export const CONNECTION_ID = 1;

/** What it is used for until somebody says otherwise. */
export const SETTINGS_AT_FIRST: SnowflakeSettings = {
  isEngineOn: true,
  model: "claude-haiku-4-5",
  monthlyBudgetUsd: 5,
  learnsEveryDays: 7,
  isExportOn: true,
  exportWay: "streaming",
  exportEveryHours: 1,
  creditPriceUsd: 3,
};

export async function readConnection(db: Database): Promise<SnowflakeConnectionRow | undefined> {
  return db.select().from(snowflakeConnection).where(eq(snowflakeConnection.id, CONNECTION_ID)).get();
}

/** In the place of the one before. `auth` is sealed already, for `snowflakeAuthPurpose()`. */
export async function saveConnection(db: Database, row: Omit<SnowflakeConnectionRow, "id">): Promise<void> {
  await db
    .insert(snowflakeConnection)
    .values({ ...row, id: CONNECTION_ID })
    .onConflictDoUpdate({ target: snowflakeConnection.id, set: row });
}

/** False where there was none. Settings and spending stay. */
export async function deleteConnection(db: Database): Promise<boolean> {
  const gone = await db.delete(snowflakeConnection).returning({ id: snowflakeConnection.id });
  return gone.length > 0;
}

/** What is wrong, as it is found. */
export type FoundSnowflakeProblem = Pick<ShownSnowflakeProblem, "code" | "message" | "remedy">;

/** Since when is kept as long as it is the same kind of problem. Written only where it says something new; null: it is well again. */
export async function noteProblem(
  db: Database,
  connection: Pick<SnowflakeConnectionRow, "problem">,
  found: FoundSnowflakeProblem | null,
  now: EpochMs,
): Promise<void> {
  const problem = shownProblem(connection.problem, found, now);
  if (JSON.stringify(problem) === JSON.stringify(connection.problem)) return;
  await db.update(snowflakeConnection).set({ problem }).where(eq(snowflakeConnection.id, CONNECTION_ID));
}

/** A problem with the moment it began. */
export function shownProblem(
  before: ShownSnowflakeProblem | null,
  found: FoundSnowflakeProblem | null,
  now: EpochMs,
): ShownSnowflakeProblem | null {
  if (!found) return null;
  const { code, message, remedy } = found;
  return { code, message, remedy, since: before?.code === code ? before.since : now };
}

/** With what is new in this version at its beginning. */
export async function readSettings(db: Database): Promise<SnowflakeSettings> {
  const row = await db.select().from(snowflakeSetting).where(eq(snowflakeSetting.id, CONNECTION_ID)).get();
  return { ...SETTINGS_AT_FIRST, ...row?.settings };
}

/** Changes some of them; answers what they are then. */
export async function saveSettings(
  db: Database,
  change: { [Name in keyof SnowflakeSettings]?: SnowflakeSettings[Name] | undefined },
  now: EpochMs,
): Promise<SnowflakeSettings> {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const settings: SnowflakeSettings = { ...(await readSettings(db)), ...given };
  const row = { settings, updatedAt: now };
  await db
    .insert(snowflakeSetting)
    .values({ ...row, id: CONNECTION_ID })
    .onConflictDoUpdate({ target: snowflakeSetting.id, set: row });
  return settings;
}
