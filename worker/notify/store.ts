import { and, desc, eq, inArray, lt, ne, sql, type SQL } from "drizzle-orm";
import type { NotificationState, ShownNotification } from "../../contract/notifications.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import type { D1Database, D1PreparedStatement } from "../db/d1.ts";
import { COMMIT_BYTES_MAX } from "../settings.ts";
import type { OutboxRow } from "./outbox.ts";
import { IN_DIGEST } from "./settle.ts";
import { channel, notification, type ChannelRow, type NotificationRow } from "./table.ts";

/** Channels, and what is shown and done with the outbox. What sending itself asks is in `sending-store.ts`. */

export function listChannels(db: Database): Promise<ChannelRow[]> {
  return db.select().from(channel).orderBy(channel.createdAt, channel.id).all();
}

export function findChannel(db: Database, id: string): Promise<ChannelRow | undefined> {
  return db.select().from(channel).where(eq(channel.id, id)).get();
}

export async function insertChannel(db: Database, row: ChannelRow): Promise<void> {
  await db.insert(channel).values(row);
}

/** As it is afterwards; undefined where there is none. */
export async function changeChannel(
  db: Database,
  id: string,
  change: Partial<Omit<ChannelRow, "id" | "createdAt">>,
): Promise<ChannelRow | undefined> {
  if (Object.keys(change).length === 0) return findChannel(db, id);
  return db.update(channel).set(change).where(eq(channel.id, id)).returning().get();
}

/** With what waits for it. What it was told stays in the log. False where there is none. */
export async function deleteChannel(db: Database, id: string): Promise<boolean> {
  const [, deleted] = await db.batch([
    db.delete(notification).where(and(eq(notification.channelId, id), eq(notification.state, "waiting"))),
    db.delete(channel).where(eq(channel.id, id)).returning({ id: channel.id }),
  ]);
  return deleted.length > 0;
}

/** In the words of the index. */
const IS_UNSENT = sql`${notification}.state IN ('waiting', 'parked')`;

/** What waits and what is parked, by channel. */
export async function countsByChannel(db: Database): Promise<Map<string, { waiting: number; parked: number }>> {
  const rows = await db
    .select({ channelId: notification.channelId, state: notification.state, count: sql<number>`count(*)` })
    .from(notification)
    .where(IS_UNSENT)
    .groupBy(notification.channelId, notification.state);
  const counts = new Map<string, { waiting: number; parked: number }>();
  for (const { channelId, state, count } of rows) {
    const known = counts.get(channelId) ?? { waiting: 0, parked: 0 };
    counts.set(channelId, { ...known, [state]: count });
  }
  return counts;
}

const SHOWN = {
  id: notification.id,
  channelId: notification.channelId,
  channelName: sql<string>`coalesce(${channel.name}, 'a removed channel')`,
  incidentId: notification.incidentId,
  title: sql<string>`${notification.message} ->> 'title'`,
  kind: notification.kind,
  state: notification.state,
  createdAt: notification.createdAt,
  nextAt: sql<number | null>`CASE WHEN ${notification.state} = 'waiting' THEN ${notification.nextAt} END`,
  sentAt: notification.sentAt,
  attempts: notification.attempts,
  answer: notification.answer,
};

/** Newest first. `isMeant`: only rows of which this holds. */
export async function listNotifications(
  db: Database,
  { state, channelId, limit }: { state?: NotificationState | undefined; channelId?: string | undefined; limit: number },
  isMeant?: SQL,
): Promise<ShownNotification[]> {
  return db
    .select(SHOWN)
    .from(notification)
    .leftJoin(channel, eq(channel.id, notification.channelId))
    .where(
      and(
        state === undefined ? undefined : eq(notification.state, state),
        state === "waiting" || state === "parked" ? IS_UNSENT : undefined,
        channelId === undefined ? undefined : eq(notification.channelId, channelId),
        isMeant,
      ),
    )
    .orderBy(desc(notification.createdAt), desc(notification.eventNumber))
    .limit(limit);
}

/** Newest first. */
export async function notificationsOfIncident(db: Database, id: string, max: number): Promise<ShownNotification[]> {
  return db
    .select(SHOWN)
    .from(notification)
    .leftJoin(channel, eq(channel.id, notification.channelId))
    .where(eq(notification.incidentId, id))
    .orderBy(desc(notification.createdAt), desc(notification.eventNumber))
    .limit(max);
}

const isOneOf = (ids: readonly string[]) =>
  sql`${notification.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;

/** Those of these ids that are there, newest first. `isMeant` as above. */
export async function findNotifications(
  db: Database,
  ids: readonly string[],
  isMeant?: SQL,
): Promise<ShownNotification[]> {
  return db
    .select(SHOWN)
    .from(notification)
    .leftJoin(channel, eq(channel.id, notification.channelId))
    .where(and(isOneOf(ids), isMeant))
    .orderBy(desc(notification.createdAt), desc(notification.eventNumber));
}

/** Parked ones are tried again at once, as if for the first time. Answers how many. */
export async function retryNotifications(db: Database, ids: readonly string[], now: EpochMs): Promise<number> {
  const changed = await db
    .update(notification)
    .set({ state: "waiting", attempts: 0, nextAt: now })
    .where(and(isOneOf(ids), eq(notification.state, "parked")))
    .returning({ id: notification.id });
  return changed.length;
}

/** What is parked or waits is given up. Answers how many. */
export async function discardNotifications(db: Database, ids: readonly string[], now: EpochMs): Promise<number> {
  const changed = await db
    .update(notification)
    .set({
      state: "dropped",
      nextAt: now,
      answer: sql`'Given up by hand.' || coalesce(' Before that: ' || ${notification.answer}, '')`,
    })
    .where(and(isOneOf(ids), inArray(notification.state, ["parked", "waiting"])))
    .returning({ id: notification.id });
  return changed.length;
}

/** What is over and older, some at a time. Answers how many. */
export async function deleteOldNotifications(db: Database, before: EpochMs, max: number): Promise<number> {
  const old = sql`SELECT id FROM ${notification} WHERE ${and(lt(notification.createdAt, before), ne(notification.state, "waiting"))} ORDER BY ${notification.createdAt} LIMIT ${max}`;
  const deleted = await db
    .delete(notification)
    .where(sql`${notification.id} IN (${old})`)
    .returning({ id: notification.id });
  return deleted.length;
}

/** When each incident was last put out to be reminded of, by channel. */
export async function lastReminders(
  db: Database,
  incidentIds: readonly string[],
): Promise<{ incidentId: string; channelId: string; at: EpochMs }[]> {
  const rows = await db
    .select({
      incidentId: notification.incidentId,
      channelId: notification.channelId,
      at: sql<number>`max(${notification.createdAt})`,
    })
    .from(notification)
    .where(
      and(
        sql`${notification.incidentId} IN (SELECT value FROM json_each(${JSON.stringify(incidentIds)}))`,
        eq(notification.kind, "reminder"),
      ),
    )
    .groupBy(notification.incidentId, notification.channelId);
  return rows.map((row) => ({ ...row, incidentId: row.incidentId! }));
}

const COLUMNS = {
  id: "id",
  channel_id: "channelId",
  incident_id: "incidentId",
  event_number: "eventNumber",
  kind: "kind",
  state: "state",
  message: "message",
  created_at: "createdAt",
  next_at: "nextAt",
  sent_at: "sentAt",
  attempts: "attempts",
  answer: "answer",
} as const satisfies Record<string, keyof NotificationRow>;

/** Who joins while others still wait to be told does not make them wait for longer. */
const NEXT_AT =
  "CASE WHEN given.value ->> 'kind' = 'members' THEN min(given.value ->> 'nextAt', coalesce((SELECT min(older.next_at) FROM notification AS older " +
  "WHERE older.incident_id = given.value ->> 'incidentId' AND older.channel_id = given.value ->> 'channelId' AND older.kind = 'members' " +
  "AND older.state = 'waiting' AND older.attempts = 0), given.value ->> 'nextAt')) ELSE given.value ->> 'nextAt' END";

const SELECTED = Object.values(COLUMNS)
  .map((name) => (name === "nextAt" ? NEXT_AT : `given.value ->> '${name}'`))
  .join(", ");

/** That something is over is of interest only where anything was to be told of it: before, or in this same list. */
const HAS_BEGINNING =
  "given.value ->> 'kind' <> 'resolved' OR given.value ->> 'isAlsoTold' OR EXISTS (SELECT 1 FROM notification AS told " +
  "WHERE told.incident_id = given.value ->> 'incidentId' AND told.channel_id = given.value ->> 'channelId')";

/** It has heard of it, or is about to, and not since that it is over. */
const IS_UNHEARD =
  "NOT EXISTS (SELECT 1 FROM notification AS told WHERE told.incident_id = given.value ->> 'incidentId' AND told.channel_id = " +
  "given.value ->> 'channelId' AND told.kind <> 'resolved' AND (told.state IN ('sent', 'waiting') OR told.answer = ?2) AND NOT " +
  "EXISTS (SELECT 1 FROM notification AS ended WHERE ended.incident_id = told.incident_id AND ended.channel_id = " +
  "told.channel_id AND ended.kind = 'resolved' AND ended.event_number > told.event_number))";

const INSERT =
  `INSERT INTO notification (${Object.keys(COLUMNS).join(", ")}) SELECT ${SELECTED} FROM json_each(?1) AS given ` +
  `WHERE (${HAS_BEGINNING}) AND (NOT coalesce(given.value ->> 'isForUnheard', 0) OR ${IS_UNHEARD}) ON CONFLICT (id) DO NOTHING`;

/** Of those that join, and of reminders, the newest says all. One that is just being sent stays. */
const DROP_OLDER =
  "UPDATE notification SET state = 'dropped', answer = 'A newer one says it too.' FROM (SELECT value ->> 'id' AS id, " +
  "value ->> 'kind' AS kind, value ->> 'incidentId' AS incident_id, value ->> 'channelId' AS channel_id FROM json_each(?1)) " +
  "AS newer WHERE notification.incident_id = newer.incident_id AND notification.channel_id = newer.channel_id AND " +
  "notification.kind = newer.kind AND notification.id <> newer.id AND notification.state = 'waiting' AND notification.attempts = 0";

/**
 * Puts rows into the outbox, in the transaction of what they tell of. What is there already stays as it is. As many statements as it takes
 * for none to be longer than the database allows.
 */
export function insertStatements(d1: D1Database, rows: readonly OutboxRow[]): D1PreparedStatement[] {
  if (rows.length === 0) return [];
  const placeOf = ({ incidentId, channelId }: NotificationRow) => `${incidentId} ${channelId}`;
  const asides = rows.filter(({ kind }) => kind === "members" || kind === "reminder");
  const newest = new Map(asides.map((row) => [`${row.kind} ${placeOf(row)}`, row]));
  const last = new Set<OutboxRow>(newest.values());
  const older = new Set(asides.filter((row) => !last.has(row)));
  const told = new Set(rows.filter(({ kind }) => kind !== "resolved").map(placeOf));
  const kept = rows
    .filter((row) => !older.has(row))
    .map((row) => (row.kind === "resolved" ? { ...row, isAlsoTold: told.has(placeOf(row)) } : row));
  const newer = [...last].map(({ id, kind, incidentId, channelId }) => ({ id, kind, incidentId, channelId }));
  return [
    ...textsOf(kept).map((text) => d1.prepare(INSERT).bind(text, IN_DIGEST)),
    ...textsOf(newer).map((text) => d1.prepare(DROP_OLDER).bind(text)),
  ];
}

const encoder = new TextEncoder();

/** As JSON, in pieces. */
function textsOf(rows: readonly object[]): string[] {
  const texts: string[] = [];
  let piece: string[] = [];
  let size = 0;
  for (const text of rows.map((row) => JSON.stringify(row))) {
    const bytes = encoder.encode(text).byteLength + 1;
    if (piece.length > 0 && size + bytes > COMMIT_BYTES_MAX) {
      texts.push(`[${piece.join()}]`);
      piece = [];
      size = 0;
    }
    piece.push(text);
    size += bytes;
  }
  return piece.length > 0 ? [...texts, `[${piece.join()}]`] : texts;
}

const DROP_HUSHED =
  "UPDATE notification SET state = 'dropped', answer = 'It was acknowledged or silenced before it was to be told.' " +
  "WHERE incident_id IN (SELECT value FROM json_each(?1)) AND state = 'waiting' AND attempts = 0 AND kind <> 'resolved' " +
  "AND (created_at < ?2 OR next_at > ?2 OR kind IN ('reminder', 'members'))";

/**
 * Of incidents that were acknowledged or silenced: whatever still waits to be told, for its time or because much happens. What was put out
 * at this same moment and is due, and what is being sent, goes out.
 */
export function dropForHushed(d1: D1Database, incidentIds: readonly string[], now: EpochMs): D1PreparedStatement[] {
  if (incidentIds.length === 0) return [];
  return [d1.prepare(DROP_HUSHED).bind(JSON.stringify(incidentIds), now)];
}
