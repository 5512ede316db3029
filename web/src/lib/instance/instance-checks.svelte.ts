import type { CheckEntry } from "../../../../contract/checks.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

/** A tick of the sentinel is two minutes; what it found is told by the live socket, what its regions saw is asked for. */
export const CHECKS_EVERY_MS: DurationMs = 30_000;
/** More of one instance than anybody reads through. */
const LISTED_MAX = "50";

/** The checks that look at one instance. */
export class InstanceChecks {
  readonly #instanceId: string;
  /** The last answer; it stays while the server does not answer. Null until there is one. */
  list = $state.raw<CheckEntry[] | null>(null);
  total = $state(0);
  problem = $state.raw<Problem | null>(null);

  constructor(instanceId: string) {
    this.#instanceId = instanceId;
  }

  /** Those that measure how long an answer takes. */
  timed: CheckEntry[] = $derived.by(() => this.list?.filter(({ target }) => target.kind !== "heartbeat") ?? []);

  async load(): Promise<void> {
    try {
      const query = { instance: encodeURIComponent(this.#instanceId), limit: LISTED_MAX };
      const { checks, total } = await call("GET /api/checks", { query });
      this.list = checks;
      this.total = total;
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }
}
