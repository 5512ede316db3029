import { integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type {
  ShownSnowflakeProblem,
  SnowflakeAuthKind,
  SnowflakeNames,
  SnowflakeSettings,
} from "../../contract/snowflake.ts";

/** The account that is connected: one row at most. `auth` is sealed, as JSON. */
export const snowflakeConnection = sqliteTable("snowflake_connection", {
  id: integer().primaryKey(),
  account: text().notNull(),
  names: text({ mode: "json" }).notNull().$type<SnowflakeNames>(),
  authKind: text("auth_kind").notNull().$type<SnowflakeAuthKind>(),
  auth: text().notNull(),
  fingerprint: text(),
  endpoint: text(),
  connectedAt: integer("connected_at").notNull(),
  problem: text({ mode: "json" }).$type<ShownSnowflakeProblem>(),
});
export type SnowflakeConnectionRow = typeof snowflakeConnection.$inferSelect;

/** What Snowflake is used for: one row, which outlives the connection. */
export const snowflakeSetting = sqliteTable("snowflake_setting", {
  id: integer().primaryKey(),
  settings: text({ mode: "json" }).notNull().$type<SnowflakeSettings>(),
  updatedAt: integer("updated_at").notNull(),
});

/** What a month's language models have cost, by model. WITHOUT ROWID in the migration. */
export const modelSpend = sqliteTable(
  "model_spend",
  {
    /** As `2026-11`, UTC. */
    month: text().notNull(),
    model: text().notNull(),
    requests: integer().notNull(),
    inputTokens: integer("input_tokens").notNull(),
    outputTokens: integer("output_tokens").notNull(),
    usd: real().notNull(),
  },
  (table) => [primaryKey({ columns: [table.month, table.model] })],
);
export type ModelSpendRow = typeof modelSpend.$inferSelect;
