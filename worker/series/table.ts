import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * One sample of one instance. In the migration the table is WITHOUT ROWID, so that an insert writes one row and no index:
 * written rows are what the Free plan counts. `stream` is the instance's number for the agent's stream, 0 for senders
 * that do not number their samples; `metrics` is the readings, packed.
 */
export const sample = sqliteTable(
  "sample",
  {
    instanceId: text("instance_id").notNull(),
    at: integer().notNull(),
    stream: integer().notNull(),
    seq: integer().notNull(),
    metrics: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.instanceId, table.at] })],
);

/** An agent's run of numbered samples, and by how much its clock was corrected for the whole of it. */
export const stream = sqliteTable(
  "stream",
  {
    instanceId: text("instance_id").notNull(),
    id: text().notNull(),
    number: integer().notNull(),
    clockOffsetMs: integer("clock_offset_ms").notNull(),
    startedAt: integer("started_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.instanceId, table.id] })],
);

/** The custom series an instance has ever sent: what its cap is counted by. */
export const customSeries = sqliteTable(
  "custom_series",
  { instanceId: text("instance_id").notNull(), key: text().notNull() },
  (table) => [primaryKey({ columns: [table.instanceId, table.key] })],
);
