import type { Clock } from "./clock.ts";

/** Time that moves only when the test says so. Chance is always the middle unless told otherwise. */
export class ManualClock implements Clock {
  wall = 1_800_000_000_000;
  monotonic = 50_000;
  chance = 0.5;
  readonly #timers = new Set<{ atMs: number; run: () => void }>();

  wallMs = () => this.wall;
  monotonicMs = () => this.monotonic;
  random = () => this.chance;
  after = (delayMs: number, run: () => void) => {
    const timer = { atMs: this.monotonic + delayMs, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** Milliseconds until the next timer is due. */
  get nextDelayMs(): number | undefined {
    const due = [...this.#timers].map((timer) => timer.atMs - this.monotonic);
    return due.length > 0 ? Math.min(...due) : undefined;
  }

  /** Lets time pass, both clocks alike, running what falls due on the way, in order. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.monotonic + ms;
    for (;;) {
      await settled();
      const next = [...this.#timers].filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#timers.delete(next);
      this.#moveTo(Math.max(next.atMs, this.monotonic));
      next.run();
    }
    this.#moveTo(untilMs);
    await settled();
  }

  #moveTo(atMs: number): void {
    this.wall += atMs - this.monotonic;
    this.monotonic = atMs;
  }
}

/** Everything that only waits for other promises has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
