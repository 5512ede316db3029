import { sql } from "drizzle-orm";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import type { D1PreparedStatement } from "../db/d1.ts";
import { REOPEN_WITHIN_MS } from "../settings.ts";
import type { Changes } from "./changes.ts";
import { incident, incidentEvent, incidentMember, type IncidentMemberRow, type IncidentRow } from "./table.ts";

/** All that is open, and what was resolved so lately that it may come back. */
export async function readStanding(
  db: Database,
  now: EpochMs,
): Promise<{ incidents: IncidentRow[]; members: IncidentMemberRow[] }> {
  // In the words of the two indexes, one each: bound, or within one OR, neither is used and all history is read.
  const standing = sql`SELECT id FROM ${incident} WHERE state <> 'resolved' UNION ALL SELECT id FROM ${incident} WHERE state = 'resolved' AND resolved_at >= ${now - REOPEN_WITHIN_MS}`;
  const [incidents, members] = await db.batch([
    db
      .select()
      .from(incident)
      .where(sql`${incident.id} IN (${standing})`),
    db
      .select()
      .from(incidentMember)
      .where(sql`${incidentMember.incidentId} IN (${standing})`),
  ]);
  return { incidents, members };
}

const columns = (names: readonly string[], jsonOf = (name: string) => `value ->> '${name}'`) =>
  names.map(jsonOf).join(", ");

/** The same names in the database and in the row: each table's own order does not matter. */
const INCIDENT = {
  id: "id",
  title: "title",
  severity: "severity",
  state: "state",
  rule_id: "ruleId",
  rule_name: "ruleName",
  kind: "kind",
  subject: "subject",
  instance_id: "instanceId",
  reason: "reason",
  opened_at: "openedAt",
  updated_at: "updatedAt",
  acknowledged_at: "acknowledgedAt",
  acknowledged_by: "acknowledgedBy",
  resolved_at: "resolvedAt",
  members: "members",
  open_members: "openMembers",
  reopened: "reopened",
  is_silenced: "isSilenced",
  tags: "tags",
  last_event: "lastEvent",
  place: "place",
} as const satisfies Record<string, keyof IncidentRow>;

const MEMBER = {
  incident_id: "incidentId",
  rule_id: "ruleId",
  rule_name: "ruleName",
  subject: "subject",
  instance_id: "instanceId",
  name: "name",
  severity: "severity",
  opened_at: "openedAt",
  resolved_at: "resolvedAt",
  value: "value",
  threshold: "threshold",
  reason: "reason",
} as const satisfies Record<string, keyof IncidentMemberRow>;

const EVENT = ["incidentId", "number", "at", "kind", "severity", "actor", "words"] as const;

/** Bound as one JSON text, whatever their number. What is there takes the new values, but for its key. */
function upsert(table: string, names: Record<string, string>, key: readonly string[]): string {
  const own = Object.keys(names);
  const changed = own.filter((name) => !key.includes(name));
  return (
    `INSERT INTO ${table} (${own.join(", ")}) SELECT ${columns(Object.values(names))} FROM json_each(?1) WHERE true ` +
    `ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${changed.map((name) => `${name} = excluded.${name}`).join(", ")}`
  );
}

const UPSERT_INCIDENTS = upsert("incident", INCIDENT, ["id"]);
const UPSERT_MEMBERS = upsert("incident_member", MEMBER, ["incident_id", "rule_id", "subject"]);
/** An event's number is its incident's version: whoever comes second with one fails, and all of the transaction with it. */
const INSERT_EVENTS =
  `INSERT INTO incident_event (incident_id, number, at, kind, severity, actor, words) SELECT ${columns(EVENT)} ` +
  "FROM json_each(?1) WHERE true";

/**
 * Writes what has changed and, in the same transaction, what is to be told of it. Fails as a whole where another has written to one of
 * these incidents meanwhile, or has one open for the same rule and subject.
 */
export async function writeChanges(
  db: Database,
  { incidents, members, events }: Changes,
  more: readonly D1PreparedStatement[],
): Promise<void> {
  const d1 = db.$client;
  // Nothing of a resolved member may be in the way of the one that opens.
  const ordered = [...members].sort((a, b) => Number(a.resolvedAt === null) - Number(b.resolvedAt === null));
  const rows = incidents.map((row) => ({ ...row, isSilenced: row.isSilenced ? 1 : 0, tags: row.tags }));
  const statements = (sqlText: string, all: readonly unknown[]) =>
    inTexts(all).map((text) => d1.prepare(sqlText).bind(text));
  await d1.batch([
    ...statements(INSERT_EVENTS, events),
    ...statements(UPSERT_INCIDENTS, rows),
    ...statements(UPSERT_MEMBERS, ordered),
    ...more,
  ]);
}

/** A bound text may have 2 MB. */
const TEXT_BYTES_MAX = 900_000;

/** As lists in JSON, as few as it takes. */
function inTexts(all: readonly unknown[]): string[] {
  const texts: string[] = [];
  let items: string[] = [];
  let bytes = 0;
  for (const one of all) {
    const item = JSON.stringify(one);
    const itemBytes = Buffer.byteLength(item);
    if (items.length > 0 && bytes + itemBytes > TEXT_BYTES_MAX) {
      texts.push(`[${items.join(",")}]`);
      items = [];
      bytes = 0;
    }
    items.push(item);
    bytes += itemBytes + 1;
  }
  if (items.length > 0) texts.push(`[${items.join(",")}]`);
  return texts;
}

/** Whether a write failed because somebody else had written there: what is in memory is old then. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof Error && /UNIQUE constraint failed: incident/.test(error.message + String(error.cause ?? ""));
}

/** Incidents that were resolved before this, with all that belongs to them; some at a time. Answers how many. */
export async function deleteOldIncidents(db: Database, before: EpochMs, max: number): Promise<number> {
  const old = sql`SELECT id FROM ${incident} WHERE state = 'resolved' AND resolved_at < ${before} ORDER BY ${incident.resolvedAt} LIMIT ${max}`;
  const [, , deleted] = await db.batch([
    db.delete(incidentEvent).where(sql`${incidentEvent.incidentId} IN (${old})`),
    db.delete(incidentMember).where(sql`${incidentMember.incidentId} IN (${old})`),
    db
      .delete(incident)
      .where(sql`${incident.id} IN (${old})`)
      .returning({ id: incident.id }),
  ]);
  return deleted.length;
}
