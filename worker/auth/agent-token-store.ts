import { and, desc, eq, exists, gt, inArray, isNull, lt, or, sql } from "drizzle-orm";
import type { AgentToken, Enrolment } from "../../contract/agents.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { TOKEN_USE_WRITE_EVERY_MS } from "../settings.ts";
import { agentToken, enrolment, person, type EnrolmentRow } from "./table.ts";

const publicToken = {
  id: agentToken.id,
  label: agentToken.label,
  prefix: agentToken.prefix,
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

/** The hash and label of the removed token; undefined where there was none. */
export async function deleteAgentToken(db: Database, id: string) {
  const removed = await db
    .delete(agentToken)
    .where(eq(agentToken.id, id))
    .returning({ hash: agentToken.hash, label: agentToken.label, instanceId: agentToken.instanceId });
  return removed[0];
}

/** The hashes of the removed tokens. */
export async function deleteAgentTokensOf(db: Database, instanceIds: readonly string[]): Promise<string[]> {
  const removed = await db
    .delete(agentToken)
    .where(sql`${agentToken.instanceId} IN (SELECT value FROM json_each(${JSON.stringify(instanceIds)}))`)
    .returning({ hash: agentToken.hash });
  return removed.map((token) => token.hash);
}

export async function findAgentToken(db: Database, hash: string) {
  return db.select().from(agentToken).where(eq(agentToken.hash, hash)).get();
}

/** Which of these hashes are of tokens that are still there. */
export async function knownAgentTokens(db: Database, hashes: readonly string[]): Promise<string[]> {
  const { results } = await db.$client
    .prepare("SELECT agent_token.hash FROM json_each(?1) AS asked JOIN agent_token ON agent_token.hash = asked.value")
    .bind(JSON.stringify(hashes))
    .all<{ hash: string }>();
  return results.map(({ hash }) => hash);
}

/**
 * Binds a token to its first instance; false where it was bound to another meanwhile, or the instance has a token already: an
 * unused token in the wrong hands must not write for a machine that is watched.
 */
export async function bindAgentToken(db: Database, hash: string, instanceId: string): Promise<boolean> {
  const bound = await db
    .update(agentToken)
    .set({ instanceId })
    .where(
      and(
        eq(agentToken.hash, hash),
        or(isNull(agentToken.instanceId), eq(agentToken.instanceId, instanceId)),
        sql`NOT EXISTS (SELECT 1 FROM agent_token AS other WHERE other.instance_id = ${instanceId} AND other.hash <> ${hash})`,
      ),
    )
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

// --- Enrolment tokens --------------------------------------------------------------------------------------------------

export async function findEnrolment(db: Database, hash: string): Promise<EnrolmentRow | undefined> {
  // Worth what its maker may do at this moment: who was removed or lowered brings in no machines.
  const maker = db
    .select({ id: person.id })
    .from(person)
    .where(and(eq(person.id, enrolment.madeBy), inArray(person.role, ["admin", "owner"])));
  return db
    .select()
    .from(enrolment)
    .where(and(eq(enrolment.hash, hash), exists(maker)))
    .get();
}

export async function insertEnrolment(db: Database, row: EnrolmentRow): Promise<void> {
  await db.insert(enrolment).values(row);
}

export async function listEnrolments(db: Database, now: EpochMs): Promise<Enrolment[]> {
  const [rows, tokens] = await Promise.all([
    db.select().from(enrolment).where(gt(enrolment.expiresAt, now)).orderBy(desc(enrolment.createdAt)),
    db
      .select({ enrolmentId: agentToken.enrolmentId, instanceId: agentToken.instanceId })
      .from(agentToken)
      .innerJoin(enrolment, eq(enrolment.id, agentToken.enrolmentId)),
  ]);
  return rows.map(({ hash: _hash, madeBy: _madeBy, ...row }) => ({
    ...row,
    enrolled: tokens.flatMap((token) => (token.enrolmentId === row.id && token.instanceId ? [token.instanceId] : [])),
  }));
}

/** Its label; undefined where there was none. */
export async function deleteEnrolment(db: Database, id: string): Promise<string | undefined> {
  const gone = await db.delete(enrolment).where(eq(enrolment.id, id)).returning({ label: enrolment.label });
  return gone[0]?.label;
}

/**
 * Exchanges one use of the enrolment token for an agent's own, and, where `replacing`, ends the tokens the instance had, all
 * of it or nothing. Undefined where no use was left; else the hashes of the ended tokens.
 */
export async function exchangeEnrolment(
  db: Database,
  enrolmentHash: string,
  token: { id: string; hash: string; prefix: string; label: string; instanceId: string },
  isReplacing: boolean,
  now: EpochMs,
): Promise<string[] | undefined> {
  const d1 = db.$client;
  // The new token is written first, from the enrolment's own row and while a use is left: everything after it asks for it.
  const isThere = "EXISTS (SELECT 1 FROM agent_token WHERE id = ?1)";
  const [made, , ended] = await d1.batch<{ hash: string }>([
    d1
      .prepare(
        `INSERT INTO agent_token (id, hash, prefix, label, instance_id, enrolment_id, created_at)
         SELECT ?1, ?2, ?3, ?4, ?5, id, ?6 FROM enrolment
         WHERE hash = ?7 AND uses_left > 0 AND expires_at > ?6
           AND (?8 OR NOT EXISTS (SELECT 1 FROM agent_token WHERE instance_id = ?5))
         RETURNING hash`,
      )
      .bind(token.id, token.hash, token.prefix, token.label, token.instanceId, now, enrolmentHash, isReplacing ? 1 : 0),
    d1
      .prepare(`UPDATE enrolment SET uses_left = uses_left - 1 WHERE hash = ?2 AND ${isThere}`)
      .bind(token.id, enrolmentHash),
    d1
      .prepare(`DELETE FROM agent_token WHERE instance_id = ?2 AND id <> ?1 AND ${isThere} RETURNING hash`)
      .bind(token.id, token.instanceId),
  ]);
  return made!.results.length === 1 ? ended!.results.map(({ hash }) => hash) : undefined;
}
