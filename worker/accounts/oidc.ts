import { createHash, randomBytes } from "node:crypto";
import type { AuthorizationServer, Client } from "oauth4webapi";
import type { EpochMs } from "../../contract/units.ts";
import { discovered, requestOptions } from "./discovery.ts";
import { accountElsewhere, type AccountElsewhere } from "./newcomer.ts";
import { reasonOf } from "./outside.ts";
import type { IdentityProviderRow } from "./table.ts";

export const OIDC_SCOPE = "openid email profile";

/** What must come back with the browser, and be remembered until then. */
export interface Trip {
  url: string;
  state: string;
  nonce: string;
  codeVerifier: string;
}

export interface Return {
  /** The address the browser came back to, with what the provider put into it. */
  url: URL;
  redirectUri: string;
  state: string;
  nonce: string;
  codeVerifier: string;
}

/** Where to send the browser: authorization code flow with PKCE (RFC 7636), state, and nonce. */
export async function oidcTrip(
  { issuer, clientId }: IdentityProviderRow,
  redirectUri: string,
  origin: string,
  now: EpochMs,
): Promise<Trip> {
  const server = await discovered(issuer, origin, now);
  return tripTo(server.authorization_endpoint!, clientId, redirectUri, OIDC_SCOPE);
}

export function tripTo(endpoint: string, clientId: string, redirectUri: string, scope: string): Trip {
  const [state, nonce, codeVerifier] = [secret(), secret(), secret()];
  const url = new URL(endpoint);
  const parameters = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: createHash("sha256").update(codeVerifier).digest("base64url"),
    code_challenge_method: "S256",
    ...(scope === OIDC_SCOPE && { nonce }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url: url.href, state, nonce, codeVerifier };
}

const secret = () => randomBytes(32).toString("base64url");

/** Whose account it is: the code exchanged, and the ID token checked as OpenID Connect Core 3.1.3.7 asks, signature included. */
export async function oidcAccount(
  { issuer, clientId }: IdentityProviderRow,
  clientSecret: string,
  { url, redirectUri, state, nonce, codeVerifier }: Return,
  origin: string,
  now: EpochMs,
): Promise<AccountElsewhere> {
  const oauth = await import("oauth4webapi");
  const server = await discovered(issuer, origin, now);
  const client: Client = { client_id: clientId };
  const options = requestOptions(oauth, issuer, origin);
  const parameters = oauth.validateAuthResponse(server, client, url, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    takesBasic(server) ? oauth.ClientSecretBasic(clientSecret) : oauth.ClientSecretPost(clientSecret),
    parameters,
    redirectUri,
    codeVerifier,
    options,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  // Not asked for by the standard where TLS has shown who answers; a second lock costs one request in ten minutes.
  await oauth.validateApplicationLevelSignature(server, response, options).catch((error: unknown) => {
    throw new Error(`the ID token's signature: ${reasonOf(error)}`, { cause: error });
  });
  const claims = oauth.getValidatedIdTokenClaims(tokens)!;
  // Where an access token comes too, a provider may keep the e-mail address for its userinfo endpoint (Core 5.4).
  const told =
    claims["email"] === undefined && server.userinfo_endpoint
      ? await oauth.processUserInfoResponse(
          server,
          client,
          claims.sub,
          await oauth.userInfoRequest(server, client, tokens.access_token, options),
        )
      : claims;
  return accountElsewhere({
    issuer: claims.iss,
    subject: claims.sub,
    email: told["email"],
    // Some providers write it as text.
    isEmailVerified: String(told["email_verified"]) === "true",
    name: told["name"] ?? claims["name"],
  });
}

/** The default of OpenID Connect, unless the provider says that it takes something else. */
function takesBasic({ token_endpoint_auth_methods_supported: methods }: AuthorizationServer): boolean {
  return !Array.isArray(methods) || methods.includes("client_secret_basic");
}
