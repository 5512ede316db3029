import type { DurationMs, EpochMs } from "../contract/units.ts";

const DELAY_MIN_MS: DurationMs = 1_000;
const DELAY_MAX_MS: DurationMs = 60_000;
/** What only a person can mend is tried seldom. */
const SLOW_MIN_MS: DurationMs = 60_000;
const SLOW_MAX_MS: DurationMs = 300_000;
/** A server that asks for more is misread or mistaken. */
const RETRY_AFTER_MAX_MS: DurationMs = 3_600_000;

/** Full jitter: anywhere up to the doubled delay, so that a fleet that failed together does not come back together. */
export function backoffMs(failures: number, random: number, retryAfterMs = 0): DurationMs {
  const ceiling = Math.min(DELAY_MAX_MS, DELAY_MIN_MS * 2 ** Math.min(failures, 16));
  return Math.max(DELAY_MIN_MS + random * (ceiling - DELAY_MIN_MS), retryAfterMs + random * DELAY_MIN_MS);
}

export function slowRetryMs(random: number): DurationMs {
  return SLOW_MIN_MS + random * (SLOW_MAX_MS - SLOW_MIN_MS);
}

/** Retry-After (RFC 9110, 10.2.3): seconds, or a date. */
export function parseRetryAfter(text: string | undefined, wallMs: EpochMs): DurationMs {
  if (text === undefined) return 0;
  // Only what begins with a weekday is tried as a date: Date.parse would take "-5" for a year.
  const date = /^[A-Za-z]{3}/.test(text) ? Date.parse(text) : Number.NaN;
  const delayMs = /^\d+$/.test(text.trim()) ? Number(text) * 1_000 : date - wallMs;
  return Number.isFinite(delayMs) ? Math.min(RETRY_AFTER_MAX_MS, Math.max(0, delayMs)) : 0;
}
