import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { formatUntil } from "../format/day.ts";

const HOUR: DurationMs = 3_600_000;
/** How much history each kind takes before it says anything. */
const STEPS: readonly { afterMs: DurationMs; what: string }[] = [
  { afterMs: 48 * HOUR, what: "the first anomalies and forecasts" },
  { afterMs: 7 * 24 * HOUR, what: "daily patterns" },
  { afterMs: 28 * 24 * HOUR, what: "weekly ones" },
];

/** What comes when, for a fleet too young for insights; undefined where the first could have come. */
export function firstInsightsInWords(since: EpochMs | null, now: EpochMs): string | undefined {
  if (since === null || now - since >= STEPS[0]!.afterMs) return undefined;
  const coming = STEPS.map(({ afterMs, what }) => `${what} ${formatUntil(since + afterMs, now)}`);
  return `There is too little history to say what is usual. Expected: ${coming.join(", ")}.`;
}
