import { createHash, createPublicKey, randomBytes, randomUUID, verify, type KeyObject } from "node:crypto";
import type { Account } from "./account.ts";
import { Refusal } from "./refusal.ts";

const LIFE_MAX_SECONDS = 3_600;
/** How far Snowflake lets a clock be off. */
const SKEW_SECONDS = 60;

interface Claims {
  iss?: unknown;
  sub?: unknown;
  iat?: unknown;
  exp?: unknown;
}

function json(part: string | undefined): Record<string, unknown> | null {
  try {
    return JSON.parse(Buffer.from(part ?? "", "base64url").toString()) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** `SHA256:` and the hash of the key as SubjectPublicKeyInfo. */
export function fingerprint(publicKey: KeyObject): string {
  const der = publicKey.export({ type: "spki", format: "der" });
  return `SHA256:${createHash("sha256").update(der).digest("base64")}`;
}

function keyOf(base64: string | null): KeyObject | null {
  if (base64 === null) return null;
  try {
    return createPublicKey({ key: Buffer.from(base64, "base64"), format: "der", type: "spki" });
  } catch {
    return null;
  }
}

/** Says who signs in by what is in the headers, as "Authenticating to the server" of the SQL API has it. */
export class SignIn {
  readonly pat = randomBytes(24).toString("base64url");
  readonly oauth = `ver:1-hint:1-${randomBytes(24).toString("base64url")}`;
  readonly #account: Account;
  readonly #name: string;
  /** Users by the tokens they were given for the ingest host. */
  readonly #scoped = new Map<string, string>();

  /** `name` is the account's identifier, `ORGANIZATION-NAME`. */
  constructor(account: Account, name: string) {
    this.#account = account;
    this.#name = name;
  }

  /** The user's name. `holder` is who PATs and OAuth tokens are of. `now` in milliseconds. */
  user(authorization: string | undefined, type: string | undefined, holder: string, now: number): string {
    const token = /^Bearer (.+)$/.exec(authorization ?? "")?.[1];
    if (token === undefined) throw new Refusal(401, "390103", "08001", "Session token not found in the request data.");
    const kind =
      type ??
      (token === this.pat ? "PROGRAMMATIC_ACCESS_TOKEN" : token.split(".").length === 3 ? "KEYPAIR_JWT" : "OAUTH");
    if (kind === "KEYPAIR_JWT") return this.#byKey(token, now);
    if (kind === "PROGRAMMATIC_ACCESS_TOKEN") {
      if (token !== this.pat) throw new Refusal(401, "394400", "08001", "Programmatic access token is invalid.");
      return holder;
    }
    if (kind !== "OAUTH") throw new Refusal(400, "390142", "08001", `Unsupported authorization token type: ${kind}`);
    if (token !== this.oauth) throw new Refusal(401, "390303", "08001", "Invalid OAuth access token.");
    return holder;
  }

  /** A token for the ingest host alone. */
  scope(user: string): string {
    const token = randomBytes(32).toString("base64url");
    this.#scoped.set(token, user);
    return token;
  }

  /** Whose scoped token this is; null where it is none. */
  scoped(authorization: string | undefined): string | null {
    return this.#scoped.get((authorization ?? "").replace(/^Bearer /, "")) ?? null;
  }

  #byKey(token: string, now: number): string {
    const refused = new Refusal(401, "390144", "08001", `JWT token is invalid. [${randomUUID()}]`);
    const [head, body, signature] = token.split(".");
    const [header, claims] = [json(head), json(body) as Claims | null];
    if (header?.["alg"] !== "RS256" || !claims) throw refused;
    const { iss, sub, iat, exp } = claims;
    const seconds = now / 1_000;
    const isInTime =
      typeof iat === "number" &&
      typeof exp === "number" &&
      exp > seconds &&
      exp <= iat + LIFE_MAX_SECONDS &&
      iat <= seconds + SKEW_SECONDS;
    if (!isInTime || typeof sub !== "string" || typeof iss !== "string") throw refused;
    const [account, name = ""] = sub.split(".");
    const user = this.#account.users.get(name);
    if (account !== this.#name || !user) throw refused;
    const isSigned = [user.publicKey, user.secondPublicKey]
      .map(keyOf)
      .some(
        (key) =>
          key !== null &&
          iss === `${sub}.${fingerprint(key)}` &&
          verify("RSA-SHA256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature ?? "", "base64url")),
      );
    if (!isSigned) throw refused;
    return name;
  }
}
