import type { Context, MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { Access } from "../../contract/api.ts";
import { SCOPES } from "../../contract/roles.ts";
import type { EpochMs } from "../../contract/units.ts";
import { recordRefused, type Actor } from "../audit/record.ts";
import { database, type Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { notBeyond, within } from "../limits/limits.ts";
import { SESSION_FRESH_MS, TOKEN_USE_WRITE_EVERY_MS } from "../settings.ts";
import { addressOf, senderOf } from "./address.ts";
import { knownBrowserOf } from "./known-browser.ts";
import { hasRole, hasScope, type GateEnv, type Principal } from "./principal.ts";
import { hashOf, looksLike } from "./secret.ts";
import { rotateWhenDue, sessionOf } from "./session.ts";
import { findEnrolment } from "./agent-token-store.ts";
import { findApiToken, touchApiToken } from "./store.ts";

type Ctx = Context<GateEnv>;
const READS = new Set(["GET", "HEAD"]);

/** Lets through whom the endpoint's row says, and nobody else. The one place where that is decided. */
export function gate(access: Access): MiddlewareHandler<GateEnv> {
  return createMiddleware<GateEnv>(async function gate(c, next) {
    const now = Date.now();
    if (access === "door") await knock(c, now);
    else if (access === "enrolment") await enrolmentToken(c, now);
    else if (access !== "public") c.set("principal", await admitted(c, access, now));
    await next();
  });
}

/** Anybody may knock, from a page of ours. A browser that has signed in before is counted for itself. */
async function knock(c: Ctx, now: EpochMs): Promise<void> {
  if (!isOwnOrigin(c.req.raw)) throw foreignOrigin();
  const known = await knownBrowserOf(c);
  await within(c.env, "door", known ? `browser ${known.key}` : `sender ${senderOf(c)}`, now);
}

async function enrolmentToken(c: Ctx, now: EpochMs): Promise<void> {
  await within(c.env, "enrol", senderOf(c), now);
  const token = bearerOf(c);
  if (token === undefined) throw tokenMissing();
  const db = database(c.env.DB);
  const found = looksLike("enrolment", token) ? await findEnrolment(db, hashOf(token)) : undefined;
  const reason = !found
    ? "the enrolment token is not known"
    : found.expiresAt <= now
      ? "the enrolment token has expired"
      : found.usesLeft <= 0
        ? "the enrolment token is used up"
        : null;
  if (!found || reason !== null) {
    const actor = { ...actorOf(c, null), name: found ? `enrolment ${found.label}` : null };
    await recordRefused(db, actor, { action: "enrolment.refused" }, reason ?? "", now);
    throw enrolmentUnknown();
  }
  c.set("enrolment", found);
}

async function admitted(c: Ctx, access: Exclude<Access, string>, now: EpochMs): Promise<Principal> {
  const db = database(c.env.DB);
  const token = bearerOf(c);
  const principal = token === undefined ? await byCookie(c, db, now) : await byToken(c, db, token, now);
  const refuse = async (error: NephosError, reason: string) => {
    await recordRefused(
      db,
      actorOf(c, principal),
      { action: "request.refused", subject: `${c.req.method} ${c.req.routePath}` },
      reason,
      now,
    );
    return error;
  };
  if (!hasScope(principal, access.scope)) throw await refuse(scopeMissing(access.scope), "the token lacks the scope");
  if (!hasRole(principal, access.role)) {
    throw await refuse(
      new NephosError("role_too_low", `This takes the role ${access.role}; yours is ${principal.person.role}.`, {
        remedy: "Ask an owner or admin to do it, or for the role.",
      }),
      `the role is ${principal.person.role}`,
    );
  }
  if (access.isFresh && principal.via.kind === "browser" && freshUntil(principal.via.session) <= now) {
    throw await refuse(
      new NephosError("sign_in_again", "It has been a while since you signed in on this browser.", {
        remedy: "Sign in again, then repeat this: ways to sign in are only changed by who is surely you.",
      }),
      "the session is not fresh",
    );
  }
  return principal;
}

async function byCookie(c: Ctx, db: Database, now: EpochMs): Promise<Principal> {
  const found = await sessionOf(c, db, now);
  if (!("signedIn" in found)) {
    if (found.reason !== null) {
      const done = { action: "request.refused", subject: `${c.req.method} ${c.req.routePath}` } as const;
      await recordRefused(db, actorOf(c, null), done, found.reason, now);
    }
    throw new NephosError("sign_in_required", "You are not signed in.", {
      remedy: "Sign in, or open a printed sign-in link.",
    });
  }
  const { session, person, isPrevious } = found.signedIn;
  if ((!READS.has(c.req.method) || c.req.header("upgrade")) && !isOwnOrigin(c.req.raw)) {
    const done = { action: "request.refused", subject: `${c.req.method} ${c.req.routePath}` } as const;
    await recordRefused(
      db,
      actorOf(c, { person, via: { kind: "browser", session } }),
      done,
      "the page is not ours",
      now,
    );
    throw foreignOrigin();
  }
  // Here alone: an answer with a cookie must not come from requests that run side by side.
  if (c.req.path === "/api/session" && c.req.method === "GET") {
    await rotateWhenDue(c, db, { session, isPrevious }, now);
  }
  return { person, via: { kind: "browser", session } };
}

async function byToken(c: Ctx, db: Database, token: string, now: EpochMs): Promise<Principal> {
  const refuse = async (reason: string) => {
    await within(c.env, "refused", senderOf(c), now);
    const done = { action: "request.refused", subject: `${c.req.method} ${c.req.routePath}` } as const;
    await recordRefused(db, actorOf(c, null), done, reason, now);
    return new NephosError("token_unknown", "This token is not known here, was revoked, or has expired.", {
      field: "authorization",
      remedy: "Make a new API token in the dashboard under Account.",
    });
  };
  notBeyond("refused", senderOf(c), now);
  if (!looksLike("api", token)) throw await refuse("what was sent is no API token");
  const hash = hashOf(token);
  await within(c.env, "apiToken", hash, now);
  const found = await findApiToken(db, hash);
  if (!found) throw await refuse("the API token is not known");
  if (found.token.expiresAt !== null && found.token.expiresAt <= now) throw await refuse("the API token has expired");
  if ((found.token.lastUsedAt ?? 0) < now - TOKEN_USE_WRITE_EVERY_MS) await touchApiToken(db, found.token.id, now);
  return { person: found.person, via: { kind: "token", token: found.token } };
}

function bearerOf(c: Context): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
}

/** A page of somebody else cannot forge `Origin`; a browser sends it with every mutation and every WebSocket. */
function isOwnOrigin(request: Request): boolean {
  return request.headers.get("origin") === new URL(request.url).origin;
}

function foreignOrigin(): NephosError {
  return new NephosError("foreign_origin", "This request does not come from a page of this Nephos.", {
    field: "Origin",
    remedy: "Use the dashboard under its own address.",
  });
}

export function freshUntil(session: { startedAt: EpochMs }): EpochMs {
  return session.startedAt + SESSION_FRESH_MS;
}

/** Who did it, as the audit log tells of them. */
export function actorOf(c: Context, principal: Principal | null): Actor {
  const address = addressOf(c);
  if (!principal) return { id: null, name: null, via: null, address };
  const { person, via } = principal;
  return {
    id: person.id,
    name: person.name,
    via: via.kind === "browser" ? "browser" : `API token ${via.token.label}`,
    address,
  };
}

export function enrolmentUnknown(): NephosError {
  return new NephosError("token_unknown", "This enrolment token is not known here, is used up, or has expired.", {
    field: "authorization",
    remedy: "Make a new one in the dashboard under Add, and use it on this machine.",
  });
}

function tokenMissing(): NephosError {
  return new NephosError("token_missing", "This address takes an enrolment token only.", {
    field: "authorization",
    remedy: "Send `Authorization: Bearer <enrolment token>`.",
  });
}

function scopeMissing(scope: keyof typeof SCOPES | null): NephosError {
  if (scope === null) {
    return new NephosError("scope_missing", "This takes a person in a browser; no API token may do it.", {
      remedy: "Use the dashboard.",
    });
  }
  return new NephosError("scope_missing", `This API token was not made for this: it lacks ${scope}.`, {
    field: "authorization",
    remedy: `Make one with the scope ${scope} (${SCOPES[scope]}).`,
  });
}
