import { api } from "../auth/api.ts";
import { hashOf, newToken, shownPrefix } from "../auth/secret.ts";
import { forgetCookie } from "../auth/session.ts";
import * as auth from "../auth/store.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { calling, shard } from "../live/shard-client.ts";
import { API_TOKENS_PER_PERSON_MAX } from "../settings.ts";
import { notFound, record, sessionOfBrowser } from "./acting.ts";
import { listPasskeys } from "./passkey-store.ts";
import { countRecoveryCodes, findTotp, hasPassword } from "./password-store.ts";
import { renamePerson } from "./people-store.ts";
import { deleteIdentity, listIdentities } from "./identity-store.ts";
import { requireAnotherWay } from "./sign-in.ts";

/** One's own account: who one is, where one is signed in, which programs act for one. */
export const accountRoutes = api({
  "GET /api/account": async (c) => {
    const db = database(c.env.DB);
    const { person } = c.var.principal;
    const here = sessionOfBrowser(c).id;
    const [passkeys, isPassword, totp, recoveryCodesLeft, identities, sessions, tokens] = await Promise.all([
      listPasskeys(db, person.id),
      hasPassword(db, person.id),
      findTotp(db, person.id),
      countRecoveryCodes(db, person.id),
      listIdentities(db, person.id),
      auth.listSessions(db, person.id, Date.now()),
      auth.listApiTokens(db, person.id),
    ]);
    return {
      person,
      passkeys,
      hasPassword: isPassword,
      totp: { isOn: totp?.confirmedAt != null, recoveryCodesLeft },
      identities,
      sessions: sessions.map((session) => ({ ...session, isThis: session.id === here })),
      apiTokens: tokens.map(({ hash: _hash, personId: _personId, ...told }) => told),
    };
  },

  "PATCH /api/account": async (c, { body: { name } }) => {
    const { person } = c.var.principal;
    await renamePerson(database(c.env.DB), person.id, name);
    await record(c, { action: "account.renamed", before: person.name, after: name });
  },

  "DELETE /api/account/identities/:id": async (c) => {
    const db = database(c.env.DB);
    const { person } = c.var.principal;
    await requireAnotherWay(db, person.id, c.req.param("id")!);
    const gone = await deleteIdentity(db, person.id, c.req.param("id")!);
    if (gone === undefined) throw notFound("account");
    await record(c, { action: "identity.removed", subject: gone });
  },

  "DELETE /api/account/sessions": async (c) => {
    const { person } = c.var.principal;
    const ended = await auth.deleteSessionsOf(database(c.env.DB), person.id);
    forgetCookie(c);
    await calling(async () => shard(c.env).sessionsEnded(ended));
    await record(c, { action: "sessions.ended", before: `${ended.length} sessions` });
  },

  "DELETE /api/account/sessions/:id": async (c) => {
    const only = c.req.param("id")!;
    const ended = await auth.deleteSessionsOf(database(c.env.DB), c.var.principal.person.id, { only });
    if (ended.length === 0) throw notFound("session");
    await calling(async () => shard(c.env).sessionsEnded(ended));
    await record(c, { action: "session.ended" });
  },

  "POST /api/account/api-tokens": async (c, { body: { label, scopes, expiresInDays } }) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const { person } = c.var.principal;
    if ((await auth.listApiTokens(db, person.id)).length >= API_TOKENS_PER_PERSON_MAX) {
      throw new NephosError("too_many_kept", `An account has at most ${API_TOKENS_PER_PERSON_MAX} API tokens.`, {
        remedy: "Revoke one that is not used any more.",
      });
    }
    const secret = newToken("api");
    const told = {
      id: crypto.randomUUID(),
      prefix: shownPrefix(secret),
      label,
      scopes: [...new Set(scopes)],
      createdAt: now,
      expiresAt: expiresInDays === null ? null : now + expiresInDays * 86_400_000,
      lastUsedAt: null,
    };
    await auth.insertApiToken(db, { ...told, personId: person.id, hash: hashOf(secret) });
    await record(c, { action: "api_token.made", subject: label, after: told.scopes.join(", ") });
    return { ...told, secret };
  },

  "DELETE /api/account/api-tokens/:id": async (c) => {
    const id = c.req.param("id")!;
    const label = await auth.deleteApiToken(database(c.env.DB), c.var.principal.person.id, id);
    if (label === undefined) throw notFound("API token");
    await calling(async () => shard(c.env).sessionsEnded([id]));
    await record(c, { action: "api_token.revoked", subject: label });
  },
});
