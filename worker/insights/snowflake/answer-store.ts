import { and, eq, gt, lte } from "drizzle-orm";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Database } from "../../db/client.ts";
import { wordedAnswer, type WordedAnswerRow } from "../table.ts";
import { sha256, type Prompt } from "./prompt.ts";

/** What is asked of a model, and for how long the same need not be asked again. */
export const KEPT_MS = {
  summary: 6 * 3_600_000,
  explanation: 7 * 86_400_000,
  answer: 3_600_000,
  plan: 3_600_000,
} as const satisfies Record<string, DurationMs>;
export type CortexTask = keyof typeof KEPT_MS;

/** What a model said: never what was made of it, which holds the ids and readings of whoever asked first. */
export type Kept = WordedAnswerRow["worded"];

/** What an answer is known by: all that was asked, or instead of the data what about it matters. */
export async function answerId(
  task: CortexTask,
  model: string,
  { system, user, schema }: Prompt,
  likeness: string = user,
): Promise<string> {
  return sha256(JSON.stringify([task, model, system, likeness, schema]));
}

/** Undefined where it has not been asked, or too long ago. */
export async function findAnswer(
  db: Database,
  id: string,
  now: EpochMs,
): Promise<{ kept: Kept; madeAt: EpochMs } | undefined> {
  return await db
    .select({ kept: wordedAnswer.worded, madeAt: wordedAnswer.madeAt })
    .from(wordedAnswer)
    .where(and(eq(wordedAnswer.id, id), gt(wordedAnswer.expiresAt, now)))
    .get();
}

export async function keepAnswer(
  db: Database,
  row: { id: string; model: string; worded: Kept; inputTokens: number; outputTokens: number; usd: number },
  task: CortexTask,
  now: EpochMs,
): Promise<void> {
  const { id, ...rest } = row;
  const kept = { ...rest, madeAt: now, expiresAt: now + KEPT_MS[task] };
  await db
    .insert(wordedAnswer)
    .values({ id, ...kept })
    .onConflictDoUpdate({ target: wordedAnswer.id, set: kept });
}

/** Those that are over; answers how many. */
export async function sweepAnswers(db: Database, now: EpochMs): Promise<number> {
  const gone = await db.delete(wordedAnswer).where(lte(wordedAnswer.expiresAt, now)).returning({ id: wordedAnswer.id });
  return gone.length;
}
