import type { SnowflakeSettings } from "../../../contract/snowflake.ts";
import type { EpochMs } from "../../../contract/units.ts";
import type { Database } from "../../db/client.ts";
import { costUsd, sqlCostUsd } from "../../snowflake/price.ts";
import { SnowflakeProblem } from "../../snowflake/problem.ts";
import { addSpend, monthEnd, monthOf, reserveSpend, spentIn } from "../../snowflake/spend-store.ts";
import { dayInWords } from "../words/moment.ts";
import { tokensIn, type Completion, type CortexWay } from "./cortex.ts";
import type { Prompt } from "./prompt.ts";

/** What a task and its answer's frame cost beside what is counted. */
const FRAME_TOKENS = 200;

export interface Budgeted {
  db: Database;
  settings: Pick<SnowflakeSettings, "model" | "monthlyBudgetUsd" | "creditPriceUsd">;
  now: EpochMs;
}

/**
 * Asks within the month's budget: what the request may cost at most is set aside before it is sent, and what it cost takes that place
 * afterwards, so that several at a time cannot pass the budget together. What failed gives it back, unless it may have been billed all the
 * same. Throws `budget_spent` where it would.
 */
export async function withinBudget(
  { db, settings, now }: Budgeted,
  way: CortexWay,
  prompt: Prompt,
  asks: () => Promise<Completion>,
  mayBeBilled: (problem: SnowflakeProblem) => Promise<boolean> = async ({ code }) => code === "timed_out",
): Promise<Completion & { usd: number }> {
  const { model, monthlyBudgetUsd: budget } = settings;
  const month = monthOf(now);
  const cost = (inputTokens: number, outputTokens: number) =>
    way === "rest"
      ? costUsd(model, inputTokens, outputTokens)
      : sqlCostUsd(model, inputTokens, outputTokens, settings.creditPriceUsd);
  const reserved = cost(tokensIn(prompt.system + prompt.user) + FRAME_TOKENS, prompt.maxTokens);
  if (!(await reserveSpend(db, month, model, reserved, budget))) throw await spent(db, month, budget, now);
  let done: Completion;
  try {
    done = await asks();
  } catch (error) {
    if (error instanceof SnowflakeProblem && (await mayBeBilled(error))) throw error;
    await addSpend(db, month, model, { requests: 0, inputTokens: 0, outputTokens: 0, usd: -reserved });
    throw error;
  }
  const { inputTokens, outputTokens } = done;
  const usd = cost(inputTokens, outputTokens);
  await addSpend(db, month, model, { requests: 1, inputTokens, outputTokens, usd: usd - reserved });
  return { ...done, usd };
}

async function spent(db: Database, month: string, budget: number, now: EpochMs): Promise<SnowflakeProblem> {
  return budgetSpent((await spentIn(db, month)).usd, budget, now);
}

export function budgetSpent(usd: number, budget: number, now: EpochMs): SnowflakeProblem {
  return new SnowflakeProblem(
    "budget_spent",
    `The month's budget for language models is used up: $${usd.toFixed(2)} of $${budget.toFixed(2)}.`,
    `It begins anew on ${dayInWords(monthEnd(now), now)}. To go on before that, raise it under Insights, Snowflake.`,
  );
}
