import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { SentinelSettings, Target } from "../../contract/checks.ts";
import type { Judgement, Region } from "../../contract/verdict.ts";

/** What is looked at from outside. Its id begins with `check:` and is the name of its series too. */
export const healthCheck = sqliteTable("health_check", {
  id: text().primaryKey(),
  name: text().notNull(),
  instanceId: text("instance_id"),
  tags: text({ mode: "json" }).notNull().$type<string[]>(),
  intervalMs: integer("interval_ms").notNull(),
  timeoutMs: integer("timeout_ms").notNull(),
  slowMs: integer("slow_ms").notNull(),
  badMs: integer("bad_ms").notNull(),
  regions: text({ mode: "json" }).$type<Region[]>(),
  isPaused: integer("is_paused", { mode: "boolean" }).notNull(),
  /** Made with its instance: follows the instance's address until a person changes it. */
  isDefault: integer("is_default", { mode: "boolean" }).notNull(),
  /** Without headers. */
  target: text({ mode: "json" }).notNull().$type<Target>(),
  /** The headers of an HTTP target, sealed, as JSON; and their names, for people. */
  headers: text(),
  headerNames: text("header_names", { mode: "json" }).notNull().$type<string[]>(),
  createdAt: integer("created_at").notNull(),
  judgement: text({ mode: "json" }).$type<Judgement>(),
  /** Heartbeat: the hash of the secret in its address, the last call, and the last call that said it failed. */
  beatHash: text("beat_hash"),
  lastBeatAt: integer("last_beat_at"),
  lastFailAt: integer("last_fail_at"),
  /** When it was resumed: a job that rested with its check is waited for anew. */
  resumedAt: integer("resumed_at"),
});
export type HealthCheckRow = typeof healthCheck.$inferSelect;

/** Every verdict a check came to. WITHOUT ROWID in the migration. */
export const checkChange = sqliteTable(
  "check_change",
  {
    checkId: text("check_id").notNull(),
    at: integer().notNull(),
    judgement: text({ mode: "json" }).notNull().$type<Judgement>(),
  },
  (table) => [primaryKey({ columns: [table.checkId, table.at] })],
);

/**
 * Uptime by day (UTC) of a check or an instance: written once a day. Each is JSON `[[day, up, degraded, down, unknown], …]`, the day
 * counted from 1970, the rest seconds; `recent` holds the last 90 days, which lists show, `older` the rest of the year.
 * WITHOUT ROWID in the migration.
 */
export const uptime = sqliteTable("uptime", {
  subject: text().primaryKey(),
  recent: text({ mode: "json" }).notNull().$type<UptimeDay[]>(),
  older: text({ mode: "json" }).notNull().$type<UptimeDay[]>(),
});
export type UptimeDay = [day: number, up: number, degraded: number, down: number, unknown: number];

/** One row: what the owner set. */
export const sentinelSetting = sqliteTable("sentinel_setting", {
  id: integer().primaryKey(),
  settings: text({ mode: "json" }).notNull().$type<SentinelSettings>(),
  /** Sealed. */
  heartbeatUrl: text("heartbeat_url"),
  heartbeatHost: text("heartbeat_host"),
});
