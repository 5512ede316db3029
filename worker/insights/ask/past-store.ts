import { and, asc, gt, isNull, sql, type AnyColumn, type SQL } from "drizzle-orm";
import type { InstanceEvent } from "../../../contract/events.ts";
import type { Insight } from "../../../contract/insights.ts";
import type { EpochMs } from "../../../contract/units.ts";
import { isSeenIncident } from "../../alerts/sight.ts";
import { incident, incidentMember } from "../../alerts/table.ts";
import type { Database } from "../../db/client.ts";
import { isSeenInsight } from "../sight.ts";
import { shownInsight } from "../store.ts";
import { insight } from "../table.ts";
import type { AskReader } from "./ask-reader.ts";
import type { Span } from "./times.ts";

/** What happened and what was found, for questions: every statement is bounded, and sees what its `tags` may see. */

const among = (column: SQL, ids: readonly string[]) =>
  sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;

/** The moment it is about; of what is foretold, which is to come, when it was found. */
const momentOr = (found: AnyColumn) =>
  sql`iif(${insight.kind} = 'prediction', ${found}, coalesce(${insight.at}, ${found}))`;

export async function insightsFor(
  db: Database,
  asked: Parameters<AskReader["insights"]>[0],
  tags: readonly string[] | null,
  now: EpochMs,
): Promise<Insight[]> {
  const { kinds, within, subjects, max } = asked;
  const rows = await db
    .select()
    .from(insight)
    .where(
      and(
        gt(insight.expiresAt, now),
        isNull(insight.dismissedAt),
        isSeenInsight(tags),
        kinds.length > 0 ? among(sql`${insight.kind}`, kinds) : undefined,
        within
          ? sql`${momentOr(insight.updatedAt)} >= ${within.from} AND ${momentOr(insight.madeAt)} <= ${within.to}`
          : undefined,
        subjects
          ? sql`EXISTS (SELECT 1 FROM json_each(${insight.subjects}) AS subject WHERE ${among(sql`subject.value ->> 'id'`, subjects)})`
          : undefined,
      ),
    )
    .orderBy(asc(insight.rank), asc(insight.id))
    .limit(max);
  return rows.map(shownInsight);
}

/** Of these instances how many have a forecast, and when the oldest of those was made. */
export async function forecastsOf(
  db: Database,
  ids: readonly string[],
): Promise<{ count: number; oldestAt: EpochMs | null }> {
  const row = await db.$client
    .prepare(
      `SELECT count(*) AS count, min(made_at) AS oldestAt FROM outlook
       WHERE instance_id IN (SELECT value FROM json_each(?1)) AND bands <> '{}'`,
    )
    .bind(JSON.stringify(ids))
    .first<{ count: number; oldestAt: EpochMs | null }>();
  return row ?? { count: 0, oldestAt: null };
}

/** Ids of incidents that were open within the span, or began in it; those that opened last first, and how many those are. */
export async function incidentIdsFor(
  db: Database,
  asked: Parameters<AskReader["incidents"]>[0],
  tags: readonly string[] | null,
): Promise<{ ids: string[]; total: number }> {
  const { state, within, onlyBegun = false, subjects, max } = asked;
  const seen = [
    onlyBegun ? sql`${incident.openedAt} >= ${within.from}` : undefined,
    tags ? isSeenIncident(tags) : undefined,
    subjects
      ? sql`${incident.id} IN (SELECT ${incidentMember.incidentId} FROM ${incidentMember} WHERE ${among(sql`${incidentMember.subject}`, subjects)})`
      : undefined,
    sql`${incident.openedAt} < ${within.to}`,
  ];
  // In the words of the two partial indexes, one each: within one OR neither is used.
  const open = and(sql`state <> 'resolved'`, ...seen);
  const over = and(sql`state = 'resolved'`, sql`${incident.resolvedAt} >= ${within.from}`, ...seen);
  const chosen = (isOne: SQL | undefined) =>
    db
      .select({ id: incident.id, openedAt: incident.openedAt, total: sql<number>`count(*) OVER ()` })
      .from(incident)
      .where(isOne)
      .orderBy(sql`${incident.openedAt} DESC`)
      .limit(max);
  const [first, second] = await db.batch([
    chosen(state === "resolved" ? sql`false` : open),
    chosen(state === "open" ? sql`false` : over),
  ]);
  const ids = [...first, ...second].sort((a, b) => b.openedAt - a.openedAt).slice(0, max);
  return { ids: ids.map(({ id }) => id), total: (first[0]?.total ?? 0) + (second[0]?.total ?? 0) };
}

/** Of the timelines of these instances, newest first. */
export async function eventsFor(
  db: Database,
  ids: readonly string[],
  { from, to }: Span,
  max: number,
): Promise<(InstanceEvent & { instanceId: string })[]> {
  const { results } = await db.$client
    .prepare(
      `SELECT instance_id AS instanceId, at, kind, what, before, after FROM json_each(?1) AS wanted
       CROSS JOIN instance_event ON instance_event.instance_id = wanted.value AND at >= ?2 AND at < ?3
       ORDER BY at DESC, number DESC LIMIT ?4`,
    )
    .bind(JSON.stringify(ids), from, to, max)
    .all<InstanceEvent & { instanceId: string }>();
  return results;
}
