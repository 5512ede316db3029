import { createHmac } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from "jose";
import { formOf, Listening } from "./listening.ts";

/** What a certified provider cannot be made to do. `none` is one that behaves. */
export type Misbehaviour =
  | "none"
  | "wrong nonce"
  | "no nonce"
  | "wrong audience"
  | "other party"
  | "unsigned"
  | "public key as secret"
  | "expired"
  | "foreign key"
  | "other issuer in the token"
  | "other issuer in the address"
  | "no issuer in the address"
  | "slow"
  | "cut off"
  | "fails"
  | "answers in HTML"
  | "redirects"
  | "endless"
  | "other issuer in the discovery document"
  | "no authorization endpoint"
  | "keys at a private address";

const KID = "first";

/** An issuer that behaves or not, as it is told. Its address for browsers sends them straight back. */
export class MisbehavingIssuer {
  readonly clientId = "nephos";
  readonly clientSecret = "secret of the misbehaving one";
  behaviour: Misbehaviour = "none";
  claims: JWTPayload = {};
  tokenRequests = 0;
  #listening!: Listening;
  #key!: CryptoKey;
  #foreignKey!: CryptoKey;
  #jwk!: Record<string, unknown>;
  #publicPem = "";
  #nonces = new Map<string, { nonce: string; challenge: string }>();

  static async start(): Promise<MisbehavingIssuer> {
    const issuer = new MisbehavingIssuer();
    const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
    issuer.#key = privateKey;
    issuer.#foreignKey = (await generateKeyPair("RS256")).privateKey;
    issuer.#jwk = { ...(await exportJWK(publicKey)), kid: KID, alg: "RS256", use: "sig" };
    issuer.#publicPem = await exportSPKI(publicKey);
    issuer.#listening = await Listening.start((request, response) => void issuer.#answer(request, response));
    return issuer;
  }

  get issuer(): string {
    return this.#listening.url;
  }

  async stop(): Promise<void> {
    await this.#listening.stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.issuer);
    if (url.pathname === "/authorize") return this.#sendBack(url, response);
    if (url.pathname === "/keys") return json(response, { keys: [this.#jwk] });
    const isToken = url.pathname === "/token";
    if (isToken) this.tokenRequests++;
    switch (this.behaviour) {
      case "slow":
        return;
      case "fails":
        response.writeHead(500).end("boom <script>alert(1)</script>");
        return;
      case "cut off":
        response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
        response.write('{"access_token":"half');
        setTimeout(() => response.destroy(), 50);
        return;
      case "answers in HTML":
        response.writeHead(200, { "content-type": "text/html" }).end("<h1>Captive portal</h1>");
        return;
      case "redirects":
        response.writeHead(302, { location: `${this.issuer}/keys` }).end();
        return;
      case "endless":
        this.#flood(response);
        return;
      default:
        if (isToken) await this.#token(request, response);
        else this.#discovery(response);
    }
  }

  #flood(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "application/json" });
    const more = () => {
      while (!response.destroyed && response.write("x".repeat(65_536)));
    };
    response.on("drain", more);
    more();
  }

  #discovery(response: ServerResponse): void {
    const isOther = this.behaviour === "other issuer in the discovery document";
    json(response, {
      issuer: isOther ? "https://accounts.example.com" : this.issuer,
      ...(this.behaviour !== "no authorization endpoint" && { authorization_endpoint: `${this.issuer}/authorize` }),
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: this.behaviour === "keys at a private address" ? "http://169.254.169.254/keys" : `${this.issuer}/keys`,
      // A provider may say that it also leaves tokens unsigned (Discovery, section 3).
      id_token_signing_alg_values_supported: ["RS256", "HS256", "none"],
      authorization_response_iss_parameter_supported: true,
    });
  }

  #sendBack(url: URL, response: ServerResponse): void {
    const code = crypto.randomUUID();
    const { nonce = "", code_challenge: challenge = "" } = Object.fromEntries(url.searchParams);
    this.#nonces.set(code, { nonce, challenge });
    const back = new URL(url.searchParams.get("redirect_uri")!);
    back.searchParams.set("code", code);
    back.searchParams.set("state", url.searchParams.get("state")!);
    if (this.behaviour === "other issuer in the address") back.searchParams.set("iss", "https://accounts.example.com");
    else if (this.behaviour !== "no issuer in the address") back.searchParams.set("iss", this.issuer);
    response.writeHead(302, { location: back.href }).end();
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = await formOf(request);
    const code = form.get("code") ?? "";
    const issued = this.#nonces.get(code);
    this.#nonces.delete(code);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(form.get("code_verifier") ?? ""));
    if (!issued || Buffer.from(digest).toString("base64url") !== issued.challenge) {
      return json(response, { error: "invalid_grant" }, 400);
    }
    const token = { access_token: "at", token_type: "Bearer", id_token: await this.#idToken(issued.nonce) };
    json(response, token);
  }

  async #idToken(issuedNonce: string): Promise<string> {
    const is = (behaviour: Misbehaviour) => this.behaviour === behaviour;
    const now = Math.floor(Date.now() / 1_000);
    const age = is("expired") ? 3_600 : 0;
    const { clientId } = this;
    const payload: JWTPayload = {
      iss: is("other issuer in the token") ? "https://accounts.example.com" : this.issuer,
      aud: is("wrong audience") ? "another" : is("other party") ? [clientId, "another"] : clientId,
      ...(is("other party") && { azp: "another" }),
      ...(!is("no nonce") && { nonce: is("wrong nonce") ? "another" : issuedNonce }),
      iat: now - age,
      exp: now - age + 300,
      ...this.claims,
    };
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    if (is("unsigned")) return `${part({ alg: "none" })}.${part(payload)}.`;
    if (is("public key as secret")) {
      const signed = `${part({ alg: "HS256", kid: KID })}.${part(payload)}`;
      return `${signed}.${createHmac("sha256", this.#publicPem).update(signed).digest("base64url")}`;
    }
    const key = is("foreign key") ? this.#foreignKey : this.#key;
    return new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid: KID }).sign(key);
  }
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
