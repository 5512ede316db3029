import type { Incident } from "../../../../contract/incidents.ts";
import type { Condition, RuleState } from "../../../../contract/rules.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";
import { Soon } from "./soon.ts";
import { worstFirst } from "./rule-states.ts";

export const ALERTS_EVERY_MS: DurationMs = 60_000;
const ASK_AFTER_MS: DurationMs = 2_000;
const LISTED_MAX = "20";

/** What is wrong with one instance or check by the rules, and where each of them stands with it. */
export class SubjectAlerts {
  readonly subject: string;
  /** Null until the server has answered; the last answer stays while it does not. */
  incidents = $state.raw<Incident[] | null>(null);
  states = $state.raw<RuleState[]>([]);
  conditions = $state.raw<ReadonlyMap<string, Condition>>(new Map());
  problem = $state.raw<Problem | null>(null);
  readonly #soon = new Soon(ASK_AFTER_MS, () => void this.load());

  constructor(subject: string) {
    this.subject = subject;
  }

  async load(): Promise<void> {
    const { subject } = this;
    try {
      const [{ incidents }, { states }] = await Promise.all([
        call("GET /api/incidents", { query: { subject: encodeURIComponent(subject), limit: LISTED_MAX } }),
        call("GET /api/rule-states/:subject", { params: { subject } }),
      ]);
      this.incidents = incidents;
      this.states = worstFirst(states);
      this.problem = null;
      if (states.some(({ ruleId, value }) => value !== null && !this.conditions.has(ruleId))) await this.#learn();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }

  /** Whether it is one of its members only the server knows. */
  hear(): void {
    this.#soon.ask();
  }

  stop(): void {
    this.#soon.stop();
  }

  /** In which unit each rule measures. */
  async #learn(): Promise<void> {
    const { rules } = await call("GET /api/rules");
    this.conditions = new Map(rules.map(({ id, condition }) => [id, condition]));
  }
}
