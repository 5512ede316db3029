import type { DurationMs, EpochMs } from "../contract/units.ts";

/** The wall clock may drift by so much against the monotonic one between two samples; beyond it was set by hand or by NTP. */
const CLOCK_STEP_MS: DurationMs = 5_000;

/**
 * Numbers the samples. Within one stream `seq` and `at` both strictly increase; a new stream begins with the program,
 * whenever the wall clock was stepped, so that a clock set back never makes two samples of one stream change places, and where
 * new samples are not to wait behind a great many old ones.
 */
export class Stream {
  #id: string;
  #seq = 0;
  #at: EpochMs = 0;
  #last: { wallMs: EpochMs; monotonicMs: number } | undefined;
  readonly #newId: () => string;

  constructor(newId: () => string) {
    this.#newId = newId;
    this.#id = newId();
  }

  get id(): string {
    return this.#id;
  }

  /** The next sample's number and time. */
  next(wallMs: EpochMs, monotonicMs: number): { stream: string; seq: number; at: EpochMs } {
    if (this.#last) {
      const drift = wallMs - this.#last.wallMs - (monotonicMs - this.#last.monotonicMs);
      if (Math.abs(drift) > CLOCK_STEP_MS) this.#begin(this.#newId());
    }
    this.#last = { wallMs, monotonicMs };
    this.#at = Math.max(Math.trunc(wallMs), this.#at + 1);
    return { stream: this.#id, seq: ++this.#seq, at: this.#at };
  }

  /** Another id for the same samples: numbers and times go on. */
  rename(id: string): void {
    this.#id = id;
  }

  /** The next sample is the first of another stream. */
  beginAnew(): void {
    this.#begin(this.#newId());
  }

  #begin(id: string): void {
    this.#id = id;
    this.#seq = 0;
    this.#at = 0;
  }
}
