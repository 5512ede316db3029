import type { Insight } from "../../../../contract/insights.ts";
import { ApiError, call } from "../api.ts";
import type { InsightChange } from "./insight-list.svelte.ts";

/** One insight, looked at. The last answer stays while the server does not answer. */
export class InsightPage {
  readonly id: string;
  insight = $state.raw<Insight | null>(null);
  problem = $state.raw<ApiError | null>(null);

  constructor(id: string) {
    this.id = id;
  }

  async load(): Promise<void> {
    try {
      this.insight = await call("GET /api/insights/:id", { params: { id: this.id } });
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = error;
    }
  }

  async change(change: InsightChange): Promise<void> {
    this.insight = await call("PATCH /api/insights/:id", { params: { id: this.id }, body: change });
  }
}
