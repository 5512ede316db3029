import { STALE_AFTER_INTERVALS } from "../../../../contract/limits.ts";
import type { Instance } from "../../../../contract/instance.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import type { Verdict } from "../../../../contract/verdict.ts";

/** Silence is all an agent's data can tell of a quiet instance, so there is no word for "down" here. */
export type Status = "live" | "stale" | "waiting";

export function statusOf(lastSampleAt: EpochMs | null, intervalMs: DurationMs, now: EpochMs): Status {
  if (lastSampleAt === null) return "waiting";
  return now - lastSampleAt > STALE_AFTER_INTERVALS * intervalMs ? "stale" : "live";
}

/** What an instance is shown and counted as. `gone`: its provider no longer lists it, and nothing on it speaks. */
export type Condition = Verdict | Status | "gone";

/** In the order of what wants to be looked at first. */
export const CONDITIONS: readonly Condition[] = [
  "down",
  "unsure",
  "degraded",
  "stale",
  "waiting",
  "live",
  "up",
  "gone",
];

/** The verdict where there is one, or what the agent's data says. The last verdict of a machine that is gone is history. */
export function conditionOf(
  { judgement, intervalMs, cloud }: Pick<Instance, "judgement" | "intervalMs" | "cloud">,
  lastSampleAt: EpochMs | null,
  now: EpochMs,
): Condition {
  const status = statusOf(lastSampleAt, intervalMs, now);
  if (cloud && cloud.goneAt !== null && status !== "live") return "gone";
  return judgement?.verdict ?? status;
}

/** Nothing on the machine ever spoke, and yet it is known: from its provider, or from the checks that look at it. */
export function isWithoutAgent(
  { agentVersion, cloud, judgement }: Pick<Instance, "agentVersion" | "cloud" | "judgement">,
  lastSampleAt: EpochMs | null,
): boolean {
  return lastSampleAt === null && agentVersion === null && (cloud !== null || judgement !== null);
}
