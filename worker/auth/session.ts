import type { Context } from "hono";
import { deleteCookie, getSignedCookie, setSignedCookie } from "hono/cookie";
import type { Person, Way } from "../../contract/people.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import * as settings from "../settings.ts";
import { addressOf } from "./address.ts";
import { browserInWords } from "./browser-in-words.ts";
import type { GateEnv } from "./principal.ts";
import { hashOf, newSecret } from "./secret.ts";
import * as store from "./store.ts";
import type { SessionRow } from "./table.ts";

const COOKIE = "nephos_session";

/** `__Host-` binds a cookie to this very host; browsers take it on HTTPS only, and local use is plain HTTP. */
export function cookiePrefixOf(c: Context): "host" | undefined {
  return new URL(c.req.url).protocol === "https:" ? "host" : undefined;
}

export interface SignedIn {
  session: SessionRow;
  person: Person;
  /** Whether the cookie carried the secret before the present one. */
  isPrevious: boolean;
}

/** Makes a session and gives its cookie to the browser. Whatever session the browser came with has ended by then. */
export async function startSession(
  c: Context<GateEnv>,
  db: Database,
  person: Person,
  way: Way,
  now: EpochMs,
): Promise<SignedIn> {
  const secret = newSecret();
  const session: SessionRow = {
    id: crypto.randomUUID(),
    personId: person.id,
    hash: hashOf(secret),
    previousHash: null,
    rotatedAt: now,
    way,
    browser: browserInWords(c.req.header("user-agent")),
    address: addressOf(c),
    startedAt: now,
    lastSeenAt: now,
    expiresAt: now + settings.SESSION_TTL_MS,
  };
  await store.insertSession(db, session, settings.SESSIONS_PER_PERSON_MAX);
  await giveCookie(c, secret, session.expiresAt - now);
  return { session, person, isPrevious: false };
}

async function giveCookie(c: Context<GateEnv>, secret: string, forMs: number): Promise<void> {
  const prefix = cookiePrefixOf(c);
  await setSignedCookie(c, COOKIE, secret, c.env.SESSION_SECRET, {
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    maxAge: Math.floor(forMs / 1_000),
    secure: prefix === "host",
    ...(prefix && { prefix }),
  });
}

/** `signedIn` where the browser is; else the reason why not, which is for the log alone: outside all are told the same. */
export async function sessionOf(
  c: Context<GateEnv>,
  db: Database,
  now: EpochMs,
): Promise<{ signedIn: SignedIn } | { reason: string | null }> {
  const secret = await getSignedCookie(c, c.env.SESSION_SECRET, COOKIE, cookiePrefixOf(c));
  if (secret === undefined) return { reason: null };
  if (secret === false) return { reason: "the cookie's signature is not ours" };
  const found = await store.findSession(db, hashOf(secret));
  if (!found) return { reason: "the session has ended" };
  const { session } = found;
  if (session.expiresAt <= now) return { reason: "the session has expired" };
  if (session.lastSeenAt <= now - settings.SESSION_IDLE_MS) return { reason: "the session was not used for too long" };
  if (found.isPrevious && session.rotatedAt <= now - settings.SESSION_ROTATE_GRACE_MS) {
    // Two hold cookies of one session, and one of them is not its owner. Which, nobody can tell: it ends for both.
    await store.deleteSession(db, session.id);
    return { reason: "an old cookie of the session was used again; the session was ended" };
  }
  if (session.lastSeenAt <= now - settings.SESSION_SEEN_WRITE_EVERY_MS) {
    await store.touchSession(db, session.id, now, addressOf(c));
  }
  return { signedIn: found };
}

/** Once a day the cookie gets a new secret: a copy of the old one is worth nothing any more. */
export async function rotateWhenDue(
  c: Context<GateEnv>,
  db: Database,
  { session, isPrevious }: Pick<SignedIn, "session" | "isPrevious">,
  now: EpochMs,
): Promise<void> {
  // A browser that still shows the secret before did not get the answer with the new one.
  if (!isPrevious && session.rotatedAt > now - settings.SESSION_ROTATE_EVERY_MS) return;
  const secret = newSecret();
  const kept = isPrevious ? session.previousHash! : session.hash;
  if (await store.rotateSession(db, session, hashOf(secret), kept, now)) {
    await giveCookie(c, secret, session.expiresAt - now);
  }
}

export function forgetCookie(c: Context): void {
  const prefix = cookiePrefixOf(c);
  deleteCookie(c, COOKIE, { path: "/", secure: prefix === "host", ...(prefix && { prefix }) });
}
