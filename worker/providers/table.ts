import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ProviderKind, ShownProviderProblem } from "../../contract/providers.ts";

/** An account at a cloud whose instances are discovered. `credentials` are sealed, as JSON. */
export const providerAccount = sqliteTable("provider_account", {
  id: text().primaryKey(),
  kind: text().notNull().$type<ProviderKind>(),
  name: text().notNull(),
  /** A fingerprint of the key: the same key is not entered twice, and a person can tell two apart. */
  keyHint: text("key_hint").notNull().unique(),
  credentials: text().notNull(),
  endpoint: text(),
  regions: text({ mode: "json" }).notNull().$type<string[]>(),
  isPaused: integer("is_paused", { mode: "boolean" }).notNull(),
  createdAt: integer("created_at").notNull(),
  lastAttemptAt: integer("last_attempt_at"),
  lastDiscoveredAt: integer("last_discovered_at"),
  problem: text({ mode: "json" }).$type<ShownProviderProblem>(),
});
export type ProviderAccountRow = typeof providerAccount.$inferSelect;
