import type { Endpoints } from "../../../../contract/api.ts";
import type { Silence } from "../../../../contract/silences.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

export const REFRESH_EVERY_MS: DurationMs = 30_000;

/** The silences: in force, to come, over. */
export class SilenceList {
  /** The last answer; it stays while the server does not answer. */
  list = $state.raw<Silence[] | null>(null);
  problem = $state.raw<Problem | null>(null);

  async load(): Promise<void> {
    try {
      this.list = (await call("GET /api/silences")).silences;
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }

  async make(body: Endpoints["POST /api/silences"]["body"]): Promise<Silence> {
    const silence = await call("POST /api/silences", { body });
    this.list = [silence, ...(this.list ?? [])];
    return silence;
  }

  async end(id: string): Promise<void> {
    await call("DELETE /api/silences/:id", { params: { id } });
    await this.load();
  }
}
