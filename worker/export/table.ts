import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ExportStreamName, ShownSnowflakeProblem } from "../../contract/snowflake.ts";

/** How far the export of one kind of thing has come: moved on only after Snowflake has said that it holds what was before. */
export const exportCursor = sqliteTable("export_cursor", {
  stream: text().primaryKey().$type<ExportStreamName>(),
  /** Where it goes on from; what it means is the stream's own affair. */
  cursor: text({ mode: "json" }).$type<unknown>(),
  /** All that there was up to then is sent. */
  doneTo: integer("done_to"),
  rows: integer().notNull(),
  lastAt: integer("last_at"),
  missed: text(),
  problem: text({ mode: "json" }).$type<ShownSnowflakeProblem>(),
});
export type ExportCursorRow = typeof exportCursor.$inferSelect;
