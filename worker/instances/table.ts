import { sql } from "drizzle-orm";
import { integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { InstanceEventKind } from "../../contract/events.ts";
import type { Instance } from "../../contract/instance.ts";
import type { Bandwidth, Cloud, ProviderKind } from "../../contract/providers.ts";
import type { Judgement } from "../../contract/verdict.ts";

/**
 * A watched machine: what its agent says of it, what its owner calls it, what its provider lists, what the sentinel finds. Each of
 * these writes its own columns only, and when something changed: never per sample, and never with a quiet tick.
 */
export const instance = sqliteTable(
  "instance",
  {
    id: text().primaryKey(),
    name: text().notNull(),
    /** The name its owner gave it; the agent's does not replace it. */
    nameGiven: text("name_given"),
    region: text(),
    type: text(),
    hostname: text(),
    os: text(),
    kernel: text(),
    arch: text(),
    cpuModel: text("cpu_model"),
    cpuCount: integer("cpu_count"),
    memoryTotalBytes: integer("memory_total_bytes"),
    bootId: text("boot_id"),
    /** The boot before this one. A machine never goes back to it: who does is a second machine with the same token. */
    previousBootId: text("previous_boot_id"),
    bootAt: integer("boot_at"),
    healthEndpoint: text("health_endpoint"),
    agentVersion: text("agent_version"),
    intervalMs: integer("interval_ms").notNull(),
    clockOffsetMs: integer("clock_offset_ms").notNull(),
    tags: text({ mode: "json" }).notNull().default([]).$type<string[]>(),
    /** When two machines were last seen to use this instance's token. */
    clonedAt: integer("cloned_at"),
    firstSeenAt: integer("first_seen_at").notNull(),
    /** The cloud its agent finds itself in, and its id there. */
    cloudKind: text("cloud_kind").$type<ProviderKind>(),
    cloudId: text("cloud_id"),
    /** What its owner says it costs. */
    monthlyCostGiven: text("monthly_cost_given", { mode: "json" }).$type<Instance["monthlyCostGiven"]>(),
    /** The account that lists it and its id there: with `cloud` the provider's columns. */
    accountId: text("account_id"),
    accountInstanceId: text("account_instance_id"),
    cloud: text({ mode: "json" }).$type<Cloud>(),
    bandwidth: text({ mode: "json" }).$type<Bandwidth>(),
    /** What the sentinel finds; null until it has looked. */
    judgement: text({ mode: "json" }).$type<Judgement>(),
  },
  (table) => [
    uniqueIndex("instance_of_account")
      .on(table.accountId, table.accountInstanceId)
      .where(sql`account_id IS NOT NULL`),
  ],
);
export type InstanceRow = typeof instance.$inferSelect;

/** What happened to an instance. WITHOUT ROWID in the migration: one written row each. */
export const instanceEvent = sqliteTable(
  "instance_event",
  {
    instanceId: text("instance_id").notNull(),
    at: integer().notNull(),
    /** Tells apart what happened at the same moment. */
    number: integer().notNull(),
    kind: text().notNull().$type<InstanceEventKind>(),
    what: text(),
    before: text(),
    after: text(),
  },
  (table) => [primaryKey({ columns: [table.instanceId, table.at, table.number] })],
);
