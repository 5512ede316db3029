import { and, gt, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { instance } from "../instances/table.ts";

const SENDS = gt(instance.intervalMs, 0);

/** Instances that send readings, of those that somebody limited to these tags may see; null: all. */
export async function countSending(db: Database, tags: readonly string[] | null): Promise<number> {
  return db.$count(instance, and(SENDS, seenBy(tags)));
}

/** Their ids. */
export async function sendingIds(db: Database, tags: readonly string[] | null): Promise<string[]> {
  const rows = await db
    .select({ id: instance.id })
    .from(instance)
    .where(and(SENDS, seenBy(tags)));
  return rows.map(({ id }) => id);
}

function seenBy(tags: readonly string[] | null) {
  if (tags === null) return undefined;
  return sql`EXISTS (SELECT 1 FROM json_each(${instance.tags}) AS own WHERE own.value IN (SELECT value FROM json_each(${JSON.stringify(tags)})))`;
}
