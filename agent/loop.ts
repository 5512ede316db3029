import type { DurationMs } from "../contract/units.ts";
import type { Clock } from "./clock.ts";
import type { Delivery } from "./delivery.ts";
import type { Log } from "./log.ts";
import type { Sampler } from "./sampler.ts";
import { nextTickMs, scheduleFrom, type Schedule } from "./schedule.ts";
import type { Spool } from "./spool.ts";

/** How long a sample waits for a slow health address before it goes without. */
const HEALTH_WAIT_MS: DurationMs = 1_000;
const FLUSH_LIMIT_MS: DurationMs = 3_000;

export interface LoopParts {
  clock: Clock;
  log: Log;
  sampler: Pick<Sampler, "take">;
  spool: Spool;
  delivery: Pick<Delivery, "wake" | "flush">;
  intervalMs: DurationMs;
}

/** Every interval: collect, keep, send. A tick begins only after the one before has ended; sending goes on beside them. */
export class Loop {
  readonly #parts: LoopParts;
  #schedule: Schedule | undefined;
  #cancelTick: (() => void) | undefined;
  #isStopped = false;

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { clock, intervalMs } = this.#parts;
    this.#schedule = scheduleFrom(clock.monotonicMs(), intervalMs, clock.random());
    await this.#tick();
  }

  /** No sample more; what is kept is sent, as far as a few seconds allow. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTick?.();
    await this.#parts.delivery.flush(FLUSH_LIMIT_MS);
  }

  async #tick(): Promise<void> {
    const { clock, log, sampler, spool, delivery, intervalMs } = this.#parts;
    try {
      const { stream, sample } = await sampler.take(Math.min(HEALTH_WAIT_MS, intervalMs / 4));
      spool.append(stream, sample);
      void delivery.wake();
    } catch (error) {
      // One sample is lost; the watching goes on.
      log.warn(`Could not take a sample: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (this.#isStopped) return;
    const nowMs = clock.monotonicMs();
    this.#cancelTick = clock.after(nextTickMs(this.#schedule!, nowMs) - nowMs, () => void this.#tick());
  }
}
