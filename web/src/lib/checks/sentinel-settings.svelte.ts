import type { Endpoints } from "../../../../contract/api.ts";
import type { ShownSentinelSettings } from "../../../../contract/checks.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

/** What the sentinel goes by. */
export class SentinelSettingsPage {
  current = $state.raw<ShownSentinelSettings | null>(null);
  problem = $state.raw<Problem | null>(null);

  async load(): Promise<void> {
    try {
      this.current = await call("GET /api/sentinel/settings");
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }

  async keep(body: Endpoints["PUT /api/sentinel/settings"]["body"]): Promise<void> {
    this.current = await call("PUT /api/sentinel/settings", { body });
  }
}
