import type { DurationMs } from "../../../../contract/units.ts";

export const RETRY_FIRST_MS: DurationMs = 500;
export const RETRY_MAX_MS: DurationMs = 30_000;

/**
 * How long to wait before attempt number `attempt` (from 0). Doubling, with half of it left to chance: after a deploy
 * every open dashboard loses its socket in the same moment and must not come back in the same moment.
 */
export function retryDelay(attempt: number, random: number): DurationMs {
  const whole = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.max(RETRY_FIRST_MS, Math.round(whole / 2 + (whole / 2) * random));
}
