import { and, asc, eq, isNull, sql, type SQL } from "drizzle-orm";
import type { QueryOf } from "../../contract/api.ts";
import {
  INSIGHT_GROUPS,
  INSIGHT_SEVERITIES,
  type AnomalySpan,
  type Band,
  type EngineName,
  type Insight,
  type InsightGroup,
  type InsightKind,
  type InsightSeverity,
  type Useful,
} from "../../contract/insights.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { supportedClaims } from "./claims.ts";
import type { Finding, InsightEngine } from "./engine.ts";
import { isNews } from "./news.ts";
import { isSeenInsight } from "./sight.ts";
import { insight, outlook, type InsightRow, type OutlookRow } from "./table.ts";

/** Some 7 kB each at most, of the 2 MB that one text may have. */
const ROWS_PER_STATEMENT = 150;

/** Who found it, and by which model it was worded. */
export type Maker = Pick<InsightEngine, "name" | "model">;

/**
 * Keeps what was found: what is new, and what says something new. Finding the same again writes nothing until half of the time it is
 * shown for is over. A claim without evidence is dropped, and with its last claim a finding. Answers how many rows were written.
 */
export async function keepFindings(
  db: Database,
  findings: readonly Finding[],
  { name: engine, model }: Maker,
  now: EpochMs,
): Promise<number> {
  const made = await Promise.all(findings.map((finding) => rowOf(finding, engine, model, now)));
  const rows = made.filter(({ claims }) => claims.length > 0);
  if (rows.length === 0) return 0;
  const ids = JSON.stringify(rows.map(({ id }) => id));
  const { id, severity, model: wordedBy, subjects, at, earliestAt, latestAt, updatedAt, expiresAt } = insight;
  const known = await db
    .select({ id, severity, model: wordedBy, subjects, at, earliestAt, latestAt, updatedAt, expiresAt })
    .from(insight)
    .where(sql`${insight.id} IN (SELECT value FROM json_each(${ids}))`);
  const before = new Map(known.map((row) => [row.id, row]));
  const news = rows.filter((row) => isNews(before.get(row.id), row, now));
  if (news.length === 0) return 0;
  for (let first = 0; first < news.length; first += ROWS_PER_STATEMENT) {
    const some = JSON.stringify(news.slice(first, first + ROWS_PER_STATEMENT));
    await db.$client.prepare(UPSERT).bind(some).run();
  }
  return news.length;
}

const EXPIRED_KEPT_MS: DurationMs = 7 * 86_400_000;

/** Kinds that say how something is: what is not found again is not so any more. The others say what was. */
const LASTING_KINDS = ["prediction", "waste"];

/** Of machines that were just looked into: what was said of none but them, and is not found any more, is over. */
export async function endUnfound(
  db: Database,
  { name }: Pick<InsightEngine, "name">,
  instanceIds: readonly string[],
  findings: readonly Finding[],
  now: EpochMs,
): Promise<void> {
  const found = await Promise.all(findings.map(({ key }) => insightId(name, key)));
  await db.$client
    .prepare(
      `UPDATE insight SET expires_at = ?1 WHERE expires_at > ?1 AND engine = ?2 AND kind IN (SELECT value FROM json_each(?3))
         AND NOT EXISTS (SELECT 1 FROM json_each(subjects) AS subject
           WHERE subject.value ->> 'id' NOT IN (SELECT value FROM json_each(?4)))
         AND id NOT IN (SELECT value FROM json_each(?5))`,
    )
    .bind(now, name, JSON.stringify(LASTING_KINDS), JSON.stringify(instanceIds), JSON.stringify(found))
    .run();
}

/** The last reading of a series. */
export interface LastReading {
  id: string;
  metric: string;
  value: number;
}

/** A fall by so much of the whole is somebody who cleaned up. */
const CLEANED_UP = 0.05;

/** What another engine foretold of a series by its long history is over as soon as somebody has cleaned up since. */
export async function endCleanedUp(db: Database, last: readonly LastReading[], now: EpochMs): Promise<void> {
  await db.$client
    .prepare(
      `UPDATE insight SET expires_at = ?1 WHERE expires_at > ?1 AND engine <> 'local' AND kind = 'prediction'
         AND EXISTS (SELECT 1 FROM json_each(?2) AS last WHERE last.value ->> 'id' = subjects ->> '$[0].id'
           AND last.value ->> 'metric' = metrics ->> '$[0]' AND last.value ->> 'value' < (evidence ->> '$[0].value') - ?3)`,
    )
    .bind(now, JSON.stringify(last), CLEANED_UP)
    .run();
}

/** Those that nobody found again for a while, for whoever dismissed one need not do it again; and those of what is no more. */
export async function sweepInsights(db: Database, now: EpochMs): Promise<number> {
  const { meta } = await db.$client
    .prepare(
      `DELETE FROM insight WHERE expires_at <= ?1 OR NOT EXISTS (SELECT 1 FROM json_each(insight.subjects) AS subject
         WHERE subject.value ->> 'id' IN (SELECT id FROM instance) OR subject.value ->> 'id' IN (SELECT id FROM health_check))`,
    )
    .bind(now - EXPIRED_KEPT_MS)
    .run();
  await db.$client.prepare("DELETE FROM outlook WHERE instance_id NOT IN (SELECT id FROM instance)").run();
  return meta.changes;
}

/** What a person who is limited to these tags may see; null: all of it. The worst first, of them what is soonest. */
export async function listInsights(
  db: Database,
  { before, limit, ...filter }: QueryOf<"GET /api/insights">,
  tags: readonly string[] | null,
  now: EpochMs,
): Promise<{ insights: Insight[]; next: string | null }> {
  const rows = await db
    .select()
    .from(insight)
    .where(and(holds(now), isSeenInsight(tags), ...meant(filter), before ? isAfter(before) : undefined))
    .orderBy(asc(insight.rank), asc(insight.id))
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { insights: page.map(shownInsight), next: rows.length > limit ? `${last!.rank}~${last!.id}` : null };
}

/** Not over: what was foretold for a moment that has passed is no news of what comes, but for what had come already when it was said. */
function holds(now: EpochMs): SQL {
  return sql`(${insight.expiresAt} > ${now} AND (${insight.kind} <> 'prediction' OR ${insight.at} IS NULL
    OR coalesce(${insight.latestAt}, ${insight.at}) > ${now} OR ${insight.at} <= ${insight.updatedAt}))`;
}

/** Of all that may be seen, dismissed ones apart. */
export async function countInsights(
  db: Database,
  tags: readonly string[] | null,
  now: EpochMs,
): Promise<Record<InsightGroup | "dismissed", number>> {
  const isDismissed = sql<number>`${insight.dismissedAt} IS NOT NULL`;
  const rows = await db
    .select({ kind: insight.kind, isDismissed, count: sql<number>`count(*)` })
    .from(insight)
    .where(and(holds(now), isSeenInsight(tags)))
    .groupBy(insight.kind, isDismissed);
  const counts = { patterns: 0, anomalies: 0, predictions: 0, dismissed: 0 };
  for (const row of rows) counts[row.isDismissed ? "dismissed" : groupOf(row.kind)] += row.count;
  return counts;
}

/** Of those that are not dismissed. */
export async function countBySeverity(
  db: Database,
  tags: readonly string[] | null,
  now: EpochMs,
): Promise<{ kind: InsightKind; severity: InsightSeverity; count: number }[]> {
  return db
    .select({ kind: insight.kind, severity: insight.severity, count: sql<number>`count(*)` })
    .from(insight)
    .where(and(holds(now), isNull(insight.dismissedAt), isSeenInsight(tags)))
    .groupBy(insight.kind, insight.severity);
}

export async function findInsight(
  db: Database,
  id: string,
  tags: readonly string[] | null,
  now: EpochMs,
): Promise<Insight | undefined> {
  const row = await db
    .select()
    .from(insight)
    .where(and(eq(insight.id, id), holds(now), isSeenInsight(tags)))
    .get();
  return row && shownInsight(row);
}

/** What people think of it; what is absent stays. */
export async function changeInsight(
  db: Database,
  id: string,
  change: { dismissedAt?: EpochMs | null; dismissedBy?: string | null; useful?: Useful | null },
): Promise<void> {
  if (Object.keys(change).length === 0) return;
  await db.update(insight).set(change).where(eq(insight.id, id));
}

export async function findOutlook(db: Database, instanceId: string): Promise<OutlookRow | undefined> {
  return db.select().from(outlook).where(eq(outlook.instanceId, instanceId)).get();
}

/** What of these instances was made before: when, and what stood out. */
export async function outlooksOf(db: Database, instanceIds: readonly string[]): Promise<OutlookRow[]> {
  return db
    .select()
    .from(outlook)
    .where(sql`${outlook.instanceId} IN (SELECT value FROM json_each(${JSON.stringify(instanceIds)}))`);
}

export interface NewOutlook {
  instanceId: string;
  bands: Record<string, Band>;
  spans: AnomalySpan[];
}

export async function saveOutlooks(db: Database, outlooks: readonly NewOutlook[], now: EpochMs): Promise<void> {
  if (outlooks.length === 0) return;
  await db.$client
    .prepare(
      `INSERT INTO outlook (instance_id, bands, spans, made_at)
       SELECT value ->> 'instanceId', value -> 'bands', value -> 'spans', ?2 FROM json_each(?1) WHERE true
       ON CONFLICT (instance_id) DO UPDATE SET bands = excluded.bands, spans = excluded.spans, made_at = excluded.made_at`,
    )
    .bind(JSON.stringify(outlooks), now)
    .run();
}

export function groupOf(kind: Insight["kind"]): InsightGroup {
  const groups = Object.entries(INSIGHT_GROUPS) as [InsightGroup, readonly string[]][];
  return groups.find(([, kinds]) => kinds.includes(kind))![0];
}

export function shownInsight({ rank: _rank, ...shown }: InsightRow): Insight {
  return shown;
}

/** A name of 128 bits made of what it is about: the same whenever it is found again. */
export async function insightId(engine: EngineName, key: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${engine} ${key}`));
  return [...new Uint8Array(digest, 0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function rowOf(finding: Finding, engine: EngineName, model: string | null, now: EpochMs): Promise<InsightRow> {
  const { key, lastsMs, claims, ...told } = finding;
  return {
    ...told,
    id: await insightId(engine, key),
    rank: rankOf(finding),
    at: whole(told.at),
    earliestAt: whole(told.earliestAt),
    latestAt: whole(told.latestAt),
    claims: supportedClaims(claims, told.evidence),
    engine,
    model,
    madeAt: now,
    updatedAt: now,
    expiresAt: now + Math.round(lastsMs),
    dismissedAt: null,
    dismissedBy: null,
    useful: null,
  };
}

const whole = (at: EpochMs | null) => (at === null ? null : Math.round(at));

/** Moments are below it until the year 2286. */
const BEYOND_MOMENTS = 10 ** 13;

/** The lowest comes first: the worst; of them what is foretold, the soonest first; then what was, the last first. */
function rankOf({ kind, severity, at }: Finding): number {
  const worst = INSIGHT_SEVERITIES.length - 1 - INSIGHT_SEVERITIES.indexOf(severity);
  const order = kind === "prediction" ? (at ?? BEYOND_MOMENTS) : 2 * BEYOND_MOMENTS - Math.max(0, at ?? 0);
  return worst * 3 * BEYOND_MOMENTS + Math.round(order);
}

function meant({
  group,
  kind,
  severity,
  subject,
  text,
  dismissed,
}: Omit<QueryOf<"GET /api/insights">, "before" | "limit">) {
  const conditions: (SQL | undefined)[] = [
    group && sql`${insight.kind} IN (SELECT value FROM json_each(${JSON.stringify(INSIGHT_GROUPS[group])}))`,
    kind && eq(insight.kind, kind),
    severity && eq(insight.severity, severity),
    subject === undefined
      ? undefined
      : sql`EXISTS (SELECT 1 FROM json_each(${insight.subjects}) AS subject WHERE subject.value ->> 'id' = ${subject})`,
    text ? sql`instr(lower(${insight.title} || ' ' || ${insight.subjects}), ${text.toLowerCase()}) > 0` : undefined,
    dismissed === "yes" ? sql`${insight.dismissedAt} IS NOT NULL` : isNull(insight.dismissedAt),
  ];
  return conditions;
}

function isAfter(before: string): SQL {
  const [, rank, id] = /^(\d{1,16})~([0-9a-f]{32})$/.exec(before) ?? [];
  if (id === undefined) {
    throw new NephosError("invalid_field", "before: is no place in the list", {
      field: "before",
      remedy: "Send `next` of the page before as it came, or leave it out.",
    });
  }
  return sql`(${insight.rank}, ${insight.id}) > (${Number(rank)}, ${id})`;
}

const JSON_COLUMNS = ["claims", "actions", "subjects", "metrics", "evidence", "chart", "monthlySaving"] as const;
const PLAIN_COLUMNS = [
  "id",
  "kind",
  "severity",
  "rank",
  "title",
  "confidence",
  "basis",
  "at",
  "earliestAt",
  "latestAt",
  "engine",
  "model",
  "madeAt",
  "updatedAt",
  "expiresAt",
] as const;
const columnOf = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** A JSON null is no value, and not the text `null`. */
const jsonOf = (field: string) =>
  `CASE json_type(value, '$.${field}') WHEN 'null' THEN NULL ELSE value -> '${field}' END`;
const ALL = [...PLAIN_COLUMNS, ...JSON_COLUMNS];
const REPLACED = ALL.filter((field) => field !== "id" && field !== "madeAt").map(columnOf);

/** What people thought of it stays, but what has become worse is shown again. */
const UPSERT = `INSERT INTO insight (${ALL.map(columnOf).join(", ")})
  SELECT ${[...PLAIN_COLUMNS.map((field) => `value ->> '${field}'`), ...JSON_COLUMNS.map(jsonOf)].join(", ")} FROM json_each(?1) WHERE true
  ON CONFLICT (id) DO UPDATE SET ${REPLACED.map((column) => `${column} = excluded.${column}`).join(", ")},
    dismissed_at = CASE WHEN excluded.severity <> insight.severity AND (excluded.severity = 'critical' OR insight.severity = 'info') THEN NULL ELSE dismissed_at END`;
