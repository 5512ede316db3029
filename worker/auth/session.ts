import type { Context } from "hono";
import { deleteCookie, getSignedCookie, setSignedCookie } from "hono/cookie";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { SESSION_TTL_MS } from "../settings.ts";
import { hashOf, newSecret } from "./secret.ts";
import * as store from "./store.ts";

const COOKIE = "nephos_session";

/** `__Host-` binds the cookie to this very host; browsers take it on HTTPS only, and local use is plain HTTP. */
function prefixOf(c: Context): "host" | undefined {
  return new URL(c.req.url).protocol === "https:" ? "host" : undefined;
}

export type SignedInEnv = { Bindings: Env; Variables: { session: SignedIn } };

export interface SignedIn {
  hash: string;
  expiresAt: EpochMs;
}

/** Makes a session and gives its cookie to the browser. */
export async function startSession(c: Context<SignedInEnv>, db: Database, now: EpochMs): Promise<SignedIn> {
  const secret = newSecret();
  const signedIn = { hash: hashOf(secret), expiresAt: now + SESSION_TTL_MS };
  await store.insertSession(db, signedIn.hash, now, signedIn.expiresAt);
  const prefix = prefixOf(c);
  await setSignedCookie(c, COOKIE, secret, c.env.SESSION_SECRET, {
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    maxAge: SESSION_TTL_MS / 1000,
    secure: prefix === "host",
    ...(prefix && { prefix }),
  });
  return signedIn;
}

/** Whose browser this is, or undefined. A forged cookie fails its signature and costs no database read. */
export async function sessionOf(c: Context<SignedInEnv>, db: Database, now: EpochMs): Promise<SignedIn | undefined> {
  const secret = await getSignedCookie(c, c.env.SESSION_SECRET, COOKIE, prefixOf(c));
  if (!secret) return undefined;
  return store.findSession(db, hashOf(secret), now);
}

export async function endSession(c: Context<SignedInEnv>, db: Database, hash: string): Promise<void> {
  await store.deleteSession(db, hash);
  const prefix = prefixOf(c);
  deleteCookie(c, COOKIE, { path: "/", secure: prefix === "host", ...(prefix && { prefix }) });
}
