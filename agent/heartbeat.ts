import type { DurationMs } from "../contract/units.ts";
import type { Clock } from "./clock.ts";

/** Something has to travel so often, or what stands in between forgets the connection. */
const QUIET_MAX_MS: DurationMs = 30_000;
/** And an answer is wanted so often, however much is sent: what is sent into a dead connection vanishes without a word. */
const UNASKED_MAX_MS: DurationMs = 60_000;
const ANSWER_LIMIT_MS: DurationMs = 20_000;

/** Asks the other side of a socket for a sign of life, and notices when none comes. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #ping: () => boolean;
  readonly #dead: () => void;
  #sentMs: number;
  #askedMs: number;
  #cancelNext: () => void;
  #cancelDeath: (() => void) | undefined;

  constructor(clock: Clock, ping: () => boolean, dead: () => void) {
    this.#clock = clock;
    this.#ping = ping;
    this.#dead = dead;
    this.#sentMs = this.#askedMs = clock.monotonicMs();
    this.#cancelNext = this.#next();
  }

  sent(): void {
    this.#sentMs = this.#clock.monotonicMs();
  }

  heard(): void {
    this.#cancelDeath?.();
    this.#cancelDeath = undefined;
  }

  stop(): void {
    this.#cancelNext();
    this.heard();
  }

  #next(): () => void {
    const dueMs = Math.min(this.#sentMs + QUIET_MAX_MS, this.#askedMs + UNASKED_MAX_MS);
    return this.#clock.after(Math.max(0, dueMs - this.#clock.monotonicMs()), () => this.#beat());
  }

  #beat(): void {
    const nowMs = this.#clock.monotonicMs();
    const isDue = nowMs - this.#sentMs >= QUIET_MAX_MS || nowMs - this.#askedMs >= UNASKED_MAX_MS;
    if (isDue) {
      // Where it takes nothing more, there is nothing to wait for.
      if (!this.#ping()) return this.#dead();
      this.#sentMs = this.#askedMs = nowMs;
      this.#cancelDeath ??= this.#clock.after(ANSWER_LIMIT_MS, () => this.#dead());
    }
    this.#cancelNext = this.#next();
  }
}
