import type { CheckKind } from "../../contract/check-kinds.ts";
import type { Incident, IncidentDetail } from "../../contract/incidents.ts";
import { isCheckSubject } from "../../contract/rules.ts";
import { measureOf, metricOfCondition } from "../alerts/measure.ts";
import type { RuleOverrideRow, RuleRow } from "../alerts/table.ts";

const NO_THRESHOLDS = { warning: null, critical: null };

/**
 * The series that shows an incident best, with the thresholds that hold for whom it began with; null where there is none. A rule
 * that was deleted leaves no thresholds behind.
 */
export function chartOf(
  { kind, subject }: Pick<Incident, "kind" | "subject">,
  rule: RuleRow | undefined,
  overrides: readonly RuleOverrideRow[],
  /** Of the check that it is about, where it is about one. */
  checkKind: CheckKind | undefined,
): IncidentDetail["chart"] {
  // How long it took to answer says most of a check that fell; an instance's verdict is of no one series.
  if (kind === "verdict") {
    const isAsked = isCheckSubject(subject) && checkKind !== "heartbeat";
    return isAsked ? { subject, metric: "check_response_seconds", ...NO_THRESHOLDS } : null;
  }
  const metric = rule && metricOfCondition(rule.condition);
  if (!rule || !metric) return null;
  // Other kinds' thresholds are of another unit than their series.
  if (rule.condition.kind !== "metric") return { subject, metric, ...NO_THRESHOLDS };
  const override = overrides.find((one) => one.subject === subject)?.override;
  const { warning, critical } = measureOf(rule, override, 0);
  return { subject, metric, warning, critical };
}
