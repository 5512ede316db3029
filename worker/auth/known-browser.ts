import type { Context } from "hono";
import { getSignedCookie, setSignedCookie } from "hono/cookie";
import { KNOWN_BROWSER_TTL_MS } from "../settings.ts";
import type { GateEnv } from "./principal.ts";
import { newSecret } from "./secret.ts";
import { cookiePrefixOf } from "./session.ts";

/**
 * A browser that has signed in as somebody carries a signed note of that. It proves nothing about who sits there and opens no
 * door; it only sets the browser apart from strangers, so that what strangers get wrong is not counted against it and cannot
 * lock it out.
 */
const COOKIE = "nephos_browser";

export interface KnownBrowser {
  /** Whom it signed in as. */
  personId: string;
  /** Tells browsers apart. */
  key: string;
}

export async function knownBrowserOf(c: Context<GateEnv>): Promise<KnownBrowser | undefined> {
  const value = await getSignedCookie(c, c.env.SESSION_SECRET, COOKIE, cookiePrefixOf(c));
  const [personId, key] = value ? value.split(".") : [];
  return personId && key ? { personId, key } : undefined;
}

export async function rememberBrowser(c: Context<GateEnv>, personId: string): Promise<void> {
  const prefix = cookiePrefixOf(c);
  await setSignedCookie(c, COOKIE, `${personId}.${newSecret()}`, c.env.SESSION_SECRET, {
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    maxAge: KNOWN_BROWSER_TTL_MS / 1_000,
    secure: prefix === "host",
    ...(prefix && { prefix }),
  });
}
