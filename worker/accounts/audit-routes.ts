import type { AuditEntry } from "../../contract/audit.ts";
import { AUDIT_PAGE_ENTRIES_MAX } from "../../contract/limits.ts";
import { listAuditEntries } from "../audit/store.ts";
import { api } from "../auth/api.ts";
import { database } from "../db/client.ts";
import { AUDIT_EXPORT_ENTRIES_MAX } from "../settings.ts";

/** The audit log: a page of it, or all of it as CSV. Nobody can change it here. */
export const auditRoutes = api({
  "GET /api/audit": async (c, { query }) => ({
    entries: await listAuditEntries(database(c.env.DB), query, AUDIT_PAGE_ENTRIES_MAX),
  }),

  "GET /api/audit/export.csv": async (c, { query }) => {
    const entries = await listAuditEntries(database(c.env.DB), query, AUDIT_EXPORT_ENTRIES_MAX);
    return c.body([COLUMNS.join(","), ...entries.map(csvLine)].join("\r\n") + "\r\n", 200, {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="nephos-audit.csv"',
    });
  },
});

const COLUMNS = [
  "id",
  "at",
  "actor",
  "actorId",
  "via",
  "action",
  "subject",
  "before",
  "after",
  "reason",
  "address",
] as const satisfies (keyof AuditEntry)[];

function csvLine(entry: AuditEntry): string {
  return COLUMNS.map((column) => {
    const value = entry[column];
    return csvCell(column === "at" ? new Date(entry.at).toISOString() : value === null ? null : String(value));
  }).join(",");
}

/** RFC 4180; what a spreadsheet would take for a formula gets an apostrophe before it, for names come from strangers too. */
function csvCell(text: string | null): string {
  if (text === null) return "";
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
