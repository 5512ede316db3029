import type { EpochMs } from "../../contract/units.ts";
import { hashOf } from "../auth/secret.ts";
import { KNOWN_TOKENS_MAX, KNOWN_TOKEN_TTL_MS } from "../settings.ts";

/**
 * Tokens this isolate has seen to be good, and their hashes. Saves a hash and a call per request; never decides: the
 * shard refuses a revoked token at once, whatever is remembered here.
 */
export class KnownTokens {
  #known = new Map<string, { hash: string; until: EpochMs }>();

  /** The token's hash, and whether the token was good a moment ago. */
  look(token: string, now: EpochMs): { hash: string; isKnown: boolean } {
    const known = this.#known.get(token);
    return known && known.until > now ? { hash: known.hash, isKnown: true } : { hash: hashOf(token), isKnown: false };
  }

  add(token: string, hash: string, now: EpochMs): void {
    this.#known.delete(token);
    this.#known.set(token, { hash, until: now + KNOWN_TOKEN_TTL_MS });
    if (this.#known.size > KNOWN_TOKENS_MAX) this.#known.delete(this.#known.keys().next().value!);
  }
}
