import { and, asc, eq, inArray, ne } from "drizzle-orm";
import type { SignInOffers, Way } from "../../contract/people.ts";
import { session } from "../auth/table.ts";
import type { Database } from "../db/client.ts";
import { IDENTITY_PROVIDERS_MAX } from "../settings.ts";
import { ACCESS_ID } from "./access.ts";
import { accessSettings, identity, identityProvider, type IdentityProviderRow } from "./table.ts";

export type AccessRow = Omit<typeof accessSettings.$inferSelect, "id">;

const ONLY_ROW = 1;

/** What the sign-in page shows of them. */
export async function identityProviderOffers(db: Database): Promise<SignInOffers["identityProviders"]> {
  const { id, name, kind } = identityProvider;
  return db.select({ id, name, kind }).from(identityProvider).orderBy(asc(name), asc(id));
}

export async function listIdentityProviders(db: Database): Promise<IdentityProviderRow[]> {
  return db.select().from(identityProvider).orderBy(asc(identityProvider.name), asc(identityProvider.id));
}

export async function findIdentityProvider(db: Database, id: string): Promise<IdentityProviderRow | undefined> {
  return db.select().from(identityProvider).where(eq(identityProvider.id, id)).get();
}

/**
 * Keeps a provider; false where there are too many already. Accounts of an issuer it no longer stands for are forgotten: they
 * would only seem to be a way in.
 */
export async function saveIdentityProvider(db: Database, row: IdentityProviderRow): Promise<boolean> {
  const d1 = db.$client;
  const isThere = "EXISTS (SELECT 1 FROM identity_provider WHERE id = ?1)";
  const [saved] = await d1.batch<{ id: string }>([
    d1
      .prepare(
        `INSERT INTO identity_provider (id, kind, name, issuer, client_id, client_secret, join_role, join_domains)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE ${isThere} OR (SELECT count(*) FROM identity_provider) < ?9
         ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, issuer = excluded.issuer,
           client_id = excluded.client_id, client_secret = excluded.client_secret, join_role = excluded.join_role,
           join_domains = excluded.join_domains
         RETURNING id`,
      )
      .bind(
        row.id,
        row.kind,
        row.name,
        row.issuer,
        row.clientId,
        row.clientSecret,
        row.joinRole,
        JSON.stringify(row.joinDomains),
        IDENTITY_PROVIDERS_MAX,
      ),
    d1.prepare(`DELETE FROM identity WHERE provider = ?1 AND issuer <> ?2 AND ${isThere}`).bind(row.id, row.issuer),
  ]);
  return saved!.results.length === 1;
}

/** The provider that was there, gone with its identities and with the sessions of whoever came in by one. */
export async function deleteIdentityProvider(db: Database, id: string) {
  const [gone, ended] = await db.batch([
    db.delete(identityProvider).where(eq(identityProvider.id, id)).returning(),
    endSessionsBy(db, "identity_provider", id),
    db.delete(identity).where(eq(identity.provider, id)),
  ]);
  return gone[0] && { row: gone[0], endedIds: ended.map((session) => session.id) };
}

/** Who has accounts at two providers may have come by the other: they sign in again, which is the smaller harm. */
function endSessionsBy(db: Database, way: Way, providerId: string) {
  const people = db.select({ id: identity.personId }).from(identity).where(eq(identity.provider, providerId));
  return db
    .delete(session)
    .where(and(eq(session.way, way), inArray(session.personId, people)))
    .returning({ id: session.id });
}

export async function findAccess(db: Database): Promise<AccessRow | undefined> {
  const { issuer, audience, joinRole, joinDomains } = accessSettings;
  return db.select({ issuer, audience, joinRole, joinDomains }).from(accessSettings).get();
}

export async function saveAccess(db: Database, row: AccessRow): Promise<void> {
  await db.batch([
    db
      .insert(accessSettings)
      .values({ id: ONLY_ROW, ...row })
      .onConflictDoUpdate({ target: accessSettings.id, set: row }),
    db.delete(identity).where(and(eq(identity.provider, ACCESS_ID), ne(identity.issuer, row.issuer))),
  ]);
}

export async function deleteAccess(db: Database) {
  const [gone, ended] = await db.batch([
    db.delete(accessSettings).returning(),
    endSessionsBy(db, "access", ACCESS_ID),
    db.delete(identity).where(eq(identity.provider, ACCESS_ID)),
  ]);
  return gone[0] && { row: gone[0], endedIds: ended.map((session) => session.id) };
}
