import type { InsightState } from "../../../contract/insights.ts";
import type { SnowflakeProblemCode } from "../../../contract/snowflake-kinds.ts";
import type { SnowflakeSettings } from "../../../contract/snowflake.ts";
import type { EpochMs } from "../../../contract/units.ts";
import type { Database } from "../../db/client.ts";
import { systemClock, type SnowflakeClock } from "../../snowflake/clock.ts";
import { openSnowflake } from "../../snowflake/open.ts";
import { monthOf, spentIn } from "../../snowflake/spend-store.ts";
import { noteProblem, readConnection, readSettings } from "../../snowflake/store.ts";
import type { SnowflakeConnectionRow } from "../../snowflake/table.ts";
import { EngineProblem, type InsightEngine } from "../engine.ts";
import { localEngine } from "../local/engine.ts";
import { budgetSpent } from "./budget.ts";
import { SnowflakeEngine } from "./engine.ts";
import { withFallback } from "./fallback.ts";

/** Who finds words now: Snowflake where it is connected and wanted, with the local engine behind it; else the local engine. */
export async function engineFor(
  env: object,
  db: Database,
  now: EpochMs,
  clock: SnowflakeClock = systemClock,
): Promise<InsightEngine> {
  const [connection, settings] = await Promise.all([readConnection(db), readSettings(db)]);
  if (!connection || !settings.isEngineOn) return localEngine;
  return withFallback(engineOf({ env, db, connection, settings, clock }, now), localEngine);
}

/** Snowflake alone, for what only it can do; where it is not connected, that is a problem for whoever asks it. */
export async function snowflakeEngine(
  env: object,
  db: Database,
  now: EpochMs,
  clock: SnowflakeClock = systemClock,
): Promise<InsightEngine> {
  const [connection, settings] = await Promise.all([readConnection(db), readSettings(db)]);
  return engineOf({ env, db, connection, settings, clock }, now);
}

interface Parts {
  env: object;
  db: Database;
  connection: SnowflakeConnectionRow | undefined;
  settings: SnowflakeSettings;
  clock: SnowflakeClock;
}

function engineOf({ env, db, connection, settings, clock }: Parts, now: EpochMs): SnowflakeEngine {
  return new SnowflakeEngine({
    db,
    settings,
    // Opened when it is first asked for something: where its secret does not open, that is told as any other problem.
    open: async () => {
      const client = await openSnowflake(env, db, clock);
      if (!client)
        throw new EngineProblem(
          "not_connected",
          "Snowflake is not connected.",
          "Connect it under Insights, Snowflake.",
        );
      return client;
    },
    noted: async (problem) => connection && noteProblem(db, connection, problem, now),
  });
}

/** What keeps from the warehouse and the tables keeps nobody from finding words. */
const OF_OTHER_PARTS: ReadonlySet<SnowflakeProblemCode> = new Set([
  "warehouse_missing",
  "database_missing",
  "rights_missing",
  "statement_refused",
]);

/** Whose words are asked for now, and why they are not Snowflake's although it is connected. */
export async function wordingOf(
  _env: object,
  db: Database,
  now: EpochMs,
): Promise<Pick<InsightState, "engine" | "model" | "note">> {
  const [connection, settings, spent] = await Promise.all([
    readConnection(db),
    readSettings(db),
    spentIn(db, monthOf(now)),
  ]);
  const local = (note: string | null) => ({ engine: "local" as const, model: null, note });
  if (!connection) return local(null);
  if (!settings.isEngineOn) return local("Words by Snowflake are turned off in the settings.");
  if (spent.usd >= settings.monthlyBudgetUsd) {
    const { message, remedy } = budgetSpent(spent.usd, settings.monthlyBudgetUsd, now);
    return local(`${message} ${remedy}`);
  }
  const { problem } = connection;
  if (problem && !OF_OTHER_PARTS.has(problem.code)) return local(`${problem.message} ${problem.remedy}`);
  return { engine: "snowflake", model: settings.model, note: null };
}
