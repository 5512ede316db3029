import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Way } from "../../contract/people.ts";
import type { Role, Scope } from "../../contract/roles.ts";

/** Somebody who may come in. How they sign in is told in `accounts/table.ts`. */
export const person = sqliteTable("person", {
  id: text().primaryKey(),
  name: text().notNull(),
  /** Lower case. What one signs in with, and what an identity provider's verified address is compared with. */
  email: text().unique(),
  /** Typed by the person themselves, and vouched for by nobody: no account elsewhere is linked by it. */
  isEmailClaimed: integer("is_email_claimed", { mode: "boolean" }).notNull().default(false),
  role: text().notNull().$type<Role>(),
  /** Sees instances with one of these tags only; null: all. */
  tags: text({ mode: "json" }).$type<string[]>(),
  createdAt: integer("created_at").notNull(),
});
export type PersonRow = typeof person.$inferSelect;

/** A link that signs the owner in: once, soon. Only the hash is kept. */
export const signInLink = sqliteTable("sign_in_link", {
  hash: text().primaryKey(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
  usedAt: integer("used_at"),
});

/** A signed-in browser. Only the hash of what its cookie carries is kept; the secret changes daily, the session stays. */
export const session = sqliteTable(
  "session",
  {
    id: text().primaryKey(),
    personId: text("person_id").notNull(),
    hash: text().notNull().unique(),
    /** The secret before this one: still good for a moment, for requests that were under way. */
    previousHash: text("previous_hash").unique(),
    rotatedAt: integer("rotated_at").notNull(),
    way: text().notNull().$type<Way>(),
    browser: text().notNull(),
    address: text(),
    startedAt: integer("started_at").notNull(),
    lastSeenAt: integer("last_seen_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
  },
  (table) => [index("session_person").on(table.personId)],
);
export type SessionRow = typeof session.$inferSelect;

/** What a program shows to act for a person, within its scopes. */
export const apiToken = sqliteTable(
  "api_token",
  {
    id: text().primaryKey(),
    personId: text("person_id").notNull(),
    hash: text().notNull().unique(),
    prefix: text().notNull(),
    label: text().notNull(),
    scopes: text({ mode: "json" }).notNull().$type<Scope[]>(),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at"),
    lastUsedAt: integer("last_used_at"),
  },
  (table) => [index("api_token_person").on(table.personId)],
);
export type ApiTokenRow = typeof apiToken.$inferSelect;

/** What an agent shows to speak for its instance. Bound when it is enrolled, or to the first instance that used it. */
export const agentToken = sqliteTable(
  "agent_token",
  {
    id: text().primaryKey(),
    hash: text().notNull().unique(),
    /** Empty for tokens from before prefixes were kept. */
    prefix: text().notNull().default(""),
    label: text().notNull(),
    instanceId: text("instance_id"),
    enrolmentId: text("enrolment_id"),
    createdAt: integer("created_at").notNull(),
    lastUsedAt: integer("last_used_at"),
  },
  (table) => [index("agent_token_instance").on(table.instanceId)],
);

/** What an agent exchanges for its own token, so many times and until then. */
export const enrolment = sqliteTable("enrolment", {
  id: text().primaryKey(),
  hash: text().notNull().unique(),
  prefix: text().notNull(),
  label: text().notNull(),
  instanceId: text("instance_id"),
  usesMax: integer("uses_max").notNull(),
  usesLeft: integer("uses_left").notNull(),
  madeBy: text("made_by").notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
});
export type EnrolmentRow = typeof enrolment.$inferSelect;
