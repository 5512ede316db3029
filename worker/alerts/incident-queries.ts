import { and, asc, desc, eq, getTableColumns, ne, sql, type AnyColumn, type SQL } from "drizzle-orm";
import {
  INCIDENT_MEMBERS_SHOWN_MAX,
  type Incident,
  type IncidentCounts,
  type IncidentEvent,
} from "../../contract/incidents.ts";
import type { QueryOf } from "../../contract/api.ts";
import type { Database } from "../db/client.ts";
import { placeAfter, placeIn, type Place } from "./incident-page.ts";
import { isSeenIncident, isSeenMember, isSeenWhole, partOf, shownIncident } from "./sight.ts";
import { incident, incidentEvent, incidentMember, type IncidentMemberRow, type IncidentRow } from "./table.ts";

/** What people ask of incidents. `tags` are those that a person is limited to; null: none. */

const EVENTS_SHOWN_MAX = 500;

interface Asked extends Omit<QueryOf<"GET /api/incidents">, "subject"> {
  /** One of these belongs to it: an instance, and the checks that look at it. */
  subjects?: readonly string[] | undefined;
}

/** Open ones first, of them the critical first and then the newest; then those that were resolved, the last first. */
export async function listIncidents(
  db: Database,
  { state, before, limit, ...filter }: Asked,
  tags: readonly string[] | null,
): Promise<{ incidents: Incident[]; next: string | null }> {
  const after = before === undefined ? null : placeIn(before);
  const isMeant = and(tags ? isSeenIncident(tags) : undefined, ...meant(filter, tags));
  const rows: IncidentRow[] = [];
  if (state !== "resolved" && after?.part !== "resolved") rows.push(...(await openPage(db, isMeant, after, limit + 1)));
  if (state !== "open" && rows.length <= limit)
    rows.push(...(await resolvedPage(db, isMeant, after, limit + 1 - rows.length)));
  const page = rows.slice(0, limit);
  const seen = await asSeen(db, page, tags);
  return {
    incidents: seen.map(({ incident: shown }) => shown),
    next: rows.length > limit ? placeAfter(page.at(-1)!) : null,
  };
}

/** Of all that are open; acknowledged ones are in none of the other two. */
export async function countOpen(db: Database, tags: readonly string[] | null): Promise<IncidentCounts> {
  const rows = await db
    .select({ state: incident.state, severity: incident.severity, count: sql<number>`count(*)` })
    .from(incident)
    .where(and(IS_OPEN, tags ? isSeenIncident(tags) : undefined))
    .groupBy(incident.state, incident.severity);
  const counts = { critical: 0, warning: 0, acknowledged: 0 };
  for (const { state, severity, count } of rows) counts[state === "acknowledged" ? "acknowledged" : severity] += count;
  return counts;
}

/** Those of these ids that are there and may be seen, in the order asked for. */
export async function findIncidents(
  db: Database,
  ids: readonly string[],
  tags: readonly string[] | null,
): Promise<Incident[]> {
  return (await findSeen(db, ids, tags)).map(({ incident: shown }) => shown);
}

/** An incident as it may be seen, and whether that is all of it. */
export interface Seen {
  incident: Incident;
  isWhole: boolean;
}

/** As `findIncidents`. */
export async function findSeen(db: Database, ids: readonly string[], tags: readonly string[] | null): Promise<Seen[]> {
  if (ids.length === 0) return [];
  const isOne = sql`${incident.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  const rows = await db
    .select()
    .from(incident)
    .where(and(isOne, tags ? isSeenIncident(tags) : undefined));
  const byId = new Map((await asSeen(db, rows, tags)).map((one) => [one.incident.id, one]));
  return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
}

/** Rows that may be seen: of those with hidden members the part that may. */
async function asSeen(db: Database, rows: readonly IncidentRow[], tags: readonly string[] | null): Promise<Seen[]> {
  if (tags === null || rows.length === 0) return rows.map((row) => ({ incident: shownIncident(row), isWhole: true }));
  const ids = JSON.stringify(rows.map(({ id }) => id));
  const isOne = sql`incident_member.incident_id IN (SELECT value FROM json_each(${ids}))`;
  const isPart = sql`incident_member.incident_id IN
    (SELECT incident_member.incident_id FROM incident_member WHERE ${isOne} AND NOT ${isSeenMember(tags)})`;
  const seen = await db
    .select()
    .from(incidentMember)
    .where(and(isOne, isPart, isSeenMember(tags)))
    .orderBy(asc(incidentMember.openedAt), asc(incidentMember.name));
  const parts = Map.groupBy(seen, ({ incidentId }) => incidentId);
  return rows.map((row) => {
    const part = parts.get(row.id);
    return part
      ? { incident: partOf(row, part, tags), isWhole: false }
      : { incident: shownIncident(row), isWhole: true };
  });
}

/** Open ones first; the worst first, and of those the newest. `tags`: of an incident that may be seen in part, those who may. */
export async function membersOf(
  db: Database,
  incidentId: string,
  tags: readonly string[] | null,
): Promise<IncidentMemberRow[]> {
  const { resolvedAt, severity, openedAt } = incidentMember;
  return db
    .select()
    .from(incidentMember)
    .where(and(eq(incidentMember.incidentId, incidentId), tags ? isSeenMember(tags) : undefined))
    .orderBy(sql`${resolvedAt} IS NOT NULL`, asc(severity), desc(openedAt), asc(incidentMember.name))
    .limit(INCIDENT_MEMBERS_SHOWN_MAX);
}

/** Newest first. */
export async function incidentEventsOf(db: Database, incidentId: string): Promise<IncidentEvent[]> {
  const { incidentId: _incident, ...shown } = getTableColumns(incidentEvent);
  return db
    .select(shown)
    .from(incidentEvent)
    .where(eq(incidentEvent.incidentId, incidentId))
    .orderBy(desc(incidentEvent.number))
    .limit(EVENTS_SHOWN_MAX);
}

/** As the partial indexes have it. */
const IS_OPEN = ne(incident.state, sql`'resolved'`);
const IS_RESOLVED = eq(incident.state, sql`'resolved'`);
/** `critical` comes before `warning` in the alphabet too. */
const OPEN_ORDER = [asc(incident.severity), desc(incident.openedAt), desc(incident.id)];

async function openPage(db: Database, isMeant: SQL | undefined, after: Place | null, limit: number) {
  const isAfter =
    after &&
    sql`(${incident.severity}, -${incident.openedAt}) > (${after.severity}, ${-after.at})
      OR (${incident.severity}, ${incident.openedAt}) = (${after.severity}, ${after.at}) AND ${incident.id} < ${after.id}`;
  return db
    .select()
    .from(incident)
    .where(and(IS_OPEN, isMeant, isAfter ? sql`(${isAfter})` : undefined))
    .orderBy(...OPEN_ORDER)
    .limit(limit);
}

async function resolvedPage(db: Database, isMeant: SQL | undefined, after: Place | null, limit: number) {
  const isAfter =
    after?.part === "resolved" ? sql`(${incident.resolvedAt}, ${incident.id}) < (${after.at}, ${after.id})` : undefined;
  return db
    .select()
    .from(incident)
    .where(and(IS_RESOLVED, isMeant, isAfter))
    .orderBy(desc(incident.resolvedAt), desc(incident.id))
    .limit(limit);
}

/** What is hidden of an incident answers no question about it. */
function meant(
  { severity, subjects, ruleId, text }: Omit<Asked, "state" | "before" | "limit">,
  tags: readonly string[] | null,
): (SQL | undefined)[] {
  const isKnown = tags ? sql`AND (${isSeenMember(tags)} OR ${isSeenWhole(tags)})` : sql``;
  const hasMember = (isOne: SQL) =>
    sql`EXISTS (SELECT 1 FROM ${incidentMember} WHERE ${incidentMember.incidentId} = ${incident.id} AND ${isOne} ${isKnown})`;
  return [
    severity && eq(incident.severity, severity),
    subjects &&
      sql`${incident.id} IN (SELECT ${incidentMember.incidentId} FROM ${incidentMember}
        WHERE ${incidentMember.subject} IN (SELECT value FROM json_each(${JSON.stringify(subjects)})) ${isKnown})`,
    ruleId === undefined ? undefined : hasMember(eq(incidentMember.ruleId, ruleId)),
    text ? anywhere(text.toLowerCase(), hasMember, tags) : undefined,
  ];
}

function anywhere(text: string, hasMember: (isOne: SQL) => SQL, tags: readonly string[] | null): SQL {
  const holds = (column: SQL | AnyColumn) => sql`instr(lower(${column}), ${text}) > 0`;
  const own = sql`(${holds(incident.title)} OR ${holds(incident.reason)} OR ${holds(incident.ruleName)})`;
  const { name, reason, ruleName } = incidentMember;
  if (tags === null) return sql`(${own} OR ${hasMember(holds(name))})`;
  const ofMember = sql`(${holds(name)} OR ${holds(reason)} OR ${holds(ruleName)})`;
  return sql`(${isSeenWhole(tags)} AND ${own} OR ${hasMember(ofMember)})`;
}
