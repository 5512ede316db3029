import type { Endpoints } from "../../../../contract/api.ts";
import type { Preview } from "../../../../contract/rules.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

/** Long enough to finish a number, short enough not to wait for. */
const TYPING_MS: DurationMs = 500;

export type Previewed = Endpoints["POST /api/rule-previews"]["body"];

/** What a rule would have done in the last days, asked anew whenever it changes; only the last question counts. */
export class RulePreview {
  /** The last answer; it stays, faded, while the next one is on its way. */
  answer = $state.raw<Preview | null>(null);
  problem = $state.raw<Problem | null>(null);
  isAsking = $state(false);
  #asked = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = new AbortController();

  /** Asks in a moment, unless it is what was asked last. */
  ask(rule: Previewed): void {
    const text = JSON.stringify(rule);
    if (text === this.#asked) return;
    this.stop();
    this.#asked = text;
    this.isAsking = true;
    this.#timer = setTimeout(() => void this.#ask(rule), TYPING_MS);
  }

  again(rule: Previewed): void {
    this.#asked = "";
    this.ask(rule);
  }

  /** Gives up what is on its way: it is no rule any more, or nobody looks. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#asking.abort();
    this.#asked = "";
    this.isAsking = false;
  }

  async #ask(body: Previewed): Promise<void> {
    const { signal } = (this.#asking = new AbortController());
    try {
      this.answer = await call("POST /api/rule-previews", { body, signal });
      this.problem = null;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
    this.isAsking = false;
  }
}
