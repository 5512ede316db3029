import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * What is durable and not yet in blocks: one row per commit, whoever shared it. `samples` is a JSON object, instance id →
 * [[at, seq, packed readings, stream], …]. Rows are overwritten, never deleted: those of the present `cycle` (see
 * `journalHead`) stand at the slots 0, 1, 2 …; what lies behind them is of an earlier cycle and already in blocks.
 */
export const journal = sqliteTable("journal", {
  slot: integer().primaryKey(),
  cycle: integer().notNull(),
  samples: text().notNull(),
});

/**
 * One row. `life` is the shard object that may write: one that lost its place finds another's mark here, and its writes
 * change nothing. Packing the journal into blocks begins the next cycle.
 */
export const journalHead = sqliteTable("journal_head", {
  id: integer().primaryKey(),
  life: text().notNull(),
  cycle: integer().notNull(),
  packedAt: integer("packed_at").notNull(),
});

/**
 * History: the samples of one stream of one instance, packed together from one cycle of the journal; at most an hour long.
 * `stream` is the instance's number for the agent's stream, 0 for senders that do not number their samples; `samples` is
 * [[at, seq, packed readings], …], ascending; `lastSeq` is the last one's. WITHOUT ROWID in the migration, so that a block
 * is one written row and no index: written rows are what the Free plan counts.
 */
export const block = sqliteTable(
  "block",
  {
    instanceId: text("instance_id").notNull(),
    firstAt: integer("first_at").notNull(),
    cycle: integer().notNull(),
    stream: integer().notNull(),
    part: integer().notNull(),
    lastAt: integer("last_at").notNull(),
    lastSeq: integer("last_seq").notNull(),
    samples: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.instanceId, table.firstAt, table.cycle, table.stream, table.part] })],
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
