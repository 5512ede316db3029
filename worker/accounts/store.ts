import { eq, lt, or, sql } from "drizzle-orm";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { identity, invitation, passkey, password, usedOnce } from "./table.ts";

/** By what a person can sign in again themselves: the ids of passkeys and of accounts elsewhere, and `password`. */
export async function waysBack(db: Database, personId: string): Promise<string[]> {
  const [keys, passwords, identities] = await db.batch([
    db.select({ id: passkey.id }).from(passkey).where(eq(passkey.personId, personId)),
    db
      .select({ id: sql<string>`'password'` })
      .from(password)
      .where(eq(password.personId, personId)),
    db.select({ id: identity.id }).from(identity).where(eq(identity.personId, personId)),
  ]);
  return [...keys, ...passwords, ...identities].map(({ id }) => id);
}

/** True for the first who uses it. Kept until it would have expired anyway. */
export async function useOnce(db: Database, hash: string, expiresAt: EpochMs): Promise<boolean> {
  const first = await db
    .insert(usedOnce)
    .values({ hash, expiresAt })
    .onConflictDoNothing()
    .returning({ hash: usedOnce.hash });
  return first.length === 1;
}

/** What was used or has expired is of no use to anybody. */
export async function deleteStale(db: Database, now: EpochMs): Promise<void> {
  await db.batch([
    db.delete(usedOnce).where(lt(usedOnce.expiresAt, now)),
    db.delete(invitation).where(or(lt(invitation.expiresAt, now), lt(invitation.usedAt, now - 86_400_000))),
  ]);
}
