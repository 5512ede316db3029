import { and, desc, eq, gte, lt, or, sql } from "drizzle-orm";
import type { z } from "zod";
import type { AuditEntry, auditQuerySchema } from "../../contract/audit.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { AUDIT_REFUSALS_PER_MINUTE_MAX } from "../settings.ts";
import { auditEntry } from "./table.ts";

export type NewAuditEntry = Omit<AuditEntry, "id">;

export async function insertAuditEntry(db: Database, entry: NewAuditEntry): Promise<void> {
  await db.insert(auditEntry).values(entry);
}

/**
 * Writes down a refusal, but only so many a minute of each kind and actor: a stranger who knocks without end must not fill the
 * log, nor use up the day's rows, nor hide what somebody who is known tries meanwhile.
 */
export async function insertRefusal(db: Database, entry: NewAuditEntry): Promise<void> {
  await db.$client
    .prepare(
      `INSERT INTO audit_entry (at, actor, actor_id, via, action, subject, reason, address)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
       WHERE coalesce((SELECT at FROM audit_entry WHERE action = ?5 AND actor_id IS ?3
                       ORDER BY id DESC LIMIT 1 OFFSET ?9 - 1), 0) <= ?1 - 60000`,
    )
    .bind(
      entry.at,
      entry.actor,
      entry.actorId,
      entry.via,
      entry.action,
      entry.subject,
      entry.reason,
      entry.address,
      AUDIT_REFUSALS_PER_MINUTE_MAX,
    )
    .run();
}

/** The newest first. */
export async function listAuditEntries(
  db: Database,
  { below, action, actor, text, from, to }: z.output<typeof auditQuerySchema>,
  limit: number,
): Promise<AuditEntry[]> {
  // instr, not LIKE: what was typed holds no wildcards, and a pattern may not be longer than 50 bytes.
  const occursIn = (column: typeof auditEntry.subject | typeof auditEntry.actor | typeof auditEntry.address) =>
    sql`instr(lower(coalesce(${column}, '')), ${text?.toLowerCase()}) > 0`;
  return db
    .select()
    .from(auditEntry)
    .where(
      and(
        below === undefined ? undefined : lt(auditEntry.id, below),
        action === undefined ? undefined : eq(auditEntry.action, action),
        actor === undefined ? undefined : eq(auditEntry.actorId, actor),
        from === undefined ? undefined : gte(auditEntry.at, from),
        to === undefined ? undefined : lt(auditEntry.at, to),
        text === undefined
          ? undefined
          : or(occursIn(auditEntry.subject), occursIn(auditEntry.actor), occursIn(auditEntry.address)),
      ),
    )
    .orderBy(desc(auditEntry.id))
    .limit(limit);
}

/** Deletes at most `entriesMax` entries from before; the ids grow with time, so the oldest are looked at first. */
export async function deleteAuditEntriesBefore(db: Database, before: EpochMs, entriesMax: number): Promise<void> {
  await db.$client
    .prepare("DELETE FROM audit_entry WHERE at < ?1 AND id IN (SELECT id FROM audit_entry ORDER BY id LIMIT ?2)")
    .bind(before, entriesMax)
    .run();
}
