import type { DurationMs, EpochMs } from "../contract/units.ts";

/** Everything the agent knows of time and chance, handed in, so that a test decides both. */
export interface Clock {
  wallMs(): EpochMs;
  /** Never steps, whatever is done to the wall clock; on Linux it stands still while the machine sleeps. */
  monotonicMs(): number;
  /** Runs later, once; the answer cancels it. */
  after(delayMs: DurationMs, run: () => void): () => void;
  /** At least 0, below 1. */
  random(): number;
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000 + nanoseconds / 1e6;
  },
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
