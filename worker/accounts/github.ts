import type { AuthorizationServer, Client } from "oauth4webapi";
import { requestOptions } from "./discovery.ts";
import { accountElsewhere, type AccountElsewhere } from "./newcomer.ts";
import { tripTo, type Return, type Trip } from "./oidc.ts";
import { outside, OutsideProblem } from "./outside.ts";
import type { IdentityProviderRow } from "./table.ts";

export const GITHUB = "https://github.com";
const GITHUB_API = "https://api.github.com";
const SCOPE = "read:user user:email";

/** GitHub is no OpenID provider: OAuth with PKCE, and its API says whose token it is. */
export function githubTrip({ issuer, clientId }: IdentityProviderRow, redirectUri: string): Trip {
  return tripTo(serverAt(issuer).authorization_endpoint!, clientId, redirectUri, SCOPE);
}

export async function githubAccount(
  { issuer, clientId }: IdentityProviderRow,
  clientSecret: string,
  { url, redirectUri, state, codeVerifier }: Return,
  origin: string,
): Promise<AccountElsewhere> {
  const oauth = await import("oauth4webapi");
  const server = serverAt(issuer);
  const client: Client = { client_id: clientId };
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.ClientSecretPost(clientSecret),
    oauth.validateAuthResponse(server, client, url, state),
    redirectUri,
    codeVerifier,
    requestOptions(oauth, issuer, origin),
  );
  const { access_token: token } = await oauth.processAuthorizationCodeResponse(server, client, response);
  const api = apiAt(issuer);
  const [user, emails] = await Promise.all([
    asked(`${api}/user`, token, origin),
    asked(`${api}/user/emails`, token, origin),
  ]);
  const { id, login, name } = user as { id?: unknown; login?: unknown; name?: unknown };
  if (!Number.isSafeInteger(id)) throw new OutsideProblem("GitHub did not say whose token it is.");
  const email = Array.isArray(emails)
    ? (emails as Partial<Email>[]).find((entry) => entry?.primary === true)
    : undefined;
  return accountElsewhere({
    issuer,
    // The number: a name can be given up, and taken by somebody else.
    subject: String(id),
    email: email?.email,
    isEmailVerified: email?.verified === true,
    name: name ?? login,
  });
}

interface Email {
  email: unknown;
  primary: unknown;
  verified: unknown;
}

async function asked(url: string, token: string, origin: string): Promise<unknown> {
  const response = await outside(origin)(url, {
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      // GitHub's API refuses whoever does not say who they are.
      "user-agent": "Nephos",
      "x-github-api-version": "2022-11-28",
    },
  });
  if (response.status !== 200) throw new OutsideProblem(`GitHub's API answered ${response.status}.`);
  const body: unknown = await response.json().catch(() => null);
  if (typeof body !== "object" || body === null) throw new OutsideProblem("GitHub's API did not answer with JSON.");
  return body;
}

function serverAt(issuer: string): AuthorizationServer {
  return {
    // As GitHub names itself in the `iss` parameter (RFC 9207) it sends since April 2026.
    issuer: `${issuer}/login/oauth`,
    authorization_endpoint: `${issuer}/login/oauth/authorize`,
    token_endpoint: `${issuer}/login/oauth/access_token`,
  };
}

/** A stand-in has its API where GitHub Enterprise Server has it. */
function apiAt(issuer: string): string {
  return issuer === GITHUB ? GITHUB_API : `${issuer}/api/v3`;
}
