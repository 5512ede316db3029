import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import Provider, { type GrantContext } from "oidc-provider";
import { formOf, Listening } from "./listening.ts";

export interface OidcAccount {
  email?: string;
  email_verified?: boolean;
  name?: string;
}

const random = () => randomBytes(24).toString("base64url");

/**
 * A certified OpenID provider (npm: oidc-provider), with a sign-in page where any account that exists is believed: a text field
 * for its id, by form or by plain HTTP. PKCE is required; e-mail addresses come from its userinfo endpoint.
 */
export class OidcProvider {
  readonly clientId = "nephos";
  readonly clientSecret = random();
  readonly accounts: Map<string, OidcAccount>;
  #listening!: Listening;
  #provider!: Provider;

  private constructor(accounts: Record<string, OidcAccount>) {
    this.accounts = new Map(Object.entries(accounts));
  }

  static async start(redirectUri: string, accounts: Record<string, OidcAccount>): Promise<OidcProvider> {
    const started = new OidcProvider(accounts);
    const { privateKey } = await generateKeyPair("RS256", { extractable: true });
    const key = { ...(await exportJWK(privateKey)), kid: "first", alg: "RS256", use: "sig" };
    started.#listening = await Listening.start((request, response) => void started.#answer(request, response));
    started.#provider = new Provider(started.issuer, {
      clients: [{ client_id: started.clientId, client_secret: started.clientSecret, redirect_uris: [redirectUri] }],
      jwks: { keys: [key] },
      cookies: { keys: [random()] },
      pkce: { required: () => true },
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
      features: { devInteractions: { enabled: false } },
      ttl: { Session: 600, Interaction: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
      interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
      findAccount: (_: unknown, id: string) => {
        const account = started.accounts.get(id);
        return account && { accountId: id, claims: () => ({ sub: id, ...account }) };
      },
      // Whoever has signed in has agreed.
      loadExistingGrant: async ({ oidc }: GrantContext) => {
        const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId });
        grant.addOIDCScope("openid email profile");
        await grant.save();
        return grant;
      },
    });
    return started;
  }

  get issuer(): string {
    return this.#listening.url;
  }

  async stop(): Promise<void> {
    await this.#listening.stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!request.url!.startsWith("/interaction/")) return this.#provider.callback()(request, response);
    try {
      await this.#interact(request, response);
    } catch (error) {
      response.writeHead(400, { "content-type": "text/plain" }).end(String(error));
    }
  }

  async #interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.#provider.interactionDetails(request, response);
    if (request.method !== "POST") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(PAGE);
      return;
    }
    const form = await formOf(request);
    const id = form.get("account") ?? "";
    if (!form.has("refuse") && !this.accounts.has(id)) throw new Error("There is no such account.");
    const result = form.has("refuse") ? { error: "access_denied" } : { login: { accountId: id, remember: false } };
    await this.#provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
}

const PAGE = `<!doctype html><html lang="en"><title>Sign in elsewhere</title><form method="post">
<label>Account <input name="account" autofocus></label>
<button>Sign in</button> <button name="refuse" value="yes">Refuse</button></form></html>`;
