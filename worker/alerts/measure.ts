import type { Judgement } from "../../contract/verdict.ts";
import {
  isCheckSubject,
  isHighBad,
  thresholdProblem,
  type Condition,
  type ConditionOf,
  type Override,
  type Thresholds,
} from "../../contract/rules.ts";
import type { RuleKind, Severity } from "../../contract/rule-kinds.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { InstanceRow } from "../instances/table.ts";
import { FLAP_KEEP_FIRING_MS, READING_GAP_MIN_MS, SILENCE_CONFIRM_MS } from "../settings.ts";
import type { Measure } from "./rule-state.ts";
import type { RuleRow } from "./table.ts";

/** Every kind of rule as numbers with thresholds: what the machine of `rule-state.ts` takes. */

/** A verdict as a figure; `unsure` is none. */
export const VERDICT_VALUES = { up: 0, degraded: 1, down: 2 } as const;
/** The provider's word: running, impaired, stopped. */
export const PROVIDER_VALUES = { well: 0, impaired: 1, stopped: 2 } as const;
/** A pause of so many intervals is a gap: what was before it says nothing of what is after. */
const GAP_INTERVALS = 3;

/** `everyMs`: how often readings are to be expected; 0 where the thresholds are to be as they are given. `isFlapping`: it came and went, and is to be well for longer. */
export function measureOf(
  { condition, holdMs, keepFiringMs }: Pick<RuleRow, "condition" | "holdMs" | "keepFiringMs">,
  override: Override | undefined,
  everyMs: DurationMs,
  isFlapping = false,
): Measure {
  const isSilence = condition.kind === "silence";
  const given = thresholdsOf(condition, override);
  // An override too is about an agent that is no slower than that.
  const thresholds = isSilence && everyMs > 0 ? atLeast(given, silenceLeastMs(everyMs)) : given;
  return {
    ...thresholds,
    isHighBad: isHighBad(condition),
    // Somebody who only comes back is given the time to.
    holdMs: isSilence ? Math.max(holdMs, SILENCE_CONFIRM_MS) : holdMs,
    keepFiringMs: isFlapping ? Math.max(keepFiringMs, FLAP_KEEP_FIRING_MS) : keepFiringMs,
    // Silence is looked for when it is due, forecasts are made in turn: that may be hours apart.
    gapMs:
      isSilence || condition.kind === "forecast"
        ? Infinity
        : Math.max(READING_GAP_MIN_MS, (GAP_INTERVALS + 0.5) * everyMs),
  };
}

/** What an override leaves open is the rule's own, but for a recovery that is on the wrong side of what it sets. */
function withOverride(own: Thresholds, override: Override | undefined, highIsBad: boolean): Thresholds {
  if (!override) return { warning: own.warning, critical: own.critical, recovery: own.recovery };
  const thresholds = {
    warning: override.warning ?? own.warning,
    critical: override.critical ?? own.critical,
    recovery: override.recovery ?? own.recovery,
  };
  const isOutOfPlace = thresholdProblem(thresholds, highIsBad)?.path === "recovery";
  return isOutOfPlace && override.recovery === null ? { ...thresholds, recovery: null } : thresholds;
}

function thresholdsOf(condition: Condition, override: Override | undefined): Thresholds {
  switch (condition.kind) {
    case "verdict": {
      const { degraded, down } = condition;
      const least = (severity: Severity) => {
        if (degraded === severity) return VERDICT_VALUES.degraded;
        return down === severity ? VERDICT_VALUES.down : null;
      };
      const critical = least("critical");
      const warning = least("warning");
      return {
        warning: warning !== null && critical !== null && warning >= critical ? null : warning,
        critical,
        recovery: null,
      };
    }
    case "provider":
    case "reboot":
      return { warning: null, critical: null, recovery: null, [condition.severity]: 1 };
    default:
      return withOverride(condition, override, isHighBad(condition));
  }
}

/** A verdict as a reading; null where nobody can tell. */
export function verdictReading(judgement: Pick<Judgement, "verdict"> | null): number | null {
  if (!judgement || judgement.verdict === "unsure") return null;
  return VERDICT_VALUES[judgement.verdict];
}

/** A provider's word as a reading; null where it lists nothing of the kind. */
export function providerReading(
  condition: ConditionOf<"provider">,
  { cloud }: Pick<InstanceRow, "cloud">,
): number | null {
  if (!cloud || cloud.goneAt !== null) return null;
  if (condition.statuses.includes(cloud.status)) return PROVIDER_VALUES.stopped;
  return condition.impaired && cloud.impaired !== null ? PROVIDER_VALUES.impaired : PROVIDER_VALUES.well;
}

/** A machine that has just been taken in has not rebooted: it was started before anybody looked. */
export function rebootReading(
  condition: ConditionOf<"reboot">,
  { at, uptimeSeconds }: { at: EpochMs; uptimeSeconds: number },
  firstSeenAt: EpochMs,
): number {
  const bootAt = at - uptimeSeconds * 1_000;
  const isLately = uptimeSeconds * 1_000 < condition.forMs && bootAt > firstSeenAt;
  return isLately ? 1 : 0;
}

/** How long an agent has been silent, as far as it is looked for: a little early, so that a second look comes in time. */
export function silenceReading(lastSampleAt: EpochMs, now: EpochMs): number {
  return now - lastSampleAt + SILENCE_CONFIRM_MS;
}

/** Silence in which an agent of this interval is only slow. */
export function silenceLeast(condition: ConditionOf<"silence">, intervalMs: DurationMs): ConditionOf<"silence"> {
  return { ...condition, ...atLeast(condition, silenceLeastMs(intervalMs)) };
}

function silenceLeastMs(intervalMs: DurationMs): DurationMs {
  return GAP_INTERVALS * intervalMs + SILENCE_CONFIRM_MS;
}

/** Recovery too: one below the least that is ever read of somebody who talks would never be reached. */
function atLeast({ warning, critical, recovery }: Thresholds, least: DurationMs): Thresholds {
  const raised = (value: number | null) => (value === null ? null : Math.max(value, least));
  return { warning: raised(warning), critical: raised(critical), recovery: raised(recovery) };
}

export function metricOfCondition(condition: Condition): string | null {
  return "metric" in condition ? condition.metric : condition.kind === "reboot" ? "uptime_seconds" : null;
}

/** Which series' words explain what is wrong by such a rule; null where there is none, or the rule was deleted. */
export function explainedMetric(
  { kind, subject }: { kind: RuleKind; subject: string },
  condition: Condition | undefined,
): string | null {
  if (kind === "verdict") return isCheckSubject(subject) ? "check_up" : "health_up";
  return condition ? metricOfCondition(condition) : null;
}
