import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { AuditAction } from "../../contract/audit.ts";

/** Appended to, never changed: a trigger of its migration refuses that. Its oldest entries go after their retention. */
export const auditEntry = sqliteTable("audit_entry", {
  id: integer().primaryKey({ autoIncrement: true }),
  at: integer().notNull(),
  actor: text(),
  actorId: text("actor_id"),
  via: text(),
  action: text().notNull().$type<AuditAction>(),
  subject: text(),
  before: text(),
  after: text(),
  reason: text(),
  address: text(),
});
