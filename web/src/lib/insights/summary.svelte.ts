import type { Summary } from "../../../../contract/insights.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

/** The day in words. The last answer stays while the server does not answer. */
export class DaySummary {
  told = $state.raw<Summary | null>(null);
  problem = $state.raw<Problem | null>(null);

  async load(): Promise<void> {
    try {
      this.told = await call("GET /api/insight-summary");
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }
}
