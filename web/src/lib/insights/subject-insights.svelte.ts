import type { Insight, InsightState } from "../../../../contract/insights.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

const LISTED_MAX = "5";

/** What was found of one instance. */
export class SubjectInsights {
  readonly subject: string;
  /** Null until the server has answered; the last answer stays while it does not. */
  list = $state.raw<Insight[] | null>(null);
  state = $state.raw<InsightState | null>(null);
  hasMore = $state(false);
  problem = $state.raw<Problem | null>(null);

  constructor(subject: string) {
    this.subject = subject;
  }

  async load(): Promise<void> {
    try {
      const { insights, state, next } = await call("GET /api/insights", {
        query: { subject: encodeURIComponent(this.subject), limit: LISTED_MAX },
      });
      this.list = insights;
      this.state = state;
      this.hasMore = next !== null;
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }
}
