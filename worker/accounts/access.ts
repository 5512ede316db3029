import type { RemoteJWKSet } from "jose";
import { OUTSIDE_CLOCK_TOLERANCE_SECONDS, OUTSIDE_TIMEOUT_MS } from "../settings.ts";
import { isAllowedIssuer } from "./issuer.ts";
import { isLoopback } from "../public-host.ts";
import { accountElsewhere, type AccountElsewhere } from "./newcomer.ts";
import { outside, OutsideProblem } from "./outside.ts";

/** Cloudflare Access puts it on every request it lets through. */
export const ACCESS_HEADER = "cf-access-jwt-assertion";
/** What its identities are kept under. */
export const ACCESS_ID = "access";

const TEAM = /^[a-z0-9-]+\.cloudflareaccess\.com$/;

export function isAllowedTeam(issuer: string, origin: string): boolean {
  if (!isAllowedIssuer(issuer, origin)) return false;
  const url = new URL(issuer);
  return url.pathname === "/" && (isLoopback(url) || (TEAM.test(url.hostname) && url.port === ""));
}

/** The keys of a team, once per isolate: the library asks again where a token names a key that is new. */
const keySets = new Map<string, RemoteJWKSet>();

/** Who it is that Cloudflare Access let through. Throws where the assertion is not one of this team for this application. */
export async function accessAccount(
  assertion: string,
  { issuer, audience }: { issuer: string; audience: string },
  origin: string,
): Promise<AccountElsewhere> {
  const jose = await import("jose");
  let keys = keySets.get(issuer);
  if (!keys) {
    const options = { [jose.customFetch]: outside(origin), timeoutDuration: OUTSIDE_TIMEOUT_MS };
    keys = jose.createRemoteJWKSet(new URL(certsOf(issuer)), options);
    keySets.set(issuer, keys);
  }
  const { payload } = await jose.jwtVerify(assertion, keys, {
    algorithms: ["RS256"],
    issuer,
    audience,
    clockTolerance: OUTSIDE_CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ["exp", "iat", "sub"],
  });
  const { sub, email, common_name: service } = payload as { sub?: unknown; email?: unknown; common_name?: unknown };
  if (typeof email !== "string" || typeof sub !== "string" || sub === "" || service !== undefined) {
    throw new Error("the assertion is of no person: it has no e-mail address, or is a service token's");
  }
  const account = accountElsewhere({ issuer, subject: sub, email, isEmailVerified: true, name: null });
  if (account.email === null) throw new Error("the assertion's e-mail address is none");
  return account;
}

/** Asks for a team's keys. Throws a `OutsideProblem` that says why it will not do. */
export async function requireKeys(issuer: string, origin: string): Promise<void> {
  const response = await outside(origin)(certsOf(issuer), { headers: { accept: "application/json" } });
  if (response.status !== 200) {
    throw new OutsideProblem(`It answered ${response.status} where its keys should be. Is that the name of the team?`);
  }
  const body: unknown = await response.json().catch(() => {
    throw new OutsideProblem("What it has where its keys should be is not JSON.");
  });
  const { keys } = (body ?? {}) as { keys?: unknown };
  const isThere = Array.isArray(keys) && keys.some((key) => (key as { kty?: unknown } | null)?.kty === "RSA");
  if (!isThere) throw new OutsideProblem("It shows no keys.");
}

const certsOf = (issuer: string) => `${issuer}/cdn-cgi/access/certs`;
