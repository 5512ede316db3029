import type { DurationMs, EpochMs } from "../../../../contract/units.ts";

/** Readings that come every second, a late one allowed for. */
const CLOSE_MS: DurationMs = 1_500;
/** So long without one, and they do not come any more. */
const OVER_AFTER_MS: DurationMs = 4_000;

/** Whether an instance's readings come every second, as they do while somebody looks at it. */
export class Pulse {
  #lastAt: EpochMs | null = null;
  #isClose = $state(false);
  #heardAt: EpochMs = $state(0);

  /** A reading taken at `at` by the instance's clock, and heard at `heardAt` by ours: the two may be hours apart. */
  hear(at: EpochMs, heardAt: EpochMs): void {
    if (this.#lastAt !== null && at > this.#lastAt) this.#isClose = at - this.#lastAt <= CLOSE_MS;
    this.#lastAt = Math.max(this.#lastAt ?? at, at);
    this.#heardAt = heardAt;
  }

  /** By our own clock. */
  isFast(now: EpochMs): boolean {
    return this.#isClose && now - this.#heardAt <= OVER_AFTER_MS;
  }
}
