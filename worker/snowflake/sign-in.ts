import { z } from "zod";
import type { EpochMs } from "../../contract/units.ts";
import type { SnowflakeAccess } from "./access.ts";
import type { SnowflakeClock } from "./clock.ts";
import { signedJwt } from "./jwt.ts";
import { keyPairOf, type KeyPair } from "./key-pair.ts";
import { SnowflakeProblem } from "./problem.ts";
import { ask, type Answer } from "./request.ts";

/** A signed token is good for an hour; what is asked with it may take a while. */
const JWT_KEPT_MS = 50 * 60_000;
const MARGIN_MS = 120_000;

const TOKEN_TYPES = {
  key_pair: "KEYPAIR_JWT",
  pat: "PROGRAMMATIC_ACCESS_TOKEN",
  oauth: "OAUTH",
} as const;

/** Tokens for requests: one is kept until it is nearly over, or refused. */
export class SignIn {
  readonly #access: SnowflakeAccess;
  readonly #clock: SnowflakeClock;
  #pair: Promise<KeyPair> | undefined;
  #kept: { token: Promise<string>; until: EpochMs } | undefined;

  constructor(access: SnowflakeAccess, clock: SnowflakeClock) {
    this.#access = access;
    this.#clock = clock;
  }

  /** What a request carries. */
  async headers(): Promise<Record<string, string>> {
    return {
      authorization: `Bearer ${await this.token()}`,
      "x-snowflake-authorization-token-type": TOKEN_TYPES[this.#access.auth.kind],
    };
  }

  async token(): Promise<string> {
    if (this.#kept && this.#clock.now() < this.#kept.until) return await this.#kept.token;
    const kept = { token: this.#made(), until: this.#clock.now() + JWT_KEPT_MS };
    this.#kept = kept;
    try {
      return await kept.token;
    } catch (error) {
      this.#kept = undefined;
      throw error;
    }
  }

  /** Snowflake does not take the kept one any more; false where there is no other to be had. */
  forget(): boolean {
    this.#kept = undefined;
    return this.#access.auth.kind !== "pat";
  }

  async #made(): Promise<string> {
    const { auth, account, names } = this.#access;
    switch (auth.kind) {
      case "pat":
        return auth.token;
      case "oauth":
        return await this.#fetched();
      case "key_pair":
        this.#pair ??= keyPairOf(auth.privateKey);
        return await signedJwt(await this.#pair, account, names.user, this.#clock.now());
    }
  }

  /** RFC 6749, 4.4: client credentials. */
  async #fetched(): Promise<string> {
    const { auth } = this.#access;
    if (auth.kind !== "oauth") throw new Error("Only OAuth fetches its tokens.");
    const body = new URLSearchParams({ grant_type: "client_credentials", ...(auth.scope && { scope: auth.scope }) });
    const basic = [auth.clientId, auth.clientSecret].map((part) => encodeURIComponent(part)).join(":");
    const headers = {
      authorization: `Basic ${Buffer.from(basic).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    };
    const now = this.#clock.now();
    const request = async () => new Request(auth.tokenUrl, { method: "POST", headers, body: body.toString() });
    const giver = { ...this.#access, endpoint: auth.tokenUrl };
    const answer = await ask(request, giver, this.#clock, now + 30_000);
    const { data } = tokenSchema.safeParse(answer.json);
    if (answer.status !== 200 || !data) throw notGiven(answer);
    if (this.#kept) this.#kept.until = now + Math.min(JWT_KEPT_MS, Math.max(0, data.expires_in * 1_000 - MARGIN_MS));
    return data.access_token;
  }
}

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive().catch(600) });

function notGiven({ status }: Answer): SnowflakeProblem {
  return new SnowflakeProblem(
    "token_refused",
    `Whoever gives the access tokens did not give one (status ${status}).`,
    "Look whether the token endpoint, the client id, its secret and the scope are right, and whether the client may use the client credentials grant.",
  );
}
