import { sql, type SQL } from "drizzle-orm";
import type { Incident } from "../../contract/incidents.ts";
import type { IncidentMemberRow, IncidentRow } from "./table.ts";
import { titleOf } from "./title.ts";

/**
 * What somebody who is limited to tags may learn of an incident. Of many that fell together they see their own part, told as if it
 * were the whole. Who belongs to one alone is seen by the incident's own tags, though it may be gone by now.
 */

export function shownIncident({ lastEvent: _version, place: _place, ...shown }: IncidentRow): Incident {
  return shown;
}

type Member = Pick<
  IncidentMemberRow,
  "ruleId" | "ruleName" | "subject" | "instanceId" | "name" | "openedAt" | "resolvedAt" | "value" | "reason"
>;

/** `seen`: those of its members that may be seen, at least one. */
export function partOf(row: IncidentRow, seen: readonly Member[], own: readonly string[]): Incident {
  const isLead = ({ ruleId, subject }: Member) => ruleId === row.ruleId && subject === row.subject;
  const members = [...seen].sort((a, b) => Number(isLead(b)) - Number(isLead(a)) || a.openedAt - b.openedAt);
  const { ruleId, ruleName, subject, instanceId, reason } = members[0]!;
  // What another rule found is not told in the words of the one that it all began with.
  const kind = ruleId === row.ruleId ? row.kind : "metric";
  return {
    ...shownIncident(row),
    title: titleOf({ kind, ruleName, severity: row.severity, place: row.place, members }),
    ruleId,
    ruleName,
    subject,
    instanceId,
    reason,
    members: members.length,
    openMembers: members.filter(({ resolvedAt }) => resolvedAt === null).length,
    tags: row.tags.filter((tag) => own.includes(tag)),
  };
}

/** As whoever is limited to these tags may see it; undefined where nothing of it is theirs. Null: the whole fleet. */
export function seenOf(
  row: IncidentRow,
  members: readonly (Member & { tags: readonly string[] })[],
  own: readonly string[] | null,
): Incident | undefined {
  if (own === null) return shownIncident(row);
  const isShared = (tags: readonly string[]) => tags.some((tag) => own.includes(tag));
  if (!isShared(row.tags)) return undefined;
  const seen = members.filter(({ tags }) => isShared(tags));
  const isAlone = new Set(members.map(({ subject }) => subject)).size <= 1;
  if (isAlone || seen.length === members.length) return shownIncident(row);
  return seen.length === 0 ? undefined : partOf(row, seen, own);
}

const shares = (column: SQL, own: readonly string[]) =>
  sql`EXISTS (SELECT 1 FROM json_each(${column}) AS own WHERE own.value IN (SELECT value FROM json_each(${JSON.stringify(own)})))`;

/** Of a row of `incident_member`: by the tags of its instance, or of the check itself, as they are now. */
export function isSeenMember(own: readonly string[]): SQL {
  return sql`(${MACHINE} IN (SELECT instance.id FROM instance WHERE ${shares(sql`instance.tags`, own)})
    OR incident_member.subject IN (SELECT health_check.id FROM health_check WHERE ${shares(sql`health_check.tags`, own)}))`;
}

const ITS_MEMBERS = sql`FROM incident_member WHERE incident_member.incident_id = incident.id`;
const MACHINE = sql`coalesce(incident_member.instance_id, incident_member.subject)`;
const IS_THERE = sql`(${MACHINE} IN (SELECT instance.id FROM instance)
  OR incident_member.subject IN (SELECT health_check.id FROM health_check))`;
/** Only what it began with; or that machine with its checks, of which nothing is left. Each ends at the first member that is another. */
const IS_ALONE = sql`(NOT EXISTS (SELECT 1 ${ITS_MEMBERS} AND incident_member.subject <> incident.subject)
  OR NOT EXISTS (SELECT 1 ${ITS_MEMBERS} AND (${MACHINE} <> coalesce(incident.instance_id, incident.subject) OR ${IS_THERE})))`;

/** Of a row of `incident`. */
export function isSeenIncident(own: readonly string[]): SQL {
  return sql`(${shares(sql`incident.tags`, own)}
    AND (EXISTS (SELECT 1 ${ITS_MEMBERS} AND ${isSeenMember(own)}) OR ${IS_ALONE}))`;
}

/** Of a row of `incident` that is seen: all of it is. */
export function isSeenWhole(own: readonly string[]): SQL {
  return sql`(${IS_ALONE} OR NOT EXISTS (SELECT 1 ${ITS_MEMBERS} AND NOT ${isSeenMember(own)}))`;
}
