import { integer, sqliteTable } from "drizzle-orm/sqlite-core";

/** The last finished tick: one row, overwritten. */
export const tick = sqliteTable("tick", {
  id: integer().primaryKey(),
  finishedAt: integer("finished_at").notNull(),
  durationMs: integer("duration_ms").notNull(),
});
