import { z } from "zod";
import { claimedPassword, email, epochMs, id, label, newPassword, role, secret, tags } from "./fields.ts";
import { SCOPE_NAMES } from "./roles.ts";

/** People, how they sign in, and what they are shown of both. */

export const personSchema = z.object({
  id,
  name: z.string(),
  email: z.string().nullable(),
  role,
  tags: z.array(z.string()).nullable().meta({ description: "Sees instances with one of these tags only; null: all" }),
});
export type Person = z.infer<typeof personSchema>;

/** How a session came to be. */
export const WAYS = ["link", "invitation", "passkey", "password", "identity_provider", "access"] as const;
export type Way = (typeof WAYS)[number];
const way = z.enum(WAYS);

/** Who is looking. */
export const sessionSchema = z.object({
  person: personSchema,
  id,
  way,
  startedAt: epochMs,
  freshUntil: epochMs.meta({ description: "Until then the ways to sign in can be changed without signing in again" }),
  expiresAt: epochMs,
  hasWayBack: z.boolean().meta({ description: "False where this person could not sign in again by themselves" }),
  demo: z.boolean().meta({ description: "A simulated fleet: the dashboard says so on every page" }),
  version: z.string(),
});
export type Session = z.infer<typeof sessionSchema>;

// --- Signing in --------------------------------------------------------------------------------------------------------

/** What the sign-in page offers. Says nothing of who has an account. */
export const signInOffersSchema = z.object({
  isNew: z.boolean().meta({ description: "Nobody has an account yet: only the printed link leads in" }),
  identityProviders: z.array(z.object({ id: z.string(), name: z.string(), kind: z.enum(["oidc", "github"]) })),
  access: z.boolean().meta({ description: "This request came through Cloudflare Access, which may sign in" }),
  turnstileSiteKey: z.string().nullable(),
  demo: z.boolean(),
});
export type SignInOffers = z.infer<typeof signInOffersSchema>;

export const linkSchema = z.object({ token: secret("a sign-in token") });
export const passwordSignInSchema = z.object({
  email: z.string("must be a string").trim().toLowerCase().max(254, "is too long"),
  password: claimedPassword,
  turnstile: z.string().max(2_048).optional(),
});
/** `session` where that was all; null where a code is still to come (`POST /api/sign-in/code`). */
export const passwordSignInReplySchema = z.object({ session: sessionSchema.nullable() });
export const codeSchema = z.object({
  code: z.string("must be a string").trim().min(6, "is too short").max(32, "is too long"),
});
/** As the WebAuthn JSON forms of the browser; their inside is checked by the library that verifies them. */
const credentialJson = z
  .custom<Record<string, unknown>>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    "must be an object",
  )
  .meta({ type: "object" });
export const passkeyResponseSchema = z.object({ response: credentialJson });
export const passkeyOptionsSchema = z.object({ options: credentialJson });
export const identityProviderSignInSchema = z.object({
  id: z.string().max(40),
  next: z.string().max(1_000).optional(),
  invitation: secret("an invitation").optional(),
});
export const identityProviderSignInReplySchema = z.object({ url: z.url() });

export const invitationTokenSchema = z.object({ token: secret("an invitation") });
export const invitationOfferSchema = z.object({
  role,
  tags: z.array(z.string()).nullable(),
  email: z.string().nullable(),
  invitedBy: z.string(),
  expiresAt: epochMs,
});
export type InvitationOffer = z.infer<typeof invitationOfferSchema>;
export const acceptInvitationSchema = invitationTokenSchema.extend({ name: label, email: email.optional() });

// --- One's own account -------------------------------------------------------------------------------------------------

export const passkeySchema = z.object({ id, label: z.string(), createdAt: epochMs, lastUsedAt: epochMs.nullable() });
export type Passkey = z.infer<typeof passkeySchema>;

export const sessionEntrySchema = z.object({
  id,
  isThis: z.boolean(),
  way,
  browser: z.string().meta({ description: "In words, as `Firefox on Linux`" }),
  address: z.string().nullable(),
  startedAt: epochMs,
  lastSeenAt: epochMs,
  expiresAt: epochMs,
});
export type SessionEntry = z.infer<typeof sessionEntrySchema>;

export const apiTokenSchema = z.object({
  id,
  label: z.string(),
  prefix: z.string().meta({ description: "The beginning of the token, to know it again by" }),
  scopes: z.array(z.enum(SCOPE_NAMES)),
  createdAt: epochMs,
  expiresAt: epochMs.nullable(),
  lastUsedAt: epochMs.nullable(),
});
export type ApiToken = z.infer<typeof apiTokenSchema>;
export const newApiTokenSchema = z.object({
  label,
  scopes: z.array(z.enum(SCOPE_NAMES, "is no scope")).min(1, "must hold at least one scope"),
  expiresInDays: z.int("must be a whole number").min(1).max(3_650).nullable(),
});
export const madeApiTokenSchema = apiTokenSchema.extend({
  secret: z.string().meta({ description: "Shown this once" }),
});
export type NewApiToken = z.infer<typeof madeApiTokenSchema>;

export const accountSchema = z.object({
  person: personSchema,
  passkeys: z.array(passkeySchema),
  hasPassword: z.boolean(),
  totp: z.object({ isOn: z.boolean(), recoveryCodesLeft: z.int() }),
  identities: z.array(z.object({ id, provider: z.string(), subject: z.string(), linkedAt: epochMs })),
  sessions: z.array(sessionEntrySchema),
  apiTokens: z.array(apiTokenSchema),
});
export type Account = z.infer<typeof accountSchema>;

export const profileSchema = z.object({ name: label });
/** `email` is needed where the account has none yet: it is what one signs in with. */
export const setPasswordSchema = z.object({ password: newPassword, email: email.optional() });
export const totpSetupSchema = z.object({
  secret: z.string().meta({ description: "Base32, to be typed where the picture cannot be read" }),
  url: z.string().meta({ description: "otpauth:// address, for the picture" }),
});
export const recoveryCodesSchema = z.object({ recoveryCodes: z.array(z.string()) });
export const newPasskeySchema = z.object({ label, response: credentialJson });
export const labelSchema = z.object({ label });

// --- Other people ------------------------------------------------------------------------------------------------------

export const personEntrySchema = personSchema.extend({
  createdAt: epochMs,
  lastSeenAt: epochMs.nullable(),
  ways: z.array(z.enum(["passkey", "password", "totp", "identity_provider"])),
});
export type PersonEntry = z.infer<typeof personEntrySchema>;

export const invitationSchema = z.object({
  id,
  email: z.string().nullable(),
  role,
  tags: z.array(z.string()).nullable(),
  invitedBy: z.string(),
  createdAt: epochMs,
  expiresAt: epochMs,
});
export type Invitation = z.infer<typeof invitationSchema>;
export const newInvitationSchema = z.object({
  email: email.optional(),
  role,
  tags: tags.nullable().default(null),
  expiresInDays: z.int("must be a whole number").min(1, "must be at least 1").max(30, "must be at most 30").default(7),
});
export const madeInvitationSchema = invitationSchema.extend({
  link: z.url().meta({ description: "Shown this once; works once" }),
});
export type NewInvitation = z.infer<typeof madeInvitationSchema>;
export const changePersonSchema = z
  .object({
    name: label.optional(),
    email: email.nullable().optional(),
    role: role.optional(),
    tags: tags.nullable().optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), "must hold something to change");

// --- Ways in -----------------------------------------------------------------------------------------------------------

/** Who may come in by a way without having been invited: nobody, or whoever has an address of one of these domains. */
const joinRole = z.enum(["viewer", "operator", "admin"], "must be viewer, operator or admin");
const join = {
  joinRole: joinRole.nullable().default(null),
  joinDomains: z
    .array(
      z
        .string()
        .trim()
        .toLowerCase()
        .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, "is not a domain"),
    )
    .max(20)
    .default([]),
};
export const identityProviderSchema = z.object({
  id: z.string(),
  kind: z.enum(["oidc", "github"]),
  name: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  joinRole: joinRole.nullable(),
  joinDomains: z.array(z.string()),
});
export type IdentityProvider = z.infer<typeof identityProviderSchema>;
export const putIdentityProviderSchema = z.object({
  kind: z.enum(["oidc", "github"]),
  name: label,
  /** Not read for GitHub, which has one. */
  issuer: z.url("is not an address").max(500).optional(),
  clientId: z.string().trim().min(1, "must not be empty").max(500),
  /** May be left out where one is kept already. */
  clientSecret: z.string().trim().min(1).max(1_000).optional(),
  ...join,
});
export const accessSettingsSchema = z.object({
  issuer: z.string().meta({ description: "https://TEAM.cloudflareaccess.com" }),
  audience: z.string(),
  joinRole: joinRole.nullable(),
  joinDomains: z.array(z.string()),
});
export type AccessSettings = z.infer<typeof accessSettingsSchema>;
export const putAccessSchema = z.object({
  issuer: z.url("is not an address").max(500),
  audience: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9_-]{8,128}$/, "is not an application's audience tag"),
  ...join,
});

export const signInWaysSchema = z.object({
  /** To be entered at the identity provider. */
  callbackUrl: z.url(),
  identityProviders: z.array(identityProviderSchema),
  access: accessSettingsSchema.nullable(),
  /** What sign-ins cost today, against what they may. */
  load: z.object({
    passwordChecksToday: z.int(),
    passwordChecksPerDayMax: z.int(),
    refusedToday: z.int().meta({ description: "Refused for being too many, unchecked" }),
    waiting: z.int(),
  }),
});
export type SignInWays = z.infer<typeof signInWaysSchema>;
