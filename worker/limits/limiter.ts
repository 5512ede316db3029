import type { DurationMs, EpochMs } from "../../contract/units.ts";

/** So many at a time are remembered; the oldest goes first, which forgives whoever has been quiet longest. */
const KEYS_MAX = 10_000;

/** Counts what each key does in fixed windows of time, in memory. */
export class Limiter {
  readonly #max: number;
  readonly #windowMs: DurationMs;
  #windows = new Map<string, { beganAt: EpochMs; count: number }>();

  constructor(max: number, windowMs: DurationMs) {
    this.#max = max;
    this.#windowMs = windowMs;
  }

  /** How long to wait; 0 where one more may come. Counts nothing. */
  waitOf(key: string, now: EpochMs): DurationMs {
    const window = this.#windows.get(key);
    if (!window || window.count < this.#max || now < window.beganAt) return 0;
    return Math.max(0, window.beganAt + this.#windowMs - now);
  }

  /** Counts one; answers how long to wait where it was one too many, and 0 where it was not. */
  take(key: string, now: EpochMs): DurationMs {
    const window = this.#windows.get(key);
    if (!window || now - window.beganAt >= this.#windowMs || now < window.beganAt) {
      this.#windows.delete(key);
      this.#windows.set(key, { beganAt: now, count: 1 });
      if (this.#windows.size > KEYS_MAX) this.#windows.delete(this.#windows.keys().next().value!);
      return 0;
    }
    if (window.count >= this.#max) return window.beganAt + this.#windowMs - now;
    window.count++;
    return 0;
  }
}
