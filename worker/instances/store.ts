import { eq, gt, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { instance, type InstanceRow } from "./table.ts";

export async function findInstance(db: Database, id: string): Promise<InstanceRow | undefined> {
  return db.select().from(instance).where(eq(instance.id, id)).get();
}

export async function findInstances(db: Database, ids: readonly string[]): Promise<InstanceRow[]> {
  return db
    .select()
    .from(instance)
    .where(sql`${instance.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`);
}

/** The next so many ids, in their order. */
export async function instanceIdsAfter(db: Database, after: string, count: number): Promise<string[]> {
  const rows = await db
    .select({ id: instance.id })
    .from(instance)
    .where(gt(instance.id, after))
    .orderBy(instance.id)
    .limit(count);
  return rows.map(({ id }) => id);
}

export async function listInstances(db: Database): Promise<InstanceRow[]> {
  return db.select().from(instance);
}

/** Writes the row. Name and tags that people gave are left alone: they may have changed between read and write. */
export async function saveInstance(db: Database, row: InstanceRow): Promise<void> {
  const { id: _id, name, nameGiven: _given, tags: _tags, firstSeenAt: _first, ...facts } = row;
  await db
    .insert(instance)
    .values(row)
    .onConflictDoUpdate({ target: instance.id, set: { name, ...facts } });
}

/** Gives a name or tags; false where there is no such instance. */
export async function changeInstance(
  db: Database,
  id: string,
  { name, tags }: { name?: string | undefined; tags?: string[] | undefined },
): Promise<boolean> {
  // Something is always set, so that the answer says whether the row is there.
  const changed = await db
    .update(instance)
    .set({ id, ...(name !== undefined && { name, nameGiven: name }), ...(tags && { tags }) })
    .where(eq(instance.id, id))
    .returning({ id: instance.id });
  return changed.length === 1;
}

/** False where there was no such instance. */
export async function deleteInstance(db: Database, id: string): Promise<boolean> {
  const deleted = await db.delete(instance).where(eq(instance.id, id)).returning({ id: instance.id });
  return deleted.length === 1;
}
