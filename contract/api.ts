import { z } from "zod";
import {
  agentTokenSchema,
  enrolmentSchema,
  enrolReplySchema,
  enrolRequestSchema,
  madeAgentTokenSchema,
  madeEnrolmentSchema,
  newAgentTokenSchema,
  newEnrolmentSchema,
} from "./agents.ts";
import { auditEntrySchema, auditQuerySchema } from "./audit.ts";
import { epochMs, label, tags } from "./fields.ts";
import { instanceDetailSchema } from "./instance.ts";
import * as people from "./people.ts";
import type { Role, Scope } from "./roles.ts";
import { operationsSchema, retentionSchema } from "./operations.ts";
import {
  comparisonQuerySchema,
  comparisonSchema,
  seriesColumnsSchema,
  seriesExportQuerySchema,
  seriesQuerySchema,
} from "./series.ts";

/**
 * The table of endpoints: who may enter, what is sent and what comes back, in one place. The Worker registers nothing under
 * `/api` that is not here, guards each by its row, and describes them from it at `/api/openapi.json`; the dashboard calls by it.
 */

/** Who may enter. */
export type Access =
  /** Anybody: it tells nothing of this fleet. */
  | "public"
  /** A way in: anybody may knock, from our own pages and so many times a minute. */
  | "door"
  /** The holder of an enrolment token. */
  | "enrolment"
  | {
      /** At least this role. */
      role: Role;
      /** What an API token must have been made for; null where it takes a person in a browser. */
      scope: Scope | null;
      /** Only within an hour of signing in: what changes the ways in. */
      isFresh?: true;
    };

export interface Endpoint {
  access: Access;
  says: string;
  body?: z.ZodType;
  query?: z.ZodType;
  /** Absent: the reply is empty (204), or, with `replyType`, not JSON. */
  reply?: z.ZodType;
  replyType?: string;
  status?: 201;
}

const viewer = (scope: Scope | null) => ({ role: "viewer", scope }) as const;
const admin = (scope: Scope | null) => ({ role: "admin", scope }) as const;
const owner = { role: "owner", scope: null } as const;
const self = { role: "viewer", scope: null } as const;
const freshSelf = { ...self, isFresh: true } as const;
const freshOwner = { ...owner, isFresh: true } as const;

export const changeInstanceSchema = z
  .object({ name: label.optional(), tags: tags.optional() })
  .refine(({ name, tags: given }) => name !== undefined || given !== undefined, "must hold a name or tags");

export const healthSchema = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  lastTickAt: epochMs.nullable().meta({ description: "The tick of the sentinel that finished last" }),
});
export type Health = z.infer<typeof healthSchema>;

export const ENDPOINTS = {
  "GET /api/health": { access: "public", says: "Whether this Nephos itself is well", reply: healthSchema },
  "GET /api/openapi.json": {
    access: viewer("fleet:read"),
    says: "This description",
    replyType: "application/json",
  },

  "GET /api/sign-in": { access: "public", says: "The ways in there are", reply: people.signInOffersSchema },
  "POST /api/sign-in/link": {
    access: "door",
    says: "Signs the owner in by the link that was printed",
    body: people.linkSchema,
    reply: people.sessionSchema,
  },
  "POST /api/sign-in/password": {
    access: "door",
    says: "Signs in by password; where two steps are asked for, a code comes next",
    body: people.passwordSignInSchema,
    reply: people.passwordSignInReplySchema,
  },
  "POST /api/sign-in/code": {
    access: "door",
    says: "The second step: a code of the authenticator app, or a recovery code",
    body: people.codeSchema,
    reply: people.sessionSchema,
  },
  "POST /api/sign-in/passkey/options": {
    access: "door",
    says: "What a passkey is to sign",
    reply: people.passkeyOptionsSchema,
  },
  "POST /api/sign-in/passkey": {
    access: "door",
    says: "Signs in by passkey",
    body: people.passkeyResponseSchema,
    reply: people.sessionSchema,
  },
  "POST /api/sign-in/access": {
    access: "door",
    says: "Signs in whom Cloudflare Access let through",
    reply: people.sessionSchema,
  },
  "POST /api/sign-in/identity-provider": {
    access: "door",
    says: "Begins signing in at an identity provider: where to send the browser",
    body: people.identityProviderSignInSchema,
    reply: people.identityProviderSignInReplySchema,
  },
  "GET /api/sign-in/callback": {
    access: "public",
    says: "Where an identity provider sends the browser back to; answers with a redirect",
    replyType: "text/html",
  },
  "POST /api/invitation": {
    access: "door",
    says: "What an invitation is for",
    body: people.invitationTokenSchema,
    reply: people.invitationOfferSchema,
  },
  "POST /api/invitation/accept": {
    access: "door",
    says: "Accepts an invitation, once, and signs in",
    body: people.acceptInvitationSchema,
    reply: people.sessionSchema,
    status: 201,
  },

  "GET /api/session": { access: self, says: "Who is looking", reply: people.sessionSchema },
  "DELETE /api/session": { access: self, says: "Signs out; its live sockets are closed" },

  "GET /api/account": { access: self, says: "One's own account", reply: people.accountSchema },
  "PATCH /api/account": { access: self, says: "Changes one's name", body: people.profileSchema },
  "PUT /api/account/password": {
    access: freshSelf,
    says: "Sets a password; every other session of this account ends",
    body: people.setPasswordSchema,
  },
  "DELETE /api/account/password": { access: freshSelf, says: "Removes the password" },
  "POST /api/account/totp": {
    access: freshSelf,
    says: "Begins two-step sign-in: the secret for an authenticator app",
    reply: people.totpSetupSchema,
  },
  "POST /api/account/totp/confirm": {
    access: freshSelf,
    says: "Switches two-step sign-in on, with a first code; answers with the recovery codes, shown this once",
    body: people.codeSchema,
    reply: people.recoveryCodesSchema,
  },
  "DELETE /api/account/totp": { access: freshSelf, says: "Switches two-step sign-in off" },
  "POST /api/account/recovery-codes": {
    access: freshSelf,
    says: "Makes new recovery codes; the old ones end",
    reply: people.recoveryCodesSchema,
  },
  "POST /api/account/passkeys/options": {
    access: freshSelf,
    says: "What a new passkey is to sign",
    reply: people.passkeyOptionsSchema,
  },
  "POST /api/account/passkeys": {
    access: freshSelf,
    says: "Adds a passkey",
    body: people.newPasskeySchema,
    reply: people.passkeySchema,
    status: 201,
  },
  "PATCH /api/account/passkeys/:id": { access: self, says: "Renames a passkey", body: people.labelSchema },
  "DELETE /api/account/passkeys/:id": { access: freshSelf, says: "Removes a passkey" },
  "DELETE /api/account/identities/:id": { access: freshSelf, says: "Unlinks an account elsewhere" },
  "DELETE /api/account/sessions": { access: self, says: "Signs out everywhere, here too" },
  "DELETE /api/account/sessions/:id": { access: self, says: "Ends one of one's sessions" },
  "POST /api/account/api-tokens": {
    access: freshSelf,
    says: "Makes an API token; it can do what its scopes say and its maker may",
    body: people.newApiTokenSchema,
    reply: people.madeApiTokenSchema,
    status: 201,
  },
  "DELETE /api/account/api-tokens/:id": { access: self, says: "Revokes an API token" },

  "GET /api/people": {
    access: admin("people:read"),
    says: "People, and invitations that are open",
    reply: z.object({ people: z.array(people.personEntrySchema), invitations: z.array(people.invitationSchema) }),
  },
  "PATCH /api/people/:id": {
    access: { ...admin(null), isFresh: true },
    says: "Changes a person; nobody grants more than they have, and an owner remains",
    body: people.changePersonSchema,
  },
  "DELETE /api/people/:id": {
    access: { ...admin("people:write"), isFresh: true },
    says: "Removes a person with all their ways in",
  },
  "DELETE /api/people/:id/sessions": {
    access: admin("people:write"),
    says: "Signs a person out everywhere, and ends their API tokens",
  },
  "POST /api/invitations": {
    access: { ...admin(null), isFresh: true },
    says: "Invites somebody by a link",
    body: people.newInvitationSchema,
    reply: people.madeInvitationSchema,
    status: 201,
  },
  "DELETE /api/invitations/:id": { access: admin("people:write"), says: "Withdraws an invitation" },

  "GET /api/sign-in-ways": {
    access: owner,
    says: "Identity providers, Cloudflare Access",
    reply: people.signInWaysSchema,
  },
  "PUT /api/sign-in-ways/identity-providers/:id": {
    access: freshOwner,
    says: "Saves an identity provider, after asking it whether it is one",
    body: people.putIdentityProviderSchema,
  },
  "DELETE /api/sign-in-ways/identity-providers/:id": { access: freshOwner, says: "Removes an identity provider" },
  "PUT /api/sign-in-ways/access": {
    access: freshOwner,
    says: "Lets Cloudflare Access sign people in, after asking for its keys",
    body: people.putAccessSchema,
  },
  "DELETE /api/sign-in-ways/access": { access: freshOwner, says: "No longer lets Cloudflare Access sign people in" },

  "GET /api/instances/:id": {
    access: viewer("fleet:read"),
    says: "An instance, its last values and its series",
    reply: instanceDetailSchema,
  },
  "PATCH /api/instances/:id": {
    access: admin("fleet:write"),
    says: "Names or tags an instance; a given name stays, whatever the agent says",
    body: changeInstanceSchema,
  },
  "DELETE /api/instances/:id": {
    access: admin("fleet:write"),
    says: "Removes an instance, its history and its tokens",
  },
  "GET /api/instances/:id/series": {
    access: viewer("fleet:read"),
    says: "A window of its history, as columns; `metrics` are series keys, separated by commas",
    query: seriesQuerySchema,
    reply: seriesColumnsSchema,
  },
  "GET /api/instances/:id/series.csv": {
    access: viewer("fleet:read"),
    says: "The same window as CSV, every point there is unless `points` says otherwise",
    query: seriesExportQuerySchema,
    replyType: "text/csv",
  },
  "GET /api/series": {
    access: viewer("fleet:read"),
    says: "A window of several instances, for comparison; `instances` are ids, separated by commas",
    query: comparisonQuerySchema,
    reply: comparisonSchema,
  },

  "GET /api/operations": {
    access: admin("fleet:read"),
    says: "What this Nephos uses of its plan today, and how its history is kept",
    reply: operationsSchema,
  },
  "PUT /api/operations/retention": {
    access: admin(null),
    says: "Sets how long history is kept; what is older is hidden at once and removed within days",
    body: retentionSchema,
  },

  "GET /api/enrolments": {
    access: admin("agents:read"),
    says: "Enrolment tokens that can still be used, without their secrets",
    reply: z.object({ enrolments: z.array(enrolmentSchema) }),
  },
  "POST /api/enrolments": {
    access: admin("agents:write"),
    says: "Makes an enrolment token: an agent exchanges it for its own",
    body: newEnrolmentSchema,
    reply: madeEnrolmentSchema,
    status: 201,
  },
  "DELETE /api/enrolments/:id": { access: admin("agents:write"), says: "Revokes an enrolment token" },
  "GET /api/agent-tokens": {
    access: admin("agents:read"),
    says: "Tokens of agents, without their secrets",
    reply: z.object({ tokens: z.array(agentTokenSchema) }),
  },
  "POST /api/agent-tokens": {
    access: admin("agents:write"),
    says: "Makes a token for a sender that cannot enrol; the first instance it reports binds it",
    body: newAgentTokenSchema,
    reply: madeAgentTokenSchema,
    status: 201,
  },
  "DELETE /api/agent-tokens/:id": {
    access: admin("agents:write"),
    says: "Revokes a token: refused from this moment on",
  },

  "GET /api/audit": {
    access: admin("audit:read"),
    says: "The audit log, newest first, a hundred entries at a time",
    query: auditQuerySchema,
    reply: z.object({ entries: z.array(auditEntrySchema) }),
  },
  "GET /api/audit/export.csv": {
    access: admin("audit:read"),
    says: "The audit log as CSV",
    query: auditQuerySchema,
    replyType: "text/csv",
  },

  "POST /enrol": {
    access: "enrolment",
    says: "Exchanges an enrolment token for the agent's own token",
    body: enrolRequestSchema,
    reply: enrolReplySchema,
    status: 201,
  },
  "GET /live": {
    access: viewer("fleet:read"),
    says: "The live socket (WebSocket); see docs/protocol.md",
    replyType: "application/json",
  },
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof ENDPOINTS;
type Row<Name extends EndpointName> = (typeof ENDPOINTS)[Name];
type Sent<Part> = Part extends z.ZodType ? z.input<Part> : never;

/** Method and path → what is sent and what comes back, as types. */
export type Endpoints = {
  [Name in EndpointName]: (Row<Name> extends { body: infer Body } ? { body: Sent<Body> } : unknown) & {
    reply: Row<Name> extends { reply: infer Reply extends z.ZodType } ? z.output<Reply> : void;
  };
};

/** What a handler is given, parsed. */
export type BodyOf<Name extends EndpointName> =
  Row<Name> extends { body: infer Body extends z.ZodType } ? z.output<Body> : undefined;
export type QueryOf<Name extends EndpointName> =
  Row<Name> extends { query: infer Query extends z.ZodType } ? z.output<Query> : undefined;
export type ReplyOf<Name extends EndpointName> = Endpoints[Name]["reply"];
