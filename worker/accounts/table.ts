import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Role } from "../../contract/roles.ts";

/** A public key whose private half never leaves somebody's device. */
export const passkey = sqliteTable(
  "passkey",
  {
    id: text().primaryKey(),
    personId: text("person_id").notNull(),
    /** As the authenticator names it, base64url. */
    credentialId: text("credential_id").notNull().unique(),
    /** COSE key, base64url. */
    publicKey: text("public_key").notNull(),
    counter: integer().notNull(),
    transports: text({ mode: "json" }).notNull().$type<string[]>(),
    label: text().notNull(),
    createdAt: integer("created_at").notNull(),
    lastUsedAt: integer("last_used_at"),
  },
  (table) => [index("passkey_person").on(table.personId)],
);
export type PasskeyRow = typeof passkey.$inferSelect;

/** A password, and the second step that may come after it. */
export const password = sqliteTable("password", {
  personId: text("person_id").primaryKey(),
  /** `scrypt$log2(N)$r$p$salt$hash`, the last two in base64url. */
  hash: text().notNull(),
  changedAt: integer("changed_at").notNull(),
});

export const totp = sqliteTable("totp", {
  personId: text("person_id").primaryKey(),
  /** Sealed by the vault. */
  secret: text().notNull(),
  /** Null until a first code has shown that the app has the secret. */
  confirmedAt: integer("confirmed_at"),
  /** The last time step (RFC 6238) a code of which was taken: a code works once. */
  lastStep: integer("last_step").notNull(),
});

export const recoveryCode = sqliteTable(
  "recovery_code",
  {
    personId: text("person_id").notNull(),
    hash: text().notNull(),
    usedAt: integer("used_at"),
  },
  (table) => [primaryKey({ columns: [table.personId, table.hash] })],
);

/** An account elsewhere that signs a person in. The subject is the provider's own name for it, which never changes. */
export const identity = sqliteTable(
  "identity",
  {
    id: text().primaryKey(),
    /** The id of the identity provider here; `access` for Cloudflare Access. */
    provider: text().notNull(),
    issuer: text().notNull(),
    subject: text().notNull(),
    personId: text("person_id").notNull(),
    linkedAt: integer("linked_at").notNull(),
  },
  (table) => [
    index("identity_person").on(table.personId),
    uniqueIndex("identity_subject").on(table.issuer, table.subject),
  ],
);

/** Where people may have an account that signs them in here. Within this room "provider" means this, for it knows no other. */
export const identityProvider = sqliteTable("identity_provider", {
  id: text().primaryKey(),
  kind: text().notNull().$type<"oidc" | "github">(),
  name: text().notNull(),
  issuer: text().notNull(),
  clientId: text("client_id").notNull(),
  /** Sealed by the vault. */
  clientSecret: text("client_secret").notNull(),
  joinRole: text("join_role").$type<Exclude<Role, "owner">>(),
  joinDomains: text("join_domains", { mode: "json" }).notNull().$type<string[]>(),
});
export type IdentityProviderRow = typeof identityProvider.$inferSelect;

/** Cloudflare Access: one row or none. */
export const accessSettings = sqliteTable("access_settings", {
  id: integer().primaryKey(),
  issuer: text().notNull(),
  audience: text().notNull(),
  joinRole: text("join_role").$type<Exclude<Role, "owner">>(),
  joinDomains: text("join_domains", { mode: "json" }).notNull().$type<string[]>(),
});

export const invitation = sqliteTable("invitation", {
  id: text().primaryKey(),
  hash: text().notNull().unique(),
  email: text(),
  role: text().notNull().$type<Role>(),
  tags: text({ mode: "json" }).$type<string[]>(),
  invitedBy: text("invited_by").notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
  usedAt: integer("used_at"),
});
export type InvitationRow = typeof invitation.$inferSelect;

/** What may be used once and is not kept otherwise: challenges of passkeys, states of providers, steps of a sign-in. */
export const usedOnce = sqliteTable("used_once", {
  hash: text().primaryKey(),
  expiresAt: integer("expires_at").notNull(),
});
