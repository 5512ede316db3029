import { desc, eq, sql } from "drizzle-orm";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { silence, type SilenceRow } from "./table.ts";

/** Newest first; those that are over too, until they are deleted. */
export async function listSilences(db: Database): Promise<SilenceRow[]> {
  return db.select().from(silence).orderBy(desc(silence.createdAt));
}

export async function findSilence(db: Database, id: string): Promise<SilenceRow | undefined> {
  return db.select().from(silence).where(eq(silence.id, id)).get();
}

export async function insertSilence(db: Database, row: SilenceRow): Promise<void> {
  await db.insert(silence).values(row);
}

/** Undefined where there is none, or it was ended before. */
export async function endSilence(db: Database, id: string, now: EpochMs): Promise<SilenceRow | undefined> {
  const [row] = await db
    .update(silence)
    .set({ endedAt: now })
    .where(sql`${silence.id} = ${id} AND ${silence.endedAt} IS NULL`)
    .returning();
  return row;
}

/** Those that have been over since before this, whether ended early, past their only time or past their last week; at most so many at a time. Answers how many. */
export async function deleteOldSilences(db: Database, before: EpochMs, max: number): Promise<number> {
  const { meta } = await db.$client
    .prepare(
      `DELETE FROM silence WHERE id IN (SELECT id FROM silence WHERE (
         ended_at < ?1 OR ("when" ->> 'kind' = 'once' AND "when" ->> 'to' < ?1) OR "when" ->> 'until' < ?1
       ) LIMIT ?2)`,
    )
    .bind(before, max)
    .run();
  return meta.changes;
}
