import { metricOf } from "../../../../contract/metric.ts";
import type { Override, Rule, Thresholds } from "../../../../contract/rules.ts";
import { Faults } from "../checks/checked.ts";
import { type ThresholdTyped } from "./draft.ts";
import { thresholdInWords, type ThresholdUnit, thresholdUnitOf } from "./levels.ts";
import { type MeasuredIn, noteOrder, thresholdOf } from "./thresholds.ts";

/** Where the form of another measure has a place to say what is wrong. */
export const OVERRIDE_FIELDS = ["subject", "warning", "critical", "recovery"] as const;

/** Null where such a rule has no thresholds: it can only be switched off for somebody. */
export function measuredIn({ condition }: Pick<Rule, "condition">): (MeasuredIn & { own: Thresholds }) | null {
  if (!("warning" in condition)) return null;
  const { kind, warning, critical, recovery } = condition;
  return {
    unit: thresholdUnitOf(condition)!,
    // Less of the time that is left is worse.
    highIsBad: kind === "metric" ? condition.direction === "above" : kind !== "forecast",
    metric: kind === "metric" ? metricOf(condition.metric) : undefined,
    isChange: kind === "change",
    own: { warning, critical, recovery },
  };
}

/** Another measure as it would be sent, and what is wrong with it together with the rule's own. */
export function overrideTyped(
  rule: Pick<Rule, "condition">,
  subject: string | undefined,
  isOff: boolean,
  typed: ThresholdTyped,
): { sent: Override; faults: Faults } {
  const faults = new Faults();
  if (subject === undefined) faults.missing["subject"] = "For whom: an instance or a check.";
  const nothing = { warning: null, critical: null, recovery: null };
  const measured = measuredIn(rule);
  if (isOff || measured === null) {
    if (!isOff) faults.wrong["subject"] = "Such a rule has no thresholds: it can only be switched off for somebody.";
    return { sent: { isEnabled: !isOff, ...nothing }, faults };
  }
  const [warning, critical, recovery] = (["warning", "critical", "recovery"] as const).map((name) =>
    thresholdOf(faults, name, typed[name], measured),
  ) as [number | null, number | null, number | null];
  if (!faults.any && warning === null && critical === null && recovery === null)
    faults.missing["warning"] = "Give one of them at least, or switch the rule off for it.";
  const { own } = measured;
  const whole = { warning: warning ?? own.warning, critical: critical ?? own.critical, recovery };
  if (Object.keys(faults.wrong).length === 0) noteOrder(faults, "", whole, measured);
  return { sent: { isEnabled: true, warning, critical, recovery }, faults };
}

/** What holds for one subject in place of the rule's own measure. */
export function overrideInWords({ isEnabled, ...given }: Override, unit: ThresholdUnit | null): string {
  if (!isEnabled) return "off";
  if (unit === null) return "as all others";
  const said = (["warning", "critical", "recovery"] as const).flatMap((name) => {
    const value = given[name];
    return value === null ? [] : [`${name === "recovery" ? "over again at" : name} ${thresholdInWords(value, unit)}`];
  });
  return said.join(", ") || "as all others";
}
