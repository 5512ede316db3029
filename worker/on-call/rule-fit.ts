import { definitionOf, metricOf } from "../../contract/metric.ts";
import { thresholdProblem, type Condition, type Override, type Thresholds } from "../../contract/rules.ts";
import { measureOf } from "../alerts/measure.ts";
import type { RuleRow } from "../alerts/table.ts";
import type { Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { isSentByAny } from "../series/custom-series.ts";

/** A metric that is not in our table is one that somebody sends; a rule about one that nobody sends would never fire. */
export async function refuseUnsent(db: Database, condition: Condition): Promise<void> {
  if (condition.kind !== "metric" && condition.kind !== "change") return;
  const { metric } = condition;
  if (definitionOf(metricOf(metric)) !== undefined || (await isSentByAny(db, metric))) return;
  throw new NephosError("invalid_field", `condition.metric: is sent by no instance: ${metric}`, {
    field: "condition.metric",
    remedy: "Check its spelling, or let an instance send it first.",
  });
}

/** What is wrong with another measure of this rule; undefined where it fits. */
export function overrideProblem(
  rule: Pick<RuleRow, "condition" | "holdMs" | "keepFiringMs">,
  override: Override,
): { path: keyof Thresholds; message: string } | undefined {
  const given = (["warning", "critical", "recovery"] as const).find((name) => override[name] !== null);
  if (given === undefined) return undefined;
  if (!("warning" in rule.condition))
    return { path: given, message: "must be null: such a rule has no thresholds, it can only be switched off" };
  const measure = measureOf(rule, override, 0);
  return thresholdProblem(measure, measure.isHighBad);
}
