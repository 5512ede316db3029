import { eq } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { instance, type InstanceRow } from "./table.ts";

export async function findInstance(db: Database, id: string): Promise<InstanceRow | undefined> {
  return db.select().from(instance).where(eq(instance.id, id)).get();
}

export async function listInstances(db: Database): Promise<InstanceRow[]> {
  return db.select().from(instance);
}

/** Writes the row. The given name is the owner's and is left alone: a rename may have come between read and write. */
export async function saveInstance(db: Database, row: InstanceRow): Promise<void> {
  const { id: _id, name, nameGiven: _given, firstSeenAt: _first, ...facts } = row;
  await db
    .insert(instance)
    .values(row)
    .onConflictDoUpdate({ target: instance.id, set: { name, ...facts } });
}

/** False where there is no such instance. */
export async function renameInstance(db: Database, id: string, name: string): Promise<boolean> {
  const renamed = await db.update(instance).set({ name, nameGiven: name }).where(eq(instance.id, id)).returning();
  return renamed.length === 1;
}

/** False where there was no such instance. */
export async function deleteInstance(db: Database, id: string): Promise<boolean> {
  const deleted = await db.delete(instance).where(eq(instance.id, id)).returning({ id: instance.id });
  return deleted.length === 1;
}
