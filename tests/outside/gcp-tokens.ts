import { generateKeyPairSync, randomBytes, verify, type KeyPairKeyObjectResult } from "node:crypto";
import { json, type Reply } from "./cloud.ts";

export const SCOPE = "https://www.googleapis.com/auth/compute.readonly";
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const TOKEN_SECONDS = 3_599;
/** How far Google lets a clock be off. */
const SKEW_SECONDS = 60;

/** RSA keys are slow to make: all clouds of a run share a pair. */
let pair: KeyPairKeyObjectResult | undefined;

interface Claims {
  iss?: unknown;
  aud?: unknown;
  scope?: unknown;
  iat: number;
  exp: number;
}

/** Where Google gives access tokens for what a service account has signed. */
export class GcpTokens {
  readonly email = "nephos@nephos-test.iam.gserviceaccount.com";
  readonly keyId = "3a5f0c2b9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a";
  readonly #keys = (pair ??= generateKeyPairSync("rsa", { modulusLength: 2_048 }));
  readonly #given = new Set<string>();

  /** In PEM, as it is in the file of the key. */
  get privateKey(): string {
    return this.#keys.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  }

  isGood(authorization = ""): boolean {
    return this.#given.has(authorization.replace(/^Bearer /, ""));
  }

  /** As RFC 7523 has it, in Google's words. */
  answer(form: URLSearchParams, audience: string, now: number): Reply {
    if (form.get("grant_type") !== GRANT) return refusal("unsupported_grant_type", "Invalid grant_type");
    const parts = (form.get("assertion") ?? "").split(".");
    const [header, claims] = parts.slice(0, 2).map(parsed) as [Record<string, unknown>?, Claims?];
    if (!header || !claims || parts.length !== 3) return refusal("invalid_grant", "Bad assertion");
    if (claims.iss !== this.email) return refusal("invalid_grant", "Invalid grant: account not found");
    if (header["alg"] !== "RS256" || header["kid"] !== this.keyId || !this.#isSigned(parts)) {
      return refusal("invalid_grant", "Invalid JWT Signature.");
    }
    if (claims.aud !== audience) return refusal("invalid_grant", "Invalid JWT: Failed audience check");
    const isShort = claims.exp - claims.iat <= 3_600 && claims.iat <= now / 1_000 + SKEW_SECONDS;
    if (!isShort || !(claims.exp > now / 1_000)) {
      return refusal("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)");
    }
    if (claims.scope !== SCOPE) return refusal("invalid_scope", "Invalid OAuth scope or ID token audience provided.");
    const token = `ya29.c.${randomBytes(48).toString("base64url")}`;
    this.#given.add(token);
    return json({ access_token: token, expires_in: TOKEN_SECONDS, token_type: "Bearer" });
  }

  #isSigned([header, claims, signature = ""]: string[]): boolean {
    const content = Buffer.from(`${header}.${claims}`);
    return verify("RSA-SHA256", content, this.#keys.publicKey, Buffer.from(signature, "base64url"));
  }
}

function parsed(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString());
  } catch {
    return undefined;
  }
}

/** OAuth's errors. */
export function refusal(error: string, words: string): Reply {
  return json({ error, error_description: words }, 400);
}
