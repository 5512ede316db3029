import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { SEND_AGAIN_MAX_MS, SEND_AGAIN_MIN_MS, SEND_TRIED_FOR_MS } from "../settings.ts";

/** How a send failed. */
export interface Failure {
  isPermanent: boolean;
  /** Not before so long from now, where the provider says so. */
  retryAfterMs?: DurationMs | undefined;
}

/** Not even a provider may put off for longer: it is tried again at least so often. */
const PUT_OFF_MAX_MS: DurationMs = 6 * 3_600_000;

/**
 * When to try again: exponential with full jitter, so that many who failed at one moment do not come back at one. Never at once, and not
 * before the provider wants. `attempts` counts the one that has just failed; `random` is in [0, 1).
 */
export function againAt(attempts: number, { retryAfterMs = 0 }: Failure, now: EpochMs, random: number): EpochMs {
  const span = Math.min(SEND_AGAIN_MAX_MS, SEND_AGAIN_MIN_MS * 2 ** Math.min(30, Math.max(0, attempts - 1)));
  // The first try again is not in the same moment, whatever the chance.
  const wait = Math.max(SEND_AGAIN_MIN_MS / 5, Math.round(span * random));
  return now + Math.max(wait, Math.min(PUT_OFF_MAX_MS, retryAfterMs));
}

/**
 * Whether it is not tried any more: the channel says that it never will do, or has not worked for a day, and neither is the notification
 * younger than that.
 */
export function isGivenUp(
  { isPermanent }: Failure,
  createdAt: EpochMs,
  failsSince: EpochMs | null,
  now: EpochMs,
): boolean {
  if (isPermanent) return true;
  return failsSince !== null && now - Math.max(createdAt, failsSince) >= SEND_TRIED_FOR_MS;
}
