import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { formatDuration } from "../format/duration.ts";
import { statusOf } from "../live/status.ts";

/** The status as it is written beside its dot. Silence is called silence: nobody here knows that a machine is down. */
export function statusInWords(lastSampleAt: EpochMs | null, intervalMs: DurationMs, now: EpochMs): string {
  switch (statusOf(lastSampleAt, intervalMs, now)) {
    case "live":
      return "Live";
    case "stale":
      return `No data for ${formatDuration(now - lastSampleAt!)}`;
    case "waiting":
      return "Waiting for data";
  }
}

export function instanceHref(id: string): `/instances/${string}` {
  return `/instances/${encodeURIComponent(id)}`;
}
