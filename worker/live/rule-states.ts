import type { RuleState as Shown } from "../../contract/rules.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Measure, RuleState } from "../alerts/rule-state.ts";
import type { RuleRow } from "../alerts/table.ts";

/** Where rules stand with one subject, as the API tells of it; what nothing was heard of for too long has no state. */
export function shownStates(
  entries: readonly { rule: RuleRow; measure: Measure; state: RuleState | undefined }[],
  now: EpochMs,
): Shown[] {
  return entries.map(({ rule: { id, name, condition }, measure, state }) => {
    if (!state) return { ruleId: id, name, phase: "no_data", severity: null, since: null, value: null };
    const { phase, severity, since, lastAt } = state;
    // What does not fill up is held against thresholds as if it took for ever.
    const isNever = condition.kind === "forecast" && state.value >= Number.MAX_SAFE_INTEGER;
    const value = isNever ? null : state.value;
    // What fires goes on until somebody hears that it is over.
    const isUnheard = phase !== "firing" && now - lastAt > measure.gapMs;
    return { ruleId: id, name, phase: isUnheard ? "no_data" : phase, severity, since, value };
  });
}
