import type { Operations, Retention } from "../../../../contract/operations.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

export const REFRESH_EVERY_MS: DurationMs = 30_000;

/** What this Nephos uses, and how it keeps its history. */
export class OperationsPage {
  /** The last answer; it stays while the server does not answer. */
  current = $state.raw<Operations | null>(null);
  problem = $state.raw<Problem | null>(null);

  async load(): Promise<void> {
    try {
      this.current = await call("GET /api/operations");
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }

  async keep(retention: Retention): Promise<void> {
    await call("PUT /api/operations/retention", { body: retention });
    if (this.current) this.current = { ...this.current, retention };
    void this.load();
  }
}
