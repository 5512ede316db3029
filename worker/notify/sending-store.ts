import { and, eq, gt, isNull, lte, sql } from "drizzle-orm";
import type { NotificationState } from "../../contract/notifications.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { insertStatements } from "./store.ts";
import { IN_OTHER_TROUBLE, troublePrefix } from "./trouble.ts";
import { IN_DIGEST, type Brief, type Drop } from "./settle.ts";
import { channel, notification, type ChannelRow, type NotificationRow } from "./table.ts";

/**
 * What sending asks of the outbox. A row that has attempts and waits for a later time is being sent by somebody, or failed: its whole
 * channel waits for it, which keeps the order.
 */

/** Channels that are told nothing but what stands for others: some even where something critical waits, the others only where nothing does. */
export interface Held {
  evenIfUrgent: readonly string[];
  unlessUrgent: readonly string[];
}
const NOBODY: Held = { evenIfUrgent: [], unlessUrgent: [] };

/** That something critical has begun. */
const IS_URGENT = sql`(kind IN ('firing', 'worsened', 'reopened') AND message ->> 'severity' = 'critical')`;

/** Of what waits and is due: what its channel may be told. */
function mayGo(now: EpochMs, { evenIfUrgent, unlessUrgent }: Held) {
  const listed = (ids: readonly string[]) => sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  const busy = sql`(SELECT channel_id FROM notification WHERE state = 'waiting' AND attempts > 0 AND next_at > ${now})`;
  const urgent = sql`(SELECT channel_id FROM notification WHERE state = 'waiting' AND next_at <= ${now} AND ${IS_URGENT})`;
  const { channelId, kind, attempts } = notification;
  return sql`${channelId} NOT IN ${busy} AND (${kind} IN ('digest', 'trouble') OR ${attempts} > 0 OR (${channelId} NOT IN ${listed(evenIfUrgent)} AND (${channelId} NOT IN ${listed(unlessUrgent)} OR ${channelId} IN ${urgent})))`;
}

/** What may be sent now: of each channel the first `max`, in order; what is critical counts as first. */
export async function dueNotifications(
  db: Database,
  now: EpochMs,
  max: number,
  held: Held = NOBODY,
): Promise<NotificationRow[]> {
  const isFirst = sql`${notification.kind} = 'digest' DESC, ${notification.attempts} > 0 DESC, ${IS_URGENT} DESC`;
  const ranked = db
    .select({
      ...columns,
      place:
        sql<number>`row_number() OVER (PARTITION BY ${notification.channelId} ORDER BY ${isFirst}, ${notification.createdAt}, ${notification.eventNumber})`.as(
          "place",
        ),
    })
    .from(notification)
    .where(and(sql`state = 'waiting'`, lte(notification.nextAt, now), mayGo(now, held)))
    .as("ranked");
  const rows = await db.select().from(ranked).where(lte(ranked.place, max));
  return rows.map(({ place: _place, ...row }) => row);
}

/** When there is something to send: what is due and may go, else what becomes due first. Null where nothing waits for its time. */
export async function nextDueAt(db: Database, now: EpochMs, held: Held = NOBODY): Promise<EpochMs | null> {
  const isWaiting = sql`SELECT min(next_at) FROM ${notification} WHERE state = 'waiting'`;
  const row = await db.get<{ at: EpochMs | null }>(
    sql`SELECT coalesce((${isWaiting} AND next_at <= ${now} AND ${mayGo(now, held)}), (${isWaiting} AND next_at > ${now})) AS at`,
  );
  return row.at;
}

/** Puts off what was not tried yet. */
export async function putOff(db: Database, rows: readonly { id: string; nextAt: EpochMs }[]): Promise<void> {
  await db.$client
    .prepare(
      "UPDATE notification SET next_at = given.at FROM (SELECT value ->> 'id' AS id, value ->> 'nextAt' AS at FROM json_each(?1)) " +
        "AS given WHERE notification.id = given.id AND notification.state = 'waiting' AND notification.attempts = 0",
    )
    .bind(JSON.stringify(rows))
    .run();
}

const columns = {
  id: notification.id,
  channelId: notification.channelId,
  incidentId: notification.incidentId,
  eventNumber: notification.eventNumber,
  kind: notification.kind,
  state: notification.state,
  message: notification.message,
  createdAt: notification.createdAt,
  nextAt: notification.nextAt,
  sentAt: notification.sentAt,
  attempts: notification.attempts,
  answer: notification.answer,
};

/** All that was to be told of these incidents, to whomever. */
export function briefsOf(db: Database, incidentIds: readonly string[]): Promise<Brief[]> {
  const { message: _message, ...brief } = columns;
  return db
    .select(brief)
    .from(notification)
    .where(sql`${notification.incidentId} IN (SELECT value FROM json_each(${JSON.stringify(incidentIds)}))`)
    .all();
}

export async function statesOf(db: Database, ids: readonly string[]): Promise<Map<string, NotificationState>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({ id: notification.id, state: notification.state })
    .from(notification)
    .where(sql`${notification.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`);
  return new Map(rows.map(({ id, state }) => [id, state]));
}

/** Which of these incidents are over. */
export async function overAmong(db: Database, incidentIds: readonly string[]): Promise<Set<string>> {
  if (incidentIds.length === 0) return new Set();
  const { results } = await db.$client
    .prepare("SELECT id FROM incident WHERE state = 'resolved' AND id IN (SELECT value FROM json_each(?1))")
    .bind(JSON.stringify(incidentIds))
    .all<{ id: string }>();
  return new Set(results.map(({ id }) => id));
}

/** What is sent may have waited for so long: for the end of quiet hours, and then for a channel that failed for a day. */
const WAITED_MAX_MS = 8 * 86_400_000;

/** What channels were sent since then, in order of time. */
export async function sentSince(db: Database, since: EpochMs) {
  const rows = await db
    .select({
      channelId: notification.channelId,
      incidentId: notification.incidentId,
      kind: notification.kind,
      sentAt: notification.sentAt,
    })
    .from(notification)
    .where(and(gt(notification.createdAt, since - WAITED_MAX_MS), gt(notification.sentAt, since)))
    .orderBy(notification.sentAt);
  return rows.map((row) => ({ ...row, sentAt: row.sentAt!, isDigest: row.kind === "digest" }));
}

/** Takes it for this sender, for a while; the attempt counts. False where another has taken it, or it waits no longer. */
export async function claim(db: Database, { id, attempts }: Brief, until: EpochMs): Promise<boolean> {
  const taken = await db
    .update(notification)
    .set({ attempts: attempts + 1, nextAt: until })
    .where(and(eq(notification.id, id), eq(notification.state, "waiting"), eq(notification.attempts, attempts)))
    .returning({ id: notification.id });
  return taken.length > 0;
}

/** It went out. Whoever gave it up meanwhile was too late. */
export async function markSent(
  db: Database,
  { id, channelId, attempts }: Brief,
  answer: string,
  at: EpochMs,
): Promise<void> {
  await db.batch([
    db
      .update(notification)
      .set({ state: "sent", sentAt: at, answer })
      .where(and(eq(notification.id, id), eq(notification.attempts, attempts))),
    db.update(channel).set({ lastSentAt: at, problem: null }).where(eq(channel.id, channelId)),
  ]);
}

/** It did not go out: again at that time, or never where that is null. */
export async function markFailed(
  db: Database,
  { id, attempts }: Brief,
  answer: string,
  again: EpochMs | null,
  now: EpochMs,
): Promise<void> {
  await db
    .update(notification)
    .set({ state: again === null ? "parked" : "waiting", nextAt: again ?? now, answer })
    .where(and(eq(notification.id, id), eq(notification.attempts, attempts), eq(notification.state, "waiting")));
}

/** The channel has a problem from now on, and these are told of it, in one transaction. */
export async function markProblem(
  db: Database,
  channelId: string,
  problem: NonNullable<ChannelRow["problem"]>,
  told: readonly NotificationRow[],
): Promise<void> {
  const d1 = db.$client;
  await d1.batch([
    d1.prepare("UPDATE channel SET problem = ?1 WHERE id = ?2").bind(JSON.stringify(problem), channelId),
    ...insertStatements(d1, told),
  ]);
}

/** As they were when it was decided: what another sends meanwhile stays. That something is over waits for what is still being told. */
const DROP =
  "UPDATE notification SET state = 'dropped', answer = given.why FROM (SELECT value ->> 'id' AS id, value ->> 'state' AS state, " +
  "value ->> 'attempts' AS attempts, value ->> 'why' AS why FROM json_each(?1)) AS given WHERE notification.id = given.id AND " +
  "notification.state = given.state AND notification.attempts = given.attempts";
const DROP_RESOLVED =
  `${DROP} AND NOT EXISTS (SELECT 1 FROM notification AS before WHERE before.incident_id = notification.incident_id AND ` +
  "before.channel_id = notification.channel_id AND before.event_number < notification.event_number AND before.state = 'waiting' " +
  "AND before.attempts > 0)";

export async function markDropped(db: Database, drops: readonly Drop[]): Promise<void> {
  if (drops.length === 0) return;
  const d1 = db.$client;
  const rows = drops.map(({ brief: { id, state, attempts, kind }, why }) => ({ id, state, attempts, kind, why }));
  const [resolved, others] = [
    rows.filter(({ kind }) => kind === "resolved"),
    rows.filter(({ kind }) => kind !== "resolved"),
  ];
  await d1.batch([
    ...(others.length > 0 ? [d1.prepare(DROP).bind(JSON.stringify(others))] : []),
    ...(resolved.length > 0 ? [d1.prepare(DROP_RESOLVED).bind(JSON.stringify(resolved))] : []),
  ]);
}

/**
 * Puts a digest in the place of what it stands for, in one transaction; all of that still waits, or nothing happens. From then on the
 * digest is what is to be told, by whomever. False where nothing happened.
 */
export async function insertDigest(
  db: Database,
  digest: NotificationRow,
  replaced: readonly Brief[],
): Promise<boolean> {
  const d1 = db.$client;
  const ids = JSON.stringify(replaced.map(({ id, attempts }) => ({ id, attempts })));
  const stillWaits =
    "SELECT notification.id FROM json_each(?1) AS given JOIN notification ON notification.id = given.value ->> 'id' AND " +
    "notification.attempts = given.value ->> 'attempts' AND notification.state = 'waiting'";
  const message = JSON.stringify(digest.message);
  const [inserted] = await d1.batch([
    d1
      .prepare(
        "INSERT INTO notification (id, channel_id, event_number, kind, state, message, created_at, next_at, attempts) " +
          `SELECT ?2, ?3, 0, 'digest', 'waiting', ?4, ?5, ?5, 0 WHERE (SELECT count(*) FROM (${stillWaits})) = ?6 ` +
          "ON CONFLICT (id) DO NOTHING RETURNING id",
      )
      .bind(ids, digest.id, digest.channelId, message, digest.createdAt, replaced.length),
    d1
      .prepare(
        `UPDATE notification SET state = 'dropped', next_at = ?2, answer = ?3 WHERE id IN (${stillWaits}) AND ` +
          "EXISTS (SELECT 1 FROM notification AS digest WHERE digest.id = ?4 AND digest.message = ?5)",
      )
      .bind(ids, digest.createdAt, IN_DIGEST, digest.id, message),
  ]);
  return (inserted?.results.length ?? 0) > 0;
}

/** Whatever waits of these. */
export async function dropAll(db: Database, briefs: readonly Brief[], why: string): Promise<void> {
  const rows = briefs.map(({ id, state, attempts }) => ({ id, state, attempts, why }));
  await db.$client.prepare(DROP).bind(JSON.stringify(rows)).run();
}

/** Channels as they are now, and when others were last told of this one's trouble: null where never. */
export async function soundChannels(
  db: Database,
  brokenId: string,
): Promise<{ sound: ChannelRow[]; lastToldAt: EpochMs | null }> {
  const prefix = troublePrefix(brokenId);
  const [sound, [last]] = await db.batch([
    db
      .select()
      .from(channel)
      .where(and(eq(channel.isEnabled, true), isNull(channel.problem))),
    db
      .select({ at: sql<EpochMs | null>`max(coalesce(${notification.sentAt}, ${notification.nextAt}))` })
      .from(notification)
      .where(
        // By its place in the order of ids, which have an index.
        sql`${notification.id} > ${prefix} AND ${notification.id} < ${`${prefix.slice(0, -1)}/`} AND (${notification.state} IN ('waiting', 'sent') OR ${notification.answer} = ${IN_OTHER_TROUBLE})`,
      ),
  ]);
  return { sound, lastToldAt: last?.at ?? null };
}

/** Has the first of them stand for all, in one transaction; all of them still wait, or nothing happens. False where nothing happened. */
export async function joinTrouble(
  db: Database,
  message: NotificationRow["message"],
  rows: readonly NotificationRow[],
  at: EpochMs,
): Promise<boolean> {
  const d1 = db.$client;
  const ids = JSON.stringify(rows.map(({ id }) => id));
  const stillWait =
    "(SELECT count(*) FROM notification WHERE id IN (SELECT value FROM json_each(?1)) AND state = 'waiting' AND attempts = 0) = ?2";
  const [joined] = await d1.batch([
    d1
      .prepare(`UPDATE notification SET message = ?3 WHERE id = ?4 AND ${stillWait} RETURNING id`)
      .bind(ids, rows.length, JSON.stringify(message), rows[0]!.id),
    d1
      .prepare(
        `UPDATE notification SET state = 'dropped', next_at = ?3, answer = ?4 WHERE ${stillWait} AND id <> ?5 AND ` +
          "id IN (SELECT value FROM json_each(?1))",
      )
      .bind(ids, rows.length, at, IN_OTHER_TROUBLE, rows[0]!.id),
  ]);
  return (joined?.results.length ?? 0) > 0;
}
