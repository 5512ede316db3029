import type { AuthorizationServer } from "oauth4webapi";
import type { EpochMs } from "../../contract/units.ts";
import { PROVIDER_DISCOVERY_CACHE_MS } from "../settings.ts";
import { isAllowedAddress, isAllowedIssuer } from "./issuer.ts";
import { isLoopback } from "../public-host.ts";
import { outside, OutsideProblem } from "./outside.ts";

/** What is needed of a provider, and what it is called in words. */
const ENDPOINTS = {
  authorization_endpoint: "authorization endpoint",
  token_endpoint: "token endpoint",
  jwks_uri: "address of its keys",
} as const;
const CHECKABLE = /^(RS|PS|ES)\d{3}$|^Ed(DSA|25519)$/;

/** Answers only, never promises: what one request waits for must not hang another. */
const known = new Map<string, { server: AuthorizationServer; until: EpochMs }>();

/** What a provider says of itself, asked again every ten minutes. */
export async function discovered(issuer: string, origin: string, now: EpochMs): Promise<AuthorizationServer> {
  const found = known.get(issuer);
  return found && found.until > now ? found.server : discover(issuer, origin, now);
}

/** Asks a provider for its discovery document. Throws a `OutsideProblem` that says why it will not do. */
export async function discover(issuer: string, origin: string, now: EpochMs): Promise<AuthorizationServer> {
  if (!isAllowedIssuer(issuer, origin)) {
    throw new OutsideProblem("An issuer is an https address on the internet, without credentials, query or fragment.");
  }
  const oauth = await import("oauth4webapi");
  const response = await oauth.discoveryRequest(new URL(issuer), requestOptions(oauth, issuer, origin));
  if (response.status !== 200) {
    throw new OutsideProblem(`It answered ${response.status} where its discovery document should be.`);
  }
  const server = await oauth.processDiscoveryResponse(new URL(issuer), response).catch((error: unknown) => {
    const { code } = error as { code?: string };
    if (code === oauth.PARSE_ERROR || code === oauth.RESPONSE_IS_NOT_JSON) {
      throw new OutsideProblem("Its discovery document is not JSON.");
    }
    if (code === oauth.JSON_ATTRIBUTE_COMPARISON)
      throw new OutsideProblem("Its discovery document names another issuer.");
    throw new OutsideProblem("What it has where its discovery document should be is none.");
  });
  requireFit(server, origin);
  // As it names itself, which is how it is kept.
  known.set(server.issuer, { server, until: now + PROVIDER_DISCOVERY_CACHE_MS });
  return server;
}

function requireFit(server: AuthorizationServer, origin: string): void {
  for (const [name, words] of Object.entries(ENDPOINTS) as [keyof typeof ENDPOINTS, string][]) {
    const value: unknown = server[name];
    if (typeof value !== "string") throw new OutsideProblem(`Its discovery document names no ${words}.`);
    const url = URL.parse(value);
    if (!url || !isAllowedAddress(url, origin)) {
      throw new OutsideProblem(`The ${words} that its discovery document names may not be used.`);
    }
  }
  const algorithms: unknown = server.id_token_signing_alg_values_supported;
  if (Array.isArray(algorithms) && !algorithms.some((name) => CHECKABLE.test(String(name)))) {
    throw new OutsideProblem("It signs its ID tokens in no way that can be checked with its public keys.");
  }
}

/** How the library is to send its requests: through `outside`, and without TLS to this very machine only. */
export function requestOptions(oauth: typeof import("oauth4webapi"), issuer: string, origin: string) {
  const isLocal = isLoopback(new URL(issuer)) && isLoopback(new URL(origin));
  return { [oauth.customFetch]: outside(origin), [oauth.allowInsecureRequests]: isLocal };
}
