import type { SnowflakeSettings } from "../../../contract/snowflake.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import { jsonBinding, type Binding } from "../../snowflake/binding.ts";
import type { SnowflakeClient } from "../../snowflake/client.ts";
import type { ResultSet } from "../../snowflake/result-set.ts";
import type { Finding, Foretold, MachineHistory } from "../engine.ts";
import { anomalyFindings } from "../local/anomaly-findings.ts";
import { boundFor, few } from "../local/few.ts";
import { anomaliesIn } from "./learned-anomalies.ts";
import { forecastsIn, foretoldOf } from "./learned-forecasts.ts";
import { patternsIn } from "./learned-patterns.ts";
import { LEARN_ANOMALIES, LEARN_FORECAST, READ_ANOMALIES, READ_FORECAST, READ_PROFILES } from "./learning-sql.ts";

/** As long as setup.sql lets a statement run. */
const STATEMENT_MS: DurationMs = 600_000;
/** Said a little early rather than a day late. */
const SLACK_MS: DurationMs = 3_600_000;

/** Machines whose forecasts are in memory together: each series has a row a day for two months. */
const READ_AT_A_TIME = 300;

/** Whether it is time to learn anew: each time starts the warehouse. `learnedAt`: null before the first time. */
export function isLearningDue(
  { learnsEveryDays }: Pick<SnowflakeSettings, "learnsEveryDays">,
  learnedAt: EpochMs | null,
  now: EpochMs,
): boolean {
  if (learnsEveryDays === 0) return false;
  return learnedAt === null || learnedAt > now || now - learnedAt >= learnsEveryDays * 86_400_000 - SLACK_MS;
}

/** Where readings lead, by machine in the order given, learned from all that is in Snowflake. A machine that it knows too little of has nothing. */
export async function learnedPredictions(
  client: SnowflakeClient,
  histories: readonly MachineHistory[],
  now: EpochMs,
): Promise<Foretold[]> {
  if (histories.length === 0) return [];
  const nothing = histories.map((): Foretold => ({ findings: [], bands: {} }));
  if (!(await learned(client, LEARN_FORECAST))) return nothing;
  const found: Foretold[] = [];
  for (let from = 0; from < histories.length; from += READ_AT_A_TIME) {
    const some = histories.slice(from, from + READ_AT_A_TIME);
    const { rows } = await read(client, READ_FORECAST, some);
    const forecasts = forecastsIn(rows);
    for (const history of some) {
      found.push(foretoldOf(history, forecasts.get(history.machine.id) ?? new Map(), now));
    }
  }
  return found;
}

/** What stood out in the last two days, in the same words as what arithmetic here finds. */
export async function learnedAnomalies(
  client: SnowflakeClient,
  histories: readonly MachineHistory[],
  now: EpochMs,
): Promise<Finding[]> {
  if (histories.length === 0 || !(await learned(client, LEARN_ANOMALIES))) return [];
  const { rows } = await run(client, READ_ANOMALIES);
  const spans = anomaliesIn(rows);
  const seen = histories.map((history) => ({ ...history, spans: spans.get(history.machine.id) ?? [] }));
  return few(anomalyFindings(seen, now), boundFor(histories.length));
}

/** What comes back every day or week. */
export async function learnedPatterns(
  client: SnowflakeClient,
  histories: readonly MachineHistory[],
  now: EpochMs,
): Promise<Finding[]> {
  if (histories.length === 0) return [];
  const { rows } = await read(client, READ_PROFILES, histories);
  return few(patternsIn(rows, histories, now), boundFor(histories.length));
}

/** Of these machines: their ids are bound. */
function read(client: SnowflakeClient, statement: string, histories: readonly MachineHistory[]): Promise<ResultSet> {
  return run(client, statement, [jsonBinding(histories.map(({ machine }) => machine.id))]);
}

function run(client: SnowflakeClient, statement: string, bindings: readonly Binding[] = []): Promise<ResultSet> {
  return client.run(statement, bindings, { deadline: client.clock.now() + STATEMENT_MS, tag: "learn" });
}

/** False where there is too little history to learn from, which is nobody's fault. */
async function learned(client: SnowflakeClient, statement: string): Promise<boolean> {
  try {
    await run(client, statement);
    return true;
  } catch (error) {
    if (error instanceof Error && /not enough data|at least two|empty|no (rows|data)/i.test(error.message))
      return false;
    throw error;
  }
}
