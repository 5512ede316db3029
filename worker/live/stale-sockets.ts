import type { EpochMs } from "../../contract/units.ts";
import { knownAgentTokens } from "../auth/agent-token-store.ts";
import { sessionsAndTokensAmong } from "../auth/store.ts";
import type { Database } from "../db/client.ts";
import { TOKENS_LOOK_EVERY_MS } from "../settings.ts";
import type { AgentSockets } from "./agent-sockets.ts";
import type { Viewers } from "./viewers.ts";

/** Sockets whose session or token ended without a word to the shard: found by looking, now and then. */
export class StaleSockets {
  readonly #db: Database;
  readonly #viewers: Viewers;
  readonly #agents: AgentSockets;
  readonly #forgetTokens: (hashes: readonly string[]) => void;
  #tokensLookedAt: EpochMs = 0;

  constructor(db: Database, viewers: Viewers, agents: AgentSockets, forgetTokens: (hashes: readonly string[]) => void) {
    this.#db = db;
    this.#viewers = viewers;
    this.#agents = agents;
    this.#forgetTokens = forgetTokens;
  }

  async end(now: EpochMs): Promise<void> {
    const ids = this.#viewers.sessionIds();
    if (ids.length > 0) {
      const there = new Set(await sessionsAndTokensAmong(this.#db, ids));
      for (const id of ids) if (!there.has(id)) this.#viewers.endSession(id);
    }
    const hashes = now < this.#tokensLookedAt + TOKENS_LOOK_EVERY_MS ? [] : this.#agents.tokenHashes();
    if (hashes.length === 0) return;
    this.#tokensLookedAt = now;
    const known = new Set(await knownAgentTokens(this.#db, hashes));
    this.#forgetTokens(hashes.filter((hash) => !known.has(hash)));
  }
}
