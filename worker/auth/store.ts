import { and, count, desc, eq, gt, isNull, lt, notInArray, or, sql } from "drizzle-orm";
import type { Person, SessionEntry } from "../../contract/people.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { SESSION_IDLE_MS } from "../settings.ts";
import { apiToken, enrolment, person, session, signInLink } from "./table.ts";
import type { ApiTokenRow, SessionRow } from "./table.ts";

const publicPerson = {
  id: person.id,
  name: person.name,
  email: person.email,
  role: person.role,
  tags: person.tags,
};

// --- Sign-in links and sessions ----------------------------------------------------------------------------------------

/** Takes the link if it is good and unused; of two who come at once, one gets it. */
export async function useSignInLink(db: Database, hash: string, now: EpochMs): Promise<boolean> {
  const used = await db
    .update(signInLink)
    .set({ usedAt: now })
    .where(and(eq(signInLink.hash, hash), isNull(signInLink.usedAt), gt(signInLink.expiresAt, now)))
    .returning({ hash: signInLink.hash });
  return used.length === 1;
}

/** Beyond `max` of one person, the one not seen for longest ends. */
export async function insertSession(db: Database, row: SessionRow, max: number): Promise<void> {
  const newest = db
    .select({ id: session.id })
    .from(session)
    .where(eq(session.personId, row.personId))
    .orderBy(desc(session.lastSeenAt))
    .limit(max);
  await db.batch([
    db.insert(session).values(row),
    db.delete(session).where(and(eq(session.personId, row.personId), notInArray(session.id, newest))),
  ]);
}

/** A session and whose it is, by the present secret's hash or the one's before. */
export async function findSession(db: Database, hash: string) {
  const found = await db
    .select({ session, person: publicPerson })
    .from(session)
    .innerJoin(person, eq(person.id, session.personId))
    .where(or(eq(session.hash, hash), eq(session.previousHash, hash)))
    .get();
  return found && { ...found, isPrevious: found.session.hash !== hash };
}

/** False where somebody else was faster. */
export async function rotateSession(
  db: Database,
  { id, hash }: Pick<SessionRow, "id" | "hash">,
  newHash: string,
  previousHash: string,
  now: EpochMs,
): Promise<boolean> {
  const rotated = await db
    .update(session)
    .set({ hash: newHash, previousHash, rotatedAt: now, lastSeenAt: now })
    .where(and(eq(session.id, id), eq(session.hash, hash)))
    .returning({ id: session.id });
  return rotated.length === 1;
}

export async function touchSession(db: Database, id: string, now: EpochMs, address: string | null): Promise<void> {
  await db.update(session).set({ lastSeenAt: now, address }).where(eq(session.id, id));
}

export async function listSessions(
  db: Database,
  personId: string,
  now: EpochMs,
): Promise<Omit<SessionEntry, "isThis">[]> {
  const { id, way, browser, address, startedAt, lastSeenAt, expiresAt } = session;
  return db
    .select({ id, way, browser, address, startedAt, lastSeenAt, expiresAt })
    .from(session)
    .where(and(eq(session.personId, personId), gt(expiresAt, now), gt(lastSeenAt, now - SESSION_IDLE_MS)))
    .orderBy(desc(lastSeenAt));
}

export async function deleteSession(db: Database, id: string): Promise<void> {
  await db.delete(session).where(eq(session.id, id));
}

/** Ends the sessions of a person, or of them those that `only` names or all but `except`; answers their ids. */
export async function deleteSessionsOf(
  db: Database,
  personId: string,
  { only, except }: { only?: string; except?: string } = {},
): Promise<string[]> {
  const gone = await db
    .delete(session)
    .where(
      and(
        eq(session.personId, personId),
        only === undefined ? undefined : eq(session.id, only),
        except === undefined ? undefined : sql`${session.id} <> ${except}`,
      ),
    )
    .returning({ id: session.id });
  return gone.map(({ id }) => id);
}

export async function deleteExpired(db: Database, now: EpochMs): Promise<void> {
  await db.batch([
    db.delete(session).where(or(lt(session.expiresAt, now), lt(session.lastSeenAt, now - SESSION_IDLE_MS))),
    db.delete(signInLink).where(lt(signInLink.expiresAt, now)),
    db.delete(enrolment).where(lt(enrolment.expiresAt, now)),
  ]);
}

/** Those of `ids` that are sessions or API tokens still. */
export async function sessionsAndTokensAmong(db: Database, ids: readonly string[]): Promise<string[]> {
  const { results } = await db.$client
    .prepare(
      `SELECT value AS id FROM json_each(?1)
       WHERE EXISTS (SELECT 1 FROM session WHERE id = value) OR EXISTS (SELECT 1 FROM api_token WHERE id = value)`,
    )
    .bind(JSON.stringify(ids))
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

// --- People ------------------------------------------------------------------------------------------------------------

export async function findPerson(db: Database, id: string): Promise<Person | undefined> {
  return db.select(publicPerson).from(person).where(eq(person.id, id)).get();
}

export async function findPersonByEmail(db: Database, email: string): Promise<Person | undefined> {
  return db.select(publicPerson).from(person).where(eq(person.email, email)).get();
}

/** Whom the printed link signs in: the owner who came first. */
export async function firstOwner(db: Database): Promise<Person | undefined> {
  return db.select(publicPerson).from(person).where(eq(person.role, "owner")).orderBy(person.createdAt).limit(1).get();
}

export async function insertPerson(db: Database, row: Person, createdAt: EpochMs): Promise<void> {
  await db.insert(person).values({ ...row, createdAt });
}

/** The first owner, where there is none yet; of two who come at once, one makes them. */
export async function makeFirstOwner(db: Database, id: string, now: EpochMs): Promise<void> {
  await db.$client
    .prepare(
      `INSERT INTO person (id, name, role, created_at) SELECT ?1, 'Owner', 'owner', ?2
       WHERE NOT EXISTS (SELECT 1 FROM person WHERE role = 'owner')`,
    )
    .bind(id, now)
    .run();
}

export async function countPeople(db: Database): Promise<number> {
  return (await db.select({ people: count() }).from(person).get())?.people ?? 0;
}

// --- API tokens --------------------------------------------------------------------------------------------------------

export async function findApiToken(db: Database, hash: string) {
  return db
    .select({ token: apiToken, person: publicPerson })
    .from(apiToken)
    .innerJoin(person, eq(person.id, apiToken.personId))
    .where(eq(apiToken.hash, hash))
    .get();
}

export async function listApiTokens(db: Database, personId: string): Promise<ApiTokenRow[]> {
  return db.select().from(apiToken).where(eq(apiToken.personId, personId)).orderBy(desc(apiToken.createdAt));
}

export async function insertApiToken(db: Database, row: ApiTokenRow): Promise<void> {
  await db.insert(apiToken).values(row);
}

/** Its label; undefined where this person has no such token. */
export async function deleteApiToken(db: Database, personId: string, id: string): Promise<string | undefined> {
  const gone = await db
    .delete(apiToken)
    .where(and(eq(apiToken.id, id), eq(apiToken.personId, personId)))
    .returning({ label: apiToken.label });
  return gone[0]?.label;
}

export async function touchApiToken(db: Database, id: string, now: EpochMs): Promise<void> {
  await db.update(apiToken).set({ lastUsedAt: now }).where(eq(apiToken.id, id));
}
