import { and, desc, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import type { AgentToken } from "../../contract/instance.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { TOKEN_USE_WRITE_EVERY_MS } from "../settings.ts";
import { agentToken, session, signInLink } from "./table.ts";

/** Takes the link if it is good and unused; of two who come at once, one gets it. */
export async function useSignInLink(db: Database, hash: string, now: EpochMs): Promise<boolean> {
  const used = await db
    .update(signInLink)
    .set({ usedAt: now })
    .where(and(eq(signInLink.hash, hash), isNull(signInLink.usedAt), gt(signInLink.expiresAt, now)))
    .returning({ hash: signInLink.hash });
  return used.length === 1;
}

export async function insertSession(db: Database, hash: string, createdAt: EpochMs, expiresAt: EpochMs): Promise<void> {
  await db.insert(session).values({ hash, createdAt, expiresAt });
}

export async function findSession(db: Database, hash: string, now: EpochMs) {
  return db
    .select()
    .from(session)
    .where(and(eq(session.hash, hash), gt(session.expiresAt, now)))
    .get();
}

export async function deleteSession(db: Database, hash: string): Promise<void> {
  await db.delete(session).where(eq(session.hash, hash));
}

export async function deleteExpired(db: Database, now: EpochMs): Promise<void> {
  await db.batch([
    db.delete(session).where(lt(session.expiresAt, now)),
    db.delete(signInLink).where(lt(signInLink.expiresAt, now)),
  ]);
}

const publicToken = {
  id: agentToken.id,
  label: agentToken.label,
  instanceId: agentToken.instanceId,
  createdAt: agentToken.createdAt,
  lastUsedAt: agentToken.lastUsedAt,
};

export async function listAgentTokens(db: Database): Promise<AgentToken[]> {
  return db.select(publicToken).from(agentToken).orderBy(desc(agentToken.createdAt));
}

export async function insertAgentToken(db: Database, token: AgentToken, hash: string): Promise<void> {
  await db.insert(agentToken).values({ ...token, hash });
}

/** The hash of the removed token; undefined where there was none. */
export async function deleteAgentToken(db: Database, id: string): Promise<string | undefined> {
  const removed = await db.delete(agentToken).where(eq(agentToken.id, id)).returning({ hash: agentToken.hash });
  return removed[0]?.hash;
}

/** The hashes of the removed tokens. */
export async function deleteAgentTokensOf(db: Database, instanceId: string): Promise<string[]> {
  const removed = await db
    .delete(agentToken)
    .where(eq(agentToken.instanceId, instanceId))
    .returning({ hash: agentToken.hash });
  return removed.map((token) => token.hash);
}

export async function findAgentToken(db: Database, hash: string) {
  return db.select().from(agentToken).where(eq(agentToken.hash, hash)).get();
}

/** Binds a token to its first instance; false where it was bound to another meanwhile. */
export async function bindAgentToken(db: Database, hash: string, instanceId: string): Promise<boolean> {
  const bound = await db
    .update(agentToken)
    .set({ instanceId })
    .where(and(eq(agentToken.hash, hash), or(isNull(agentToken.instanceId), eq(agentToken.instanceId, instanceId))))
    .returning({ id: agentToken.id });
  return bound.length === 1;
}

export async function touchAgentToken(db: Database, hash: string, now: EpochMs): Promise<void> {
  await db
    .update(agentToken)
    .set({ lastUsedAt: now })
    .where(
      and(eq(agentToken.hash, hash), lt(sql`coalesce(${agentToken.lastUsedAt}, 0)`, now - TOKEN_USE_WRITE_EVERY_MS)),
    );
}
