import { and, count, desc, eq, gt, isNull, sql } from "drizzle-orm";
import type { Person } from "../../contract/people.ts";
import type { Role } from "../../contract/roles.ts";
import type { EpochMs } from "../../contract/units.ts";
import { person } from "../auth/table.ts";
import type { Database } from "../db/client.ts";
import { PEOPLE_MAX } from "../settings.ts";
import { verifiedEmail, type AccountElsewhere, type Known } from "./newcomer.ts";
import { INVITER_STILL_MAY } from "./people-store.ts";
import { identity, identityProvider, invitation } from "./table.ts";

const publicPerson = { id: person.id, name: person.name, email: person.email, role: person.role, tags: person.tags };

/** Everything that is known of an account elsewhere, read at one moment. */
export async function knownOf(
  db: Database,
  account: AccountElsewhere,
  invitationHash: string | null,
  now: EpochMs,
): Promise<Known> {
  // No address is the empty one, which nobody has.
  const email = verifiedEmail(account) ?? "";
  const [people, byIdentity, byEmail, shown, sent] = await db.batch([
    db.select({ count: count() }).from(person),
    db
      .select(publicPerson)
      .from(identity)
      .innerJoin(person, eq(person.id, identity.personId))
      .where(and(eq(identity.issuer, account.issuer), eq(identity.subject, account.subject))),
    // An address somebody typed for themselves is nobody's proof: anyone could have typed it.
    db
      .select(publicPerson)
      .from(person)
      .where(and(eq(person.email, email), eq(person.isEmailClaimed, false))),
    db
      .select()
      .from(invitation)
      .where(and(eq(invitation.hash, invitationHash ?? ""), sql.raw(INVITER_STILL_MAY))),
    db
      .select()
      .from(invitation)
      .where(
        and(
          eq(invitation.email, email),
          isNull(invitation.usedAt),
          gt(invitation.expiresAt, now),
          sql.raw(INVITER_STILL_MAY),
        ),
      )
      .orderBy(desc(invitation.createdAt))
      .limit(1),
  ]);
  return {
    people: people[0]?.count ?? 0,
    person: byIdentity[0],
    personByEmail: byEmail[0],
    shown: shown[0],
    sent: sent[0],
  };
}

/** As the person sees them: where, under which name there, since when. */
export async function listIdentities(db: Database, personId: string) {
  const { id, subject, linkedAt } = identity;
  return db
    .select({ id, provider: sql<string>`coalesce(${identityProvider.name}, 'Cloudflare Access')`, subject, linkedAt })
    .from(identity)
    .leftJoin(identityProvider, eq(identityProvider.id, identity.provider))
    .where(eq(identity.personId, personId))
    .orderBy(desc(linkedAt));
}

/** At which provider it was; undefined where this person has no such account. */
export async function deleteIdentity(db: Database, personId: string, id: string): Promise<string | undefined> {
  const gone = await db
    .delete(identity)
    .where(and(eq(identity.id, id), eq(identity.personId, personId)))
    .returning({ provider: identity.provider });
  return gone[0]?.provider;
}

/** Links the account to who still has its e-mail address. False where it was linked meanwhile, or the address moved. */
export async function insertIdentity(
  db: Database,
  providerId: string,
  account: AccountElsewhere,
  to: Person,
  now: EpochMs,
): Promise<boolean> {
  const { results } = await identityStatement(db, providerId, account, to.id, now, verifiedEmail(account)).run<{
    id: string;
  }>();
  return results.length === 1;
}

/** Makes a person and their identity, and uses the invitation up where there is one; all of it or nothing. */
export async function insertNewcomer(
  db: Database,
  providerId: string,
  account: AccountElsewhere,
  newcomer: { id: string; name: string; by: { invitationId: string } | { role: Role } },
  now: EpochMs,
): Promise<boolean> {
  const d1 = db.$client;
  const { id, name, by } = newcomer;
  const [role, invitationId] = "role" in by ? [by.role, null] : [null, by.invitationId];
  // The person is written first, and only while everything still holds: what comes after asks for them.
  const source =
    invitationId === null
      ? "SELECT ?1, ?2, ?3, ?5, NULL, ?4 WHERE ?6 IS NULL"
      : `SELECT ?1, ?2, ?3, role, tags, ?4 FROM invitation
         WHERE ?5 IS NULL AND id = ?6 AND used_at IS NULL AND expires_at > ?4 AND (email IS NULL OR email = ?3)
           AND ${INVITER_STILL_MAY}`;
  const [made] = await d1.batch<{ id: string }>([
    d1
      .prepare(
        `INSERT INTO person (id, name, email, role, tags, created_at) ${source}
           AND (SELECT count(*) FROM person) < ?7
           AND NOT EXISTS (SELECT 1 FROM identity WHERE issuer = ?8 AND subject = ?9)
           AND NOT EXISTS (SELECT 1 FROM person WHERE email = ?3)
         RETURNING id`,
      )
      .bind(id, name, verifiedEmail(account), now, role, invitationId, PEOPLE_MAX, account.issuer, account.subject),
    d1
      .prepare("UPDATE invitation SET used_at = ?1 WHERE id = ?2 AND EXISTS (SELECT 1 FROM person WHERE id = ?3)")
      .bind(now, invitationId, id),
    identityStatement(db, providerId, account, id, now, null),
  ]);
  return made!.results.length === 1;
}

/** For a person who is there, and, where `email` is not null, still has that address. */
function identityStatement(
  db: Database,
  providerId: string,
  { issuer, subject }: AccountElsewhere,
  personId: string,
  now: EpochMs,
  email: string | null,
): D1PreparedStatement {
  return db.$client
    .prepare(
      `INSERT INTO identity (id, provider, issuer, subject, person_id, linked_at)
       SELECT ?1, ?2, ?3, ?4, id, ?5 FROM person WHERE id = ?6 AND (?7 IS NULL OR email = ?7)
       ON CONFLICT (issuer, subject) DO NOTHING
       RETURNING id`,
    )
    .bind(crypto.randomUUID(), providerId, issuer, subject, now, personId, email);
}
