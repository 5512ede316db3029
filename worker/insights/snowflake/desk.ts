import type { SnowflakeSettings } from "../../../contract/snowflake.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Database } from "../../db/client.ts";
import type { SnowflakeClient } from "../../snowflake/client.ts";
import { SnowflakeProblem } from "../../snowflake/problem.ts";
import { EngineProblem } from "../engine.ts";
import { answerId, findAnswer, keepAnswer, type CortexTask, type Kept } from "./answer-store.ts";
import { withinBudget } from "./budget.ts";
import { complete, NoCortexRest, type Completion, type CortexWay } from "./cortex.ts";
import type { Prompt } from "./prompt.ts";

/** What asking a model needs. */
export interface Desk {
  /** The account: asked for only where something is to be sent. */
  open(): Promise<SnowflakeClient>;
  db: Database;
  settings: Pick<SnowflakeSettings, "model" | "monthlyBudgetUsd" | "creditPriceUsd">;
  /** Is told what is wrong with the account, or null when it has answered. */
  noted(problem: SnowflakeProblem | null): Promise<unknown>;
}

/** What is asked for, and how what comes is read. */
export interface Wanted<Answer> {
  task: CortexTask;
  prompt: Prompt;
  /** What of it may be shown to whoever asks now, said at `madeAt`; null where nothing may. */
  read(said: unknown, madeAt: EpochMs): Answer | null;
  /** Where an answer to something alike will do: what makes it alike, and what of the answer still has to hold then. */
  alike?: { likeness: string; held(answer: Answer): unknown };
}

/** Somebody waits for it. */
const ANSWER_WITHIN_MS: DurationMs = 25_000;

/** Accounts that have turned out to have no Cortex over REST, in this isolate. */
const bySqlOnly = new WeakSet<SnowflakeClient>();

/**
 * Asks a model, once for the same prompt as long as its answer is kept, and within the budget. What it said is kept and read anew for each
 * who asks: the same words may be of other machines, that have the same names. Throws a `SnowflakeProblem` where there is no answer, and an `EngineProblem` where it is of no use.
 */
export async function askModel<Answer>(
  desk: Desk,
  { task, prompt, read, alike }: Wanted<Answer>,
  now: EpochMs,
): Promise<Answer> {
  const { db, settings } = desk;
  const { model } = settings;
  const id = await answerId(task, model, prompt, alike?.likeness);
  const known = await findAnswer(db, id, now);
  if (known) {
    const said = "said" in known.kept ? known.kept.said : undefined;
    const answer = said === undefined ? null : read(said, known.madeAt);
    const holds = !alike || said === undefined || (answer && isSame(alike.held(answer), said));
    if (holds) return useful(answer);
  }
  const { text, inputTokens, outputTokens, usd } = await noting(desk, () => completed(desk, prompt, now));
  const said = jsonIn(text);
  const answer = said === undefined ? null : read(said, now);
  const worded: Kept = keptOf(said, answer, alike);
  await keepAnswer(db, { id, model, worded, inputTokens, outputTokens, usd }, task, now);
  return useful(answer);
}

/** Of what is to serve for something alike only what held: what did not would be asked for again each time. */
function keptOf<Answer>(said: unknown, answer: Answer | null, alike: Wanted<Answer>["alike"]): Kept {
  if (said === undefined || (alike && answer === null)) return { isUseless: true };
  return { said: alike && answer !== null ? alike.held(answer) : said };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

async function completed(
  { open, db, settings }: Desk,
  prompt: Prompt,
  now: EpochMs,
): Promise<Completion & { usd: number }> {
  const client = await open();
  const ask = (way: CortexWay) => {
    const deadline = client.clock.now() + ANSWER_WITHIN_MS;
    const asks = () => complete(client, way, settings.model, prompt, deadline);
    return withinBudget({ db, settings, now }, way, prompt, asks, (problem) => client.mayHaveDone(problem, deadline));
  };
  if (bySqlOnly.has(client)) return await ask("sql");
  return await ask("rest").catch((error: unknown) => {
    if (!(error instanceof NoCortexRest)) throw error;
    bySqlOnly.add(client);
    return ask("sql");
  });
}

/** That the budget is spent is nothing that is wrong with the account. */
export async function noting<Result>({ noted }: Pick<Desk, "noted">, ask: () => Promise<Result>): Promise<Result> {
  let result: Result;
  try {
    result = await ask();
  } catch (error) {
    if (error instanceof SnowflakeProblem && error.code !== "budget_spent") await noted(error);
    throw error;
  }
  await noted(null);
  return result;
}

function useful<Answer>(answer: Answer | null): Answer {
  if (answer !== null) return answer;
  throw new EngineProblem(
    "nothing_supported",
    "What the language model said is not supported by what was measured, so none of it is shown.",
    "Nothing to do: it is asked again later. Another model in the settings may do better.",
  );
}

/** JSON, with or without the fence that some models put around it. */
function jsonIn(text: string): unknown {
  const bare = text.trim().replace(/^```(?:json)?\s*|\s*```$/g, "");
  try {
    return JSON.parse(bare) as unknown;
  } catch {
    return undefined;
  }
}
