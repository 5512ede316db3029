import { STALE_AFTER_INTERVALS } from "../../../../contract/limits.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";

/** Silence is all we know of a quiet instance, so there is no word for "down" here. */
export type Status = "live" | "stale" | "waiting";

export function statusOf(lastSampleAt: EpochMs | null, intervalMs: DurationMs, now: EpochMs): Status {
  if (lastSampleAt === null) return "waiting";
  return now - lastSampleAt > STALE_AFTER_INTERVALS * intervalMs ? "stale" : "live";
}
