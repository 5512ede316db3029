import { and, count, eq, isNull } from "drizzle-orm";
import type { EpochMs } from "../../contract/units.ts";
import { person } from "../auth/table.ts";
import type { Database } from "../db/client.ts";
import { password, recoveryCode, totp } from "./table.ts";

/** Who signs in with this address, and what their password is checked against; undefined where nobody does. */
export async function findPasswordOf(db: Database, email: string) {
  return db
    .select({ personId: person.id, name: person.name, hash: password.hash })
    .from(password)
    .innerJoin(person, eq(person.id, password.personId))
    .where(eq(person.email, email))
    .get();
}

export async function hasPassword(db: Database, personId: string): Promise<boolean> {
  return (
    (await db.select({ id: password.personId }).from(password).where(eq(password.personId, personId)).get()) !==
    undefined
  );
}

export async function savePassword(db: Database, personId: string, hash: string, now: EpochMs): Promise<void> {
  await db
    .insert(password)
    .values({ personId, hash, changedAt: now })
    .onConflictDoUpdate({ target: password.personId, set: { hash, changedAt: now } });
}

/** The second step goes with it: there is nothing it would come after. False where there was no password. */
export async function deletePassword(db: Database, personId: string): Promise<boolean> {
  const [gone] = await db.batch([
    db.delete(password).where(eq(password.personId, personId)).returning({ id: password.personId }),
    db.delete(totp).where(eq(totp.personId, personId)),
    db.delete(recoveryCode).where(eq(recoveryCode.personId, personId)),
  ]);
  return gone.length === 1;
}

export async function findTotp(db: Database, personId: string) {
  return db.select().from(totp).where(eq(totp.personId, personId)).get();
}

/** Begins anew; one that is confirmed already stays as it is, and false is the answer. */
export async function beginTotp(db: Database, personId: string, secret: string): Promise<boolean> {
  const begun = await db
    .insert(totp)
    .values({ personId, secret, confirmedAt: null, lastStep: 0 })
    .onConflictDoUpdate({
      target: totp.personId,
      set: { secret, lastStep: 0 },
      setWhere: isNull(totp.confirmedAt),
    })
    .returning({ id: totp.personId });
  return begun.length === 1;
}

/** Takes the code of this time step; false where one of it, or of a later one, was taken before. */
export async function takeTotpStep(
  db: Database,
  personId: string,
  step: number,
  confirmAt?: EpochMs,
): Promise<boolean> {
  const { meta } = await db.$client
    .prepare(
      `UPDATE totp SET last_step = ?2, confirmed_at = coalesce(confirmed_at, ?3)
       WHERE person_id = ?1 AND last_step < ?2 AND (?3 IS NOT NULL OR confirmed_at IS NOT NULL)`,
    )
    .bind(personId, step, confirmAt ?? null)
    .run();
  return meta.changes === 1;
}

export async function deleteTotp(db: Database, personId: string): Promise<boolean> {
  const [gone] = await db.batch([
    db.delete(totp).where(eq(totp.personId, personId)).returning({ id: totp.personId }),
    db.delete(recoveryCode).where(eq(recoveryCode.personId, personId)),
  ]);
  return gone.length === 1;
}

export async function replaceRecoveryCodes(db: Database, personId: string, hashes: readonly string[]): Promise<void> {
  await db.batch([
    db.delete(recoveryCode).where(eq(recoveryCode.personId, personId)),
    db.insert(recoveryCode).values(hashes.map((hash) => ({ personId, hash }))),
  ]);
}

/** Of two who use one code at once, one gets in. */
export async function useRecoveryCode(db: Database, personId: string, hash: string, now: EpochMs): Promise<boolean> {
  const used = await db
    .update(recoveryCode)
    .set({ usedAt: now })
    .where(and(eq(recoveryCode.personId, personId), eq(recoveryCode.hash, hash), isNull(recoveryCode.usedAt)))
    .returning({ hash: recoveryCode.hash });
  return used.length === 1;
}

export async function countRecoveryCodes(db: Database, personId: string): Promise<number> {
  const found = await db
    .select({ codes: count() })
    .from(recoveryCode)
    .where(and(eq(recoveryCode.personId, personId), isNull(recoveryCode.usedAt)))
    .get();
  return found?.codes ?? 0;
}
