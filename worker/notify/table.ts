import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ChannelKind } from "../../contract/channel-kinds.ts";
import type { Channel } from "../../contract/channels.ts";
import type { NotificationKind, NotificationState } from "../../contract/notifications.ts";
import type { Severity } from "../../contract/rule-kinds.ts";
import type { SubjectScope } from "../../contract/rules.ts";

/** Where notifications go. What is secret of its configuration is sealed, as JSON. */
export const channel = sqliteTable("channel", {
  id: text().primaryKey(),
  kind: text().notNull().$type<ChannelKind>(),
  name: text().notNull(),
  isEnabled: integer("is_enabled", { mode: "boolean" }).notNull(),
  /** Without secrets. */
  config: text({ mode: "json" }).notNull().$type<Record<string, unknown>>(),
  secrets: text(),
  minSeverity: text("min_severity").notNull().$type<Severity>(),
  scope: text({ mode: "json" }).notNull().$type<SubjectScope>(),
  afterMs: integer("after_ms").notNull(),
  repeatMs: integer("repeat_ms"),
  quietHours: text("quiet_hours", { mode: "json" }).$type<NonNullable<Channel["quietHours"]>>(),
  tellsResolved: integer("tells_resolved", { mode: "boolean" }).notNull(),
  createdAt: integer("created_at").notNull(),
  lastSentAt: integer("last_sent_at"),
  problem: text({ mode: "json" }).$type<NonNullable<Channel["problem"]>>(),
});
export type ChannelRow = typeof channel.$inferSelect;

/**
 * Outbox and log in one: a row begins as `waiting` and ends as `sent`, `parked` or `dropped`; nothing is copied. `message` holds what is
 * to be told as it was when it happened.
 */
export const notification = sqliteTable(
  "notification",
  {
    /** The same for the same event and channel: whoever hears it twice can tell. */
    id: text().primaryKey(),
    channelId: text("channel_id").notNull(),
    /** Null where it is about no single incident. */
    incidentId: text("incident_id"),
    /** Of the incident: within it and a channel, what happened first is told first. */
    eventNumber: integer("event_number").notNull(),
    kind: text().notNull().$type<NotificationKind>(),
    state: text().notNull().$type<NotificationState>(),
    message: text({ mode: "json" }).notNull().$type<NotificationMessage>(),
    createdAt: integer("created_at").notNull(),
    nextAt: integer("next_at").notNull(),
    sentAt: integer("sent_at"),
    attempts: integer().notNull(),
    answer: text(),
  },
  (table) => [
    index("notification_waiting")
      .on(table.nextAt)
      .where(sql`state = 'waiting'`),
    index("notification_unsent")
      .on(table.channelId, table.state)
      .where(sql`state IN ('waiting', 'parked')`),
    index("notification_of_incident").on(table.incidentId),
    index("notification_recent").on(table.createdAt),
  ],
);
export type NotificationRow = typeof notification.$inferSelect;

/** What is to be told, without the words: those are made when it is sent (`compose.ts`). */
export interface NotificationMessage {
  severity: Severity;
  /** `web-1 is down`. */
  title: string;
  /** The value against its threshold, or the verdict's reason. */
  reason: string;
  at: number;
  /** When the trouble began. */
  openedAt: number;
  ruleName: string;
  ruleKind: string;
  /** The series that the rule is about, for what is advised; absent where it is about none. */
  metric?: string | null;
  /** Of what fell together: how many, and the first names. */
  members: number;
  names: string[];
  /** Of trouble: the channels that do not work. */
  channelIds?: string[];
  /** Of a digest: the incidents it stands for. */
  incidents?: { id: string; title: string; severity: Severity; isResolved: boolean }[];
}

/** One row: the keys this Nephos signs Web Push with (RFC 8292). */
export const notifySetting = sqliteTable("notify_setting", {
  id: integer().primaryKey(),
  vapidPublicKey: text("vapid_public_key").notNull(),
  /** Sealed. */
  vapidPrivateKey: text("vapid_private_key").notNull(),
});
