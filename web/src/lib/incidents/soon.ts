import type { DurationMs } from "../../../../contract/units.ts";

/** Does something once, a moment after it was first asked for: news comes in bursts, and one question answers all of it. */
export class Soon {
  readonly #delayMs: DurationMs;
  readonly #act: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(delayMs: DurationMs, act: () => void) {
    this.#delayMs = delayMs;
    this.#act = act;
  }

  ask(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#act();
    }, this.#delayMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
