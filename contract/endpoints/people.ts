import { z } from "zod";
import { admin, freshOwner, freshSelf, owner, self, type Endpoint } from "../access.ts";
import * as people from "../people.ts";

/** Ways in, one's own account, people. */
export const PEOPLE_ENDPOINTS = {
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
} as const satisfies Record<string, Endpoint>;
