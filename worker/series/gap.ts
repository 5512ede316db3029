import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { GAP_AFTER_INTERVALS } from "../settings.ts";

/** Pauses looked at on either side of one. */
const NEIGHBOURS = 4;

/**
 * Which samples have a gap before them: a pause much longer than the interval, and than the pauses around it. The interval
 * is today's; history may be from when it was longer, and that was no outage. `at` ascending.
 */
export function gapsBefore(at: readonly EpochMs[], intervalMs: DurationMs): boolean[] {
  const pauses = at.map((time, row) => (row === 0 ? 0 : time - at[row - 1]!));
  return pauses.map((pause, row) => {
    if (pause <= intervalMs * GAP_AFTER_INTERVALS) return false;
    const around: DurationMs[] = [];
    for (let other = Math.max(1, row - NEIGHBOURS); other <= row + NEIGHBOURS; other++) {
      if (other !== row && pauses[other] !== undefined) around.push(pauses[other]!);
    }
    around.sort((a, b) => a - b);
    return pause > Math.max(intervalMs, around[around.length >> 1] ?? 0) * GAP_AFTER_INTERVALS;
  });
}
