import { eq, sql } from "drizzle-orm";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { modelSpend } from "./table.ts";

/** What one or more requests to a language model came to. */
export interface Spent {
  requests: number;
  inputTokens: number;
  outputTokens: number;
  usd: number;
}

/** As `2026-11`, UTC: budgets begin anew with each. */
export function monthOf(now: EpochMs): string {
  return new Date(now).toISOString().slice(0, 7);
}

/** When the next month begins. */
export function monthEnd(now: EpochMs): EpochMs {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** Adds to a month's spending, in one statement: two requests at a time lose nothing. */
export async function addSpend(db: Database, month: string, model: string, spent: Spent): Promise<void> {
  await db
    .insert(modelSpend)
    .values({ month, model, ...spent })
    .onConflictDoUpdate({
      target: [modelSpend.month, modelSpend.model],
      set: {
        requests: sql`${modelSpend.requests} + excluded.requests`,
        inputTokens: sql`${modelSpend.inputTokens} + excluded.input_tokens`,
        outputTokens: sql`${modelSpend.outputTokens} + excluded.output_tokens`,
        usd: sql`${modelSpend.usd} + excluded.usd`,
      },
    });
}

/** Adds to a month's spending unless that would pass the budget, in one statement; false where it would. */
export async function reserveSpend(
  db: Database,
  month: string,
  model: string,
  usd: number,
  budgetUsd: number,
): Promise<boolean> {
  const { meta } = await db.$client
    .prepare(
      `INSERT INTO model_spend (month, model, requests, input_tokens, output_tokens, usd)
       SELECT ?1, ?2, 0, 0, 0, ?3
       WHERE (SELECT coalesce(sum(usd), 0) FROM model_spend WHERE month = ?1) + ?3 <= ?4
       ON CONFLICT (month, model) DO UPDATE SET usd = usd + excluded.usd`,
    )
    .bind(month, model, usd, budgetUsd)
    .run();
  return meta.changes > 0;
}

/** By all models together. */
export async function spentIn(db: Database, month: string): Promise<Spent> {
  const rows = await db.select().from(modelSpend).where(eq(modelSpend.month, month));
  const sum = (name: keyof Spent) => rows.reduce((total, row) => total + row[name], 0);
  return {
    requests: sum("requests"),
    inputTokens: sum("inputTokens"),
    outputTokens: sum("outputTokens"),
    usd: sum("usd"),
  };
}
