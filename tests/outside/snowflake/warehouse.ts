const LEAST_BILLED_MS = 60_000;

/** A warehouse by the clock: asleep until a statement comes, and again when none came for so long. Times in milliseconds. */
export class Warehouse {
  autoSuspendMs = 600_000;
  monitor: string | null = null;
  resumes = 0;
  #billedMs = 0;
  /** When it woke, and when it last worked; null while it sleeps. */
  #awake: { since: number; until: number } | null = null;

  /** A statement that takes no time came. */
  work(now: number): void {
    this.#sleepIfDue(now);
    if (this.#awake === null) {
      this.resumes++;
      this.#awake = { since: now, until: now };
    }
    this.#awake.until = Math.max(this.#awake.until, now);
  }

  /** At least a minute for each time it woke. */
  tell(now: number): { resumes: number; billedSeconds: number; isRunning: boolean } {
    this.#sleepIfDue(now);
    const awakeMs = this.#awake === null ? 0 : Math.max(LEAST_BILLED_MS, now - this.#awake.since);
    return {
      resumes: this.resumes,
      billedSeconds: (this.#billedMs + awakeMs) / 1_000,
      isRunning: this.#awake !== null,
    };
  }

  #sleepIfDue(now: number): void {
    if (this.#awake === null || now - this.#awake.until < this.autoSuspendMs) return;
    this.#billedMs += Math.max(LEAST_BILLED_MS, this.#awake.until + this.autoSuspendMs - this.#awake.since);
    this.#awake = null;
  }
}
