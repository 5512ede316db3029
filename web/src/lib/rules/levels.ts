import { metricOf, unitOf } from "../../../../contract/metric.ts";
import type { Condition } from "../../../../contract/rules.ts";
import type { Severity } from "../../../../contract/rule-kinds.ts";
import type { Unit } from "../../../../contract/units.ts";
import { formatSpan } from "../checks/span.ts";
import { typedQuantity } from "./quantity.ts";

/** What thresholds are measured in: a metric's own unit, or a time. */
export type ThresholdUnit = Unit | "span" | "points";

/** Null where a rule of this kind has no thresholds. */
export function thresholdUnitOf(condition: Pick<Condition, "kind"> & { metric?: string }): ThresholdUnit | null {
  switch (condition.kind) {
    case "metric":
      return unitOf(metricOf(condition.metric ?? ""));
    case "change": {
      const unit = unitOf(metricOf(condition.metric ?? ""));
      return unit === "ratio" ? "points" : unit;
    }
    case "forecast":
    case "silence":
      return "span";
    default:
      return null;
  }
}

/** A threshold as it is said and typed. Spans are milliseconds, all else is in base units. */
export function thresholdInWords(value: number, unit: ThresholdUnit): string {
  if (unit === "span") return formatSpan(value);
  if (unit === "points") return typedQuantity(value, "ratio").replace("%", "percentage points");
  return typedQuantity(value, unit);
}

/** When it is how bad, the milder first. */
export interface Level {
  text: string;
  severity: Severity;
}

/** What a rule calls trouble, in words. */
export function levelsOf(condition: Condition): Level[] {
  switch (condition.kind) {
    case "metric":
      return thresholdLevels(condition, (value) => `${isEnd(condition) ? "within" : condition.direction} ${value}`);
    case "change": {
      const within = formatSpan(condition.overMs);
      return thresholdLevels(condition, (value) => `${condition.direction} by ${value} within ${within}`);
    }
    case "forecast":
      return thresholdLevels(condition, (value) => `within ${value}`);
    case "silence":
      return thresholdLevels(condition, (value) => `for ${value}`);
    case "verdict":
      return (["degraded", "down"] as const).flatMap((verdict) => {
        const severity = condition[verdict];
        return severity === null ? [] : [{ text: verdict, severity }];
      });
    case "provider": {
      const said = [...condition.statuses, ...(condition.impaired ? ["impaired"] : [])];
      return [{ text: listed(said, "or"), severity: condition.severity }];
    }
    case "reboot":
      return [{ text: `less than ${formatSpan(condition.forMs)} ago`, severity: condition.severity }];
  }
}

/** Time that is left: below so much of it is an end within so much. */
export function isEnd({ metric, direction }: { metric: string; direction: "above" | "below" }): boolean {
  return metric === "certificate_left_seconds" && direction === "below";
}

type WithThresholds = Extract<Condition, { warning: number | null }>;

function thresholdLevels(condition: WithThresholds, words: (value: string) => string): Level[] {
  const unit = thresholdUnitOf(condition)!;
  return (["warning", "critical"] as const).flatMap((severity) => {
    const value = condition[severity];
    return value === null ? [] : [{ text: words(thresholdInWords(value, unit)), severity }];
  });
}

/** `a`, `a or b`, `a, b or c`. */
export function listed(words: readonly string[], last: "and" | "or"): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}
