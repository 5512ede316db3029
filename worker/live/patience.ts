import type { EpochMs } from "../../contract/units.ts";
import { AGAIN_AFTER_MAX_MS, INCIDENTS_AGAIN_AFTER_MS } from "../settings.ts";

/** When to try again what fails: soon, and each time twice as late, as a database that has refused for a day will not mind minutes. */
export class Patience {
  #failures = 0;
  /** Not before. */
  againAt: EpochMs = 0;

  failed(now: EpochMs): void {
    this.againAt = now + Math.min(INCIDENTS_AGAIN_AFTER_MS * 2 ** this.#failures, AGAIN_AFTER_MAX_MS);
    this.#failures++;
  }

  worked(): void {
    this.#failures = 0;
    this.againAt = 0;
  }
}
