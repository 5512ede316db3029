import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** A link that signs the owner in: once, soon. Only the hash is kept. */
export const signInLink = sqliteTable("sign_in_link", {
  hash: text().primaryKey(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
  usedAt: integer("used_at"),
});

/** A signed-in browser. Only the hash of what its cookie carries is kept. */
export const session = sqliteTable("session", {
  hash: text().primaryKey(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
});

/** What an agent shows to speak for its instance. Bound to the first instance that used it; null before that. */
export const agentToken = sqliteTable(
  "agent_token",
  {
    id: text().primaryKey(),
    hash: text().notNull().unique(),
    label: text().notNull(),
    instanceId: text("instance_id"),
    createdAt: integer("created_at").notNull(),
    lastUsedAt: integer("last_used_at"),
  },
  (table) => [index("agent_token_instance").on(table.instanceId)],
);
