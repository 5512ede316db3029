import type { EpochMs } from "../../contract/units.ts";
import { KNOWN_TOKENS_MAX, KNOWN_TOKEN_TTL_MS } from "../settings.ts";

/**
 * Tokens this isolate has seen to be good, by hash. Saves a call per request; never decides: the shard refuses a revoked
 * token at once, whatever is remembered here.
 */
export class KnownTokens {
  #until = new Map<string, EpochMs>();

  has(hash: string, now: EpochMs): boolean {
    return (this.#until.get(hash) ?? 0) > now;
  }

  add(hash: string, now: EpochMs): void {
    this.#until.delete(hash);
    this.#until.set(hash, now + KNOWN_TOKEN_TTL_MS);
    if (this.#until.size > KNOWN_TOKENS_MAX) this.#until.delete(this.#until.keys().next().value!);
  }

  forget(hash: string): void {
    this.#until.delete(hash);
  }
}
