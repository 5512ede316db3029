import type { DurationMs, EpochMs } from "../../contract/units.ts";

/** What asking Snowflake needs of its surroundings. */
export interface SnowflakeClock {
  now(): EpochMs;
  wait(ms: DurationMs): Promise<unknown>;
}

export const systemClock: SnowflakeClock = {
  now: Date.now,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
