import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** A watched machine: what its agent says of it, and what its owner calls it. Written when something changed, never per sample. */
export const instance = sqliteTable("instance", {
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
});
export type InstanceRow = typeof instance.$inferSelect;
