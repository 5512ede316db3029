import { and, count, desc, eq } from "drizzle-orm";
import type { Passkey } from "../../contract/people.ts";
import type { EpochMs } from "../../contract/units.ts";
import { person } from "../auth/table.ts";
import type { Database } from "../db/client.ts";
import { passkey, type PasskeyRow } from "./table.ts";

export async function listPasskeys(db: Database, personId: string): Promise<Passkey[]> {
  const { id, label, createdAt, lastUsedAt } = passkey;
  return db
    .select({ id, label, createdAt, lastUsedAt })
    .from(passkey)
    .where(eq(passkey.personId, personId))
    .orderBy(desc(createdAt));
}

/** As the authenticators name them: so that one does not make a second on the same device. */
export async function credentialsOf(db: Database, personId: string) {
  const { credentialId, transports } = passkey;
  return db.select({ id: credentialId, transports }).from(passkey).where(eq(passkey.personId, personId));
}

export async function countPasskeys(db: Database, personId: string): Promise<number> {
  return (await db.select({ keys: count() }).from(passkey).where(eq(passkey.personId, personId)).get())?.keys ?? 0;
}

export async function findPasskey(db: Database, credentialId: string) {
  const { id, name, email, role, tags } = person;
  return db
    .select({ passkey, person: { id, name, email, role, tags } })
    .from(passkey)
    .innerJoin(person, eq(person.id, passkey.personId))
    .where(eq(passkey.credentialId, credentialId))
    .get();
}

/** False where this very key is kept already. */
export async function insertPasskey(db: Database, row: PasskeyRow): Promise<boolean> {
  const made = await db.insert(passkey).values(row).onConflictDoNothing().returning({ id: passkey.id });
  return made.length === 1;
}

export async function usedPasskey(db: Database, id: string, counter: number, now: EpochMs): Promise<void> {
  await db.update(passkey).set({ counter, lastUsedAt: now }).where(eq(passkey.id, id));
}

/** The label it had; undefined where this person has no such key. */
export async function renamePasskey(db: Database, personId: string, id: string, label: string) {
  const mine = and(eq(passkey.id, id), eq(passkey.personId, personId));
  const before = await db.select({ label: passkey.label }).from(passkey).where(mine).get();
  if (before) await db.update(passkey).set({ label }).where(mine);
  return before?.label;
}

/** Its label; undefined where this person has no such key. */
export async function deletePasskey(db: Database, personId: string, id: string): Promise<string | undefined> {
  const gone = await db
    .delete(passkey)
    .where(and(eq(passkey.id, id), eq(passkey.personId, personId)))
    .returning({ label: passkey.label });
  return gone[0]?.label;
}
