import { z } from "zod";
import type { SnowflakeTrial } from "../../contract/snowflake.ts";
import type { SnowflakeTry } from "../../contract/snowflake-kinds.ts";
import type { DurationMs } from "../../contract/units.ts";
import type { SnowflakeAccess } from "./access.ts";
import { SnowflakeClient } from "./client.ts";
import type { SnowflakeClock } from "./clock.ts";
import { SnowflakeProblem } from "./problem.ts";
import { problemOf } from "./refusal.ts";
import { cortexRefused, modelMissing, notUnderstood } from "./refusal-words.ts";
import { refusalOf } from "./request.ts";
import { openStream } from "./streaming.ts";

/** A part answers within this or is taken for failed: somebody waits for it. */
const PART_MS: DurationMs = 20_000;

/** What goes wrong before anybody is recognized. */
const OF_THE_ACCOUNT = new Set(["account_unknown", "account_suspended", "unavailable", "not_understood", "timed_out"]);

/** EXPLAIN only compiles (SF sql-reference/sql/explain): it says what is missing or not granted, and starts no warehouse. */
const TABLES = `EXPLAIN USING TEXT
SELECT 1 FROM LANDING.METRICS WHERE FALSE
UNION ALL SELECT 1 FROM LANDING.HEALTH_CHECKS WHERE FALSE
UNION ALL SELECT 1 FROM LANDING.ALERTS WHERE FALSE
UNION ALL SELECT 1 FROM LANDING.INSTANCES WHERE FALSE
UNION ALL SELECT 1 FROM LANDING.AI_INSIGHTS WHERE FALSE
UNION ALL SELECT 1 FROM PUBLIC.METRICS WHERE FALSE
UNION ALL SELECT 1 FROM PUBLIC.HEALTH_CHECKS WHERE FALSE
UNION ALL SELECT 1 FROM PUBLIC.ALERTS WHERE FALSE
UNION ALL SELECT 1 FROM PUBLIC.INSTANCES WHERE FALSE
UNION ALL SELECT 1 FROM PUBLIC.AI_INSIGHTS WHERE FALSE
UNION ALL SELECT 1 FROM PUBLIC.METRICS_HOURLY WHERE FALSE
UNION ALL SELECT 1 FROM PUBLIC.METRICS_DAILY WHERE FALSE
UNION ALL SELECT 1 FROM PUBLIC.ACTIVE_ALERTS WHERE FALSE
UNION ALL SELECT 1 FROM PUBLIC.INSTANCE_HEALTH WHERE FALSE`;

const WAYS_IN = { key_pair: "by key pair", pat: "by a programmatic access token", oauth: "by OAuth" } as const;

type Part = [what: SnowflakeTry, run: () => Promise<string>];

/**
 * Tries a connection part by part, and stops at the first that fails. Changes nothing there and starts no warehouse. `model` is the one
 * that is to find words; null where none is.
 */
export async function tryConnection(
  access: SnowflakeAccess,
  clock: SnowflakeClock,
  model: string | null = null,
): Promise<SnowflakeTrial[]> {
  const client = new SnowflakeClient(access, clock);
  const { user, role, warehouse, database } = access.names;
  const until = () => clock.now() + PART_MS;
  const first = await signIn(client, until());
  const trials: SnowflakeTrial[] = [];
  if (first instanceof SnowflakeProblem && OF_THE_ACCOUNT.has(first.code)) return [failed("account", first)];
  trials.push(passed("account", `${access.endpoint ?? access.account} answers.`));
  if (first instanceof SnowflakeProblem && first.code !== "role_missing") return [...trials, failed("sign_in", first)];
  trials.push(passed("sign_in", `${user} is signed in ${WAYS_IN[access.auth.kind]}.`));

  const parts: Part[] = [
    [
      "role",
      async () => {
        await client.run("SELECT CURRENT_ROLE()", [], { deadline: until(), tag: "test", context: { role } });
        return `${user} has the role ${role}.`;
      },
    ],
    [
      "warehouse",
      async () => {
        const asked = { deadline: until(), tag: "test", context: { role, warehouse } };
        const { rows } = await client.run("SELECT CURRENT_WAREHOUSE()", [], asked);
        if (rows[0]?.[0] !== warehouse) throw problemOf(access, { ...NOTHING_SAID, code: "000606" });
        return `${warehouse} may be used. It was not started.`;
      },
    ],
    [
      "tables",
      async () => {
        await client.run(TABLES, [], { deadline: until(), tag: "test" });
        return `The tables and views in ${database} are all there.`;
      },
    ],
    ["streaming", async () => `Rows go to ${(await openStream(client, until())).host}, without a warehouse.`],
    ["cortex", () => cortex(client, model, until())],
  ];
  for (const [what, run] of parts) {
    try {
      trials.push(passed(what, await run()));
    } catch (error) {
      if (!(error instanceof SnowflakeProblem)) throw error;
      return [...trials, failed(what, error)];
    }
  }
  return trials;
}

const NOTHING_SAID = { status: 422, code: "", sqlState: "", message: "" };

async function signIn(client: SnowflakeClient, deadline: number): Promise<SnowflakeProblem | null> {
  try {
    await client.run("SELECT CURRENT_USER()", [], { deadline, tag: "test", context: {} });
    return null;
  } catch (error) {
    if (error instanceof SnowflakeProblem) return error;
    throw error;
  }
}

const modelsSchema = z.object({ models: z.array(z.string()) });

/** By the list of models, which costs nothing; where that is not to be had, by asking for a word. */
async function cortex(client: SnowflakeClient, model: string | null, deadline: number): Promise<string> {
  const list = await client.rest("GET", "/api/v2/cortex/models", { deadline });
  const isThere = list.status !== 404 && list.status !== 405;
  if (!isThere && model === null) return "Cortex is not asked for anything.";
  const answer = isThere
    ? list
    : await client.rest("POST", "/api/v2/cortex/inference:complete", oneWord(model!, deadline));
  if (answer.status === 403) throw cortexRefused(client.access);
  if (answer.status !== 200) {
    const problem = problemOf(client.access, refusalOf(answer));
    throw problem.code === "model_missing" ? modelMissing(model) : problem;
  }
  if (!isThere) return `Cortex answers, by ${model}.`;
  const { data } = modelsSchema.safeParse(answer.json);
  if (!data) throw notUnderstood(answer.status);
  if (model === null) return `Cortex answers, with ${data.models.length} models.`;
  if (!data.models.includes(model)) throw modelMissing(model);
  return `Cortex answers, and has ${model}.`;
}

function oneWord(model: string, deadline: number) {
  const messages = [{ role: "user", content: "Answer with the word yes." }];
  return { deadline, body: { model, messages, max_tokens: 16, temperature: 0, stream: false } };
}

function passed(what: SnowflakeTry, says: string): SnowflakeTrial {
  return { what, isOk: true, says, problem: null, remedy: null };
}

function failed(what: SnowflakeTry, { code, message, remedy }: SnowflakeProblem): SnowflakeTrial {
  return { what, isOk: false, says: message, problem: code, remedy };
}
