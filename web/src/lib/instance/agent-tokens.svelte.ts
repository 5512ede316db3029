import type { AgentToken, NewAgentToken } from "../../../../contract/agents.ts";
import { ApiError, call } from "../api.ts";

/** The tokens that let agents speak, and the one that was just made. */
export class AgentTokens {
  list = $state.raw<AgentToken[] | null>(null);
  made = $state.raw<NewAgentToken | null>(null);
  problem = $state.raw<ApiError | null>(null);

  async load(): Promise<void> {
    try {
      this.list = (await call("GET /api/agent-tokens")).tokens;
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = error;
    }
  }

  async make(label: string): Promise<void> {
    this.made = await call("POST /api/agent-tokens", { body: { label } });
    await this.load();
  }

  async revoke(id: string): Promise<void> {
    await call("DELETE /api/agent-tokens/:id", { params: { id } });
    if (this.made?.id === id) this.made = null;
    await this.load();
  }

  /** The instance the new token has come to speak for; null until its agent has used it. */
  get arrivedAs(): string | null {
    return this.list?.find(({ id }) => id === this.made?.id)?.instanceId ?? null;
  }
}
