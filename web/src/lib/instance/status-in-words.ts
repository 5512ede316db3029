import type { Instance } from "../../../../contract/instance.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { formatDuration, formatDurationShort } from "../format/duration.ts";
import { type Condition, conditionOf, statusOf } from "../live/status.ts";
import { STANDING_WORDS } from "../verdict/verdict-words.ts";

/** Each condition in a word or two, as a filter or a heading has room for. */
export const CONDITION_WORDS: Record<Condition, string> = {
  down: STANDING_WORDS.down,
  unsure: STANDING_WORDS.unsure,
  degraded: STANDING_WORDS.degraded,
  stale: "No data",
  waiting: STANDING_WORDS.waiting,
  live: "Live",
  up: STANDING_WORDS.up,
  gone: "Gone",
};

/** The status as it is written beside its dot. Silence is called silence: an agent's data cannot say that a machine is down. */
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

/** The condition as it is written beside its dot: a verdict with how long it has been this one. */
export function conditionInWords(
  instance: Pick<Instance, "judgement" | "intervalMs" | "cloud">,
  lastSampleAt: EpochMs | null,
  now: EpochMs,
): string {
  const condition = conditionOf(instance, lastSampleAt, now);
  const { judgement, cloud, intervalMs } = instance;
  if (condition === "gone") return `Gone for ${formatDurationShort(now - cloud!.goneAt!)}`;
  if (!judgement) return statusInWords(lastSampleAt, intervalMs, now);
  const word = CONDITION_WORDS[condition];
  return condition === "up" ? word : `${word} for ${formatDurationShort(now - judgement.since)}`;
}

export function instanceHref(id: string): `/instances/${string}` {
  return `/instances/${encodeURIComponent(id)}`;
}
