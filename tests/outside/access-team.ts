import { createHmac } from "node:crypto";
import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT, type CryptoKey, type JWTPayload } from "jose";
import { Listening } from "./listening.ts";

interface Key {
  kid: string;
  secret: CryptoKey;
  jwk: Record<string, unknown>;
  pem: string;
}

async function newKey(): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const kid = crypto.randomUUID();
  // Without `alg`: which algorithm is taken must not hang on what the keys say of themselves.
  const jwk = { ...(await exportJWK(publicKey)), kid, use: "sig" };
  return { kid, secret: privateKey, jwk, pem: await exportSPKI(publicKey) };
}

/** A team of Cloudflare Access: shows its public keys where Cloudflare does, and signs assertions as Cloudflare does. */
export class AccessTeam {
  readonly audience = "f".repeat(64);
  keysAsked = 0;
  isBroken = false;
  #keys: Key[];
  #listening!: Listening;

  private constructor(key: Key) {
    this.#keys = [key];
  }

  static async start(): Promise<AccessTeam> {
    const team = new AccessTeam(await newKey());
    team.#listening = await Listening.start((request, response) => {
      if (request.url !== "/cdn-cgi/access/certs" || team.isBroken) return void response.writeHead(404).end();
      team.keysAsked++;
      const keys = team.#keys.map(({ jwk }) => jwk);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys }));
    });
    return team;
  }

  get issuer(): string {
    return this.#listening.url;
  }

  async stop(): Promise<void> {
    await this.#listening.stop();
  }

  /** A new key signs from now on; the one before stays valid for a while. */
  async rotate(): Promise<void> {
    this.#keys = [await newKey(), this.#keys[0]!];
  }

  /** What Access puts into `Cf-Access-Jwt-Assertion`; claims given replace the usual ones, undefined leaves one out. */
  async assertion(claims: Record<string, unknown> = {}, by: { foreign?: boolean } = {}): Promise<string> {
    const key = this.#keys[0]!;
    const secret = by.foreign ? (await newKey()).secret : key.secret;
    return new SignJWT(this.#payload(claims)).setProtectedHeader({ alg: "RS256", kid: key.kid }).sign(secret);
  }

  unsigned(claims: Record<string, unknown> = {}): string {
    return `${part({ alg: "none" })}.${part(this.#payload(claims))}.`;
  }

  /** Signed with the public key as if it were a shared secret. */
  withPublicKey(claims: Record<string, unknown> = {}): string {
    const { kid, pem } = this.#keys[0]!;
    const signed = `${part({ alg: "HS256", kid })}.${part(this.#payload(claims))}`;
    return `${signed}.${createHmac("sha256", pem).update(signed).digest("base64url")}`;
  }

  /** Signed with the team's own key, by an algorithm that Access does not use. */
  async withOtherAlgorithm(claims: Record<string, unknown> = {}): Promise<string> {
    const { kid, secret } = this.#keys[0]!;
    const key = await importJWK(await exportJWK(secret), "RS512");
    return new SignJWT(this.#payload(claims)).setProtectedHeader({ alg: "RS512", kid }).sign(key);
  }

  #payload(claims: Record<string, unknown>): JWTPayload {
    const now = Math.floor(Date.now() / 1_000);
    const usual = { aud: [this.audience], iss: this.issuer, iat: now, nbf: now, exp: now + 3_600, type: "app" };
    return { ...usual, ...claims };
  }
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
