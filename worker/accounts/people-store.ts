import { and, asc, count, desc, eq, gt, isNull, max, sql } from "drizzle-orm";
import type { Invitation, InvitationOffer, Person, PersonEntry } from "../../contract/people.ts";
import type { EpochMs } from "../../contract/units.ts";
import { apiToken, person, session } from "../auth/table.ts";
import type { Database } from "../db/client.ts";
import { identity, invitation, passkey, password, recoveryCode, totp, type InvitationRow } from "./table.ts";

// --- People ------------------------------------------------------------------------------------------------------------

export async function listPeople(db: Database): Promise<PersonEntry[]> {
  const { id, name, email, role, tags, createdAt } = person;
  const [people, seen, passkeys, passwords, totps, identities] = await db.batch([
    db.select({ id, name, email, role, tags, createdAt }).from(person).orderBy(asc(createdAt)),
    db
      .select({ personId: session.personId, lastSeenAt: max(session.lastSeenAt) })
      .from(session)
      .groupBy(session.personId),
    db.selectDistinct({ personId: passkey.personId }).from(passkey),
    db.select({ personId: password.personId }).from(password),
    db
      .select({ personId: totp.personId })
      .from(totp)
      .where(sql`${totp.confirmedAt} IS NOT NULL`),
    db.selectDistinct({ personId: identity.personId }).from(identity),
  ]);
  const lastSeen = new Map(seen.map((row) => [row.personId, row.lastSeenAt]));
  const ways = { passkey: passkeys, password: passwords, totp: totps, identity_provider: identities };
  const sets = Object.entries(ways).map(([way, rows]) => [way, new Set(rows.map((row) => row.personId))] as const);
  return people.map((one) => ({
    ...one,
    lastSeenAt: lastSeen.get(one.id) ?? null,
    ways: sets.flatMap(([way, ids]) => (ids.has(one.id) ? [way as keyof typeof ways] : [])),
  }));
}

export async function renamePerson(db: Database, id: string, name: string): Promise<void> {
  await db.update(person).set({ name }).where(eq(person.id, id));
}

/** Gives an account that has no address one; false where somebody has it already. */
export async function setEmailOnce(db: Database, id: string, email: string): Promise<boolean> {
  return takenIsFalse(async () => {
    const set = await db
      .update(person)
      .set({ email, isEmailClaimed: true })
      .where(and(eq(person.id, id), isNull(person.email)))
      .returning({ id: person.id });
    return set.length === 1;
  });
}

/**
 * What came of a change. `last owner`: nobody would be left to look after this Nephos. `changed meanwhile`: whoever asked, or
 * whom it was about, is not what they were when it was decided. The database itself sees to both.
 */
export type Changed = "done" | "last owner" | "changed meanwhile" | "email taken";

/** Writes what `change` holds and nothing else, so that a change somebody else makes meanwhile stays. */
export async function changePerson(
  db: Database,
  actor: Person,
  before: Person,
  change: Partial<Pick<Person, "name" | "email" | "role" | "tags">>,
): Promise<Changed> {
  const isDemoted = before.role === "owner" && change.role !== undefined && change.role !== "owner";
  let changed: Changed = "done";
  const isFree = await takenIsFalse(async () => {
    const rows = await db
      .update(person)
      .set({
        id: before.id,
        ...change,
        ...(change.email !== undefined && change.email !== before.email && { isEmailClaimed: false }),
      })
      .where(and(areAsBefore(actor, before), isDemoted ? anotherOwner : undefined))
      .returning({ id: person.id });
    if (rows.length === 0) changed = isDemoted && !(await isOtherOwnerThere(db)) ? "last owner" : "changed meanwhile";
    return true;
  });
  return isFree ? changed : "email taken";
}

/** The person and every way in they had; or why nothing was done. */
export async function deletePerson(
  db: Database,
  actor: Person,
  before: Person,
): Promise<{ endedIds: string[] } | Exclude<Changed, "done" | "email taken">> {
  const isOwner = before.role === "owner";
  const gone = await db
    .delete(person)
    .where(and(areAsBefore(actor, before), isOwner ? anotherOwner : undefined))
    .returning({ id: person.id });
  if (gone.length === 0) return isOwner && !(await isOtherOwnerThere(db)) ? "last owner" : "changed meanwhile";
  const { id } = before;
  // Without the person none of these lets anybody in any more; they go to leave nothing behind.
  const [sessions, tokens] = await db.batch([
    db.delete(session).where(eq(session.personId, id)).returning({ id: session.id }),
    db.delete(apiToken).where(eq(apiToken.personId, id)).returning({ id: apiToken.id }),
    db.delete(passkey).where(eq(passkey.personId, id)),
    db.delete(password).where(eq(password.personId, id)),
    db.delete(totp).where(eq(totp.personId, id)),
    db.delete(recoveryCode).where(eq(recoveryCode.personId, id)),
    db.delete(identity).where(eq(identity.personId, id)),
  ]);
  return { endedIds: [...sessions, ...tokens].map((row) => row.id) };
}

/** Ends whatever acts for a person: sessions, and programs with their API tokens. */
export async function signOutPerson(db: Database, id: string): Promise<string[]> {
  const [sessions, tokens] = await db.batch([
    db.delete(session).where(eq(session.personId, id)).returning({ id: session.id }),
    db.delete(apiToken).where(eq(apiToken.personId, id)).returning({ id: apiToken.id }),
  ]);
  return [...sessions, ...tokens].map((row) => row.id);
}

const anotherOwner = sql`(SELECT count(*) FROM person WHERE role = 'owner') > 1`;

function areAsBefore(actor: Person, before: Person) {
  return and(
    eq(person.id, before.id),
    eq(person.role, before.role),
    sql`EXISTS (SELECT 1 FROM person AS actor WHERE actor.id = ${actor.id} AND actor.role = ${actor.role})`,
  );
}

async function isOtherOwnerThere(db: Database): Promise<boolean> {
  return ((await db.select({ owners: count() }).from(person).where(eq(person.role, "owner")).get())?.owners ?? 0) > 1;
}

/** False where the address belongs to somebody else. */
async function takenIsFalse(write: () => Promise<boolean>): Promise<boolean> {
  try {
    return await write();
  } catch (error) {
    if (/UNIQUE constraint failed: person\.email/.test(causes(error))) return false;
    throw error;
  }
}

/** Drizzle wraps what the database says. */
function causes(error: unknown): string {
  return error instanceof Error ? `${error.message} ${causes(error.cause)}` : "";
}

// --- Invitations -------------------------------------------------------------------------------------------------------

export async function insertInvitation(db: Database, row: InvitationRow): Promise<void> {
  await db.insert(invitation).values(row);
}

/** An invitation is worth what its maker may give at this moment: who was removed or lowered cannot come back by one. */
export const INVITER_STILL_MAY = `EXISTS (SELECT 1 FROM person AS inviter WHERE inviter.id = invitation.invited_by
  AND inviter.role IN ('admin', 'owner') AND (inviter.role = 'owner' OR invitation.role <> 'owner'))`;

const inviter = sql<string>`coalesce(${person.name}, 'somebody who has left')`;

export async function listInvitations(db: Database, now: EpochMs): Promise<Invitation[]> {
  const { id, email, role, tags, createdAt, expiresAt } = invitation;
  return db
    .select({ id, email, role, tags, createdAt, expiresAt, invitedBy: inviter })
    .from(invitation)
    .leftJoin(person, eq(person.id, invitation.invitedBy))
    .where(and(isNull(invitation.usedAt), gt(expiresAt, now)))
    .orderBy(desc(createdAt));
}

export async function countInvitations(db: Database, now: EpochMs): Promise<number> {
  const found = await db
    .select({ open: count() })
    .from(invitation)
    .where(and(isNull(invitation.usedAt), gt(invitation.expiresAt, now)))
    .get();
  return found?.open ?? 0;
}

/** An invitation that can still be accepted. */
export async function findInvitation(db: Database, hash: string, now: EpochMs): Promise<InvitationOffer | undefined> {
  const { email, role, tags, expiresAt } = invitation;
  return db
    .select({ email, role, tags, expiresAt, invitedBy: inviter })
    .from(invitation)
    .leftJoin(person, eq(person.id, invitation.invitedBy))
    .where(and(eq(invitation.hash, hash), isNull(invitation.usedAt), gt(expiresAt, now), sql.raw(INVITER_STILL_MAY)))
    .get();
}

/** What it was for; undefined where there is none. */
export async function deleteInvitation(db: Database, id: string) {
  const gone = await db
    .delete(invitation)
    .where(and(eq(invitation.id, id), isNull(invitation.usedAt)))
    .returning({ email: invitation.email, role: invitation.role });
  return gone[0];
}

/**
 * Makes the person the invitation is for and takes the invitation, both or neither; of two who accept at once, one does. The
 * person's role and tags are the invitation's, whatever was asked for. Throws where the address belongs to somebody.
 */
export async function acceptInvitation(
  db: Database,
  hash: string,
  { id, name, email }: { id: string; name: string; email: string | null },
  now: EpochMs,
): Promise<"done" | "gone" | "email taken"> {
  const d1 = db.$client;
  let made = 0;
  const isFree = await takenIsFalse(async () => {
    const [inserted] = await d1.batch([
      d1
        .prepare(
          `INSERT INTO person (id, name, email, is_email_claimed, role, tags, created_at)
           SELECT ?1, ?2, coalesce(email, ?3), email IS NULL, role, tags, ?4 FROM invitation
           WHERE hash = ?5 AND used_at IS NULL AND expires_at > ?4 AND ${INVITER_STILL_MAY}`,
        )
        .bind(id, name, email, now, hash),
      d1
        .prepare(
          "UPDATE invitation SET used_at = ?1 WHERE hash = ?2 AND used_at IS NULL AND EXISTS (SELECT 1 FROM person WHERE id = ?3)",
        )
        .bind(now, hash, id),
    ]);
    made = inserted!.meta.changes;
    return true;
  });
  if (!isFree) return "email taken";
  return made > 0 ? "done" : "gone";
}
