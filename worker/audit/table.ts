import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { AuditAction } from "../../contract/audit.ts";

/** Appended to, never changed: a trigger of its migration refuses that. Its oldest entries go after their retention. */
export const auditEntry = sqliteTable(
  "audit_entry",
  {
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
  },
  // For the count of refusals, which strangers cause: it must not read the log to find the last ten of a kind.
  (table) => [index("audit_entry_kind").on(table.action, table.actorId, table.id)],
);
