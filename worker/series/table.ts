import { blob, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * What must be durable at once and is not yet in blocks, from senders that keep nothing: one row per commit, whoever shared it.
 * `samples` is a JSON object, instance id → [[at, seq, packed readings, stream], …]. Rows are overwritten, never deleted: those of
 * the present `cycle` (see `journalHead`) stand at the slots 0, 1, 2 …; what lies behind them is of an earlier cycle and already in
 * blocks.
 */
export const journal = sqliteTable("journal", {
  slot: integer().primaryKey(),
  cycle: integer().notNull(),
  samples: text().notNull(),
});

/**
 * One row. `life` is the shard object that may write to the journal: one that lost its place finds another's mark here, and its
 * writes change nothing. When all that is in the journal is in blocks, the next cycle begins.
 */
export const journalHead = sqliteTable("journal_head", {
  id: integer().primaryKey(),
  life: text().notNull(),
  cycle: integer().notNull(),
  packedAt: integer("packed_at").notNull(),
});

/**
 * History: one row for each instance, tier and place of that tier's ring; the next one that belongs there is written over it, so
 * nothing is ever deleted and the size has an end. `bucket` says which block it is, counted from 1970 in blocks of its tier
 * (`tiers.ts`). `directory` is JSON: where each column lies in `data` (`block/directory.ts`). `count` is the samples or points it
 * holds; `covers`, in blocks of five minutes only, how many samples of each of its hours went into it: a raw block with another
 * count was added to since. WITHOUT ROWID in the migration, so that a block is one written row and no index.
 */
export const block = sqliteTable(
  "block",
  {
    instanceId: text("instance_id").notNull(),
    tier: integer().notNull(),
    slot: integer().notNull(),
    bucket: integer().notNull(),
    /** Grows with every write of this bucket: who writes says which one they read, so that of two at once one must read again. */
    version: integer().notNull(),
    count: integer().notNull(),
    covers: text(),
    directory: text().notNull(),
    data: blob({ mode: "buffer" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.instanceId, table.tier, table.slot] })],
);

/**
 * The rings: how many days a tier is kept, and in how many places. Another retention is another generation, with places of its own
 * (`ring-store.ts`); what lies in an older one is read until it is past its time.
 */
export const ring = sqliteTable(
  "ring",
  {
    tier: integer().notNull(),
    generation: integer().notNull(),
    days: integer().notNull(),
    slots: integer().notNull(),
    /** Nothing is kept from before this moment, however many days it is now. */
    since: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.tier, table.generation] })],
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
