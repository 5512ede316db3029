import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

import type { TickStep } from "../../contract/health.ts";

/** The last finished tick: one row, overwritten. */
export const tick = sqliteTable("tick", {
  id: integer().primaryKey(),
  finishedAt: integer("finished_at").notNull(),
  durationMs: integer("duration_ms").notNull(),
  steps: text({ mode: "json" }).notNull().default([]).$type<TickStep[]>(),
});
