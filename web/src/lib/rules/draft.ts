import type { CheckKind } from "../../../../contract/check-kinds.ts";
import type { CloudStatus } from "../../../../contract/providers.ts";
import type { Condition, Rule, SubjectScope, Thresholds } from "../../../../contract/rules.ts";
import type { RuleKind, Severity } from "../../../../contract/rule-kinds.ts";
import { formatSpan } from "../checks/span.ts";
import { copyOf, WHOLE } from "../scope/scope.ts";
import { type ThresholdUnit, thresholdUnitOf } from "./levels.ts";
import { typedQuantity } from "./quantity.ts";

export type ForecastMetric = Extract<Condition, { kind: "forecast" }>["metric"];
export type ThresholdTyped = Record<keyof Thresholds, string>;

/** A rule as it is typed. What another kind would ask for is kept beside it, so that a look at it loses nothing. */
export interface RuleDraft {
  kind: RuleKind;
  name: string;
  isEnabled: boolean;
  metric: string;
  direction: "above" | "below";
  way: "rises" | "falls";
  over: string;
  forecastMetric: ForecastMetric;
  /** By kind: a share of a kind with values means nothing to one with times. */
  thresholds: Record<"metric" | "change" | "forecast" | "silence", ThresholdTyped>;
  of: "instance" | "check";
  checkKinds: CheckKind[];
  degraded: Severity | "";
  down: Severity | "";
  statuses: CloudStatus[];
  impaired: boolean;
  /** Of the provider's word and of a reboot. */
  severity: Severity;
  forSpan: string;
  hold: string;
  keepFiring: string;
  scope: SubjectScope;
}

const NOTHING: ThresholdTyped = { warning: "", critical: "", recovery: "" };

export function newDraft(kind: RuleKind = "metric"): RuleDraft {
  return {
    kind,
    name: "",
    isEnabled: true,
    metric: "cpu_busy_ratio",
    direction: "above",
    way: "rises",
    over: "15 min",
    forecastMetric: "filesystem_used_ratio",
    thresholds: {
      metric: { warning: "80 %", critical: "90 %", recovery: "" },
      change: { ...NOTHING, warning: "20 %" },
      forecast: { ...NOTHING, warning: "3 d", critical: "1 d" },
      silence: { ...NOTHING, warning: "3 min" },
    },
    of: "instance",
    checkKinds: [],
    degraded: "",
    down: "critical",
    statuses: ["stopped", "suspended"],
    impaired: true,
    severity: "warning",
    forSpan: "10 min",
    hold: usualHold(kind),
    keepFiring: "",
    scope: copyOf(WHOLE),
  };
}

/** Readings jump, so they are to last; what is judged already is told at once. */
export function usualHold(kind: RuleKind): string {
  return kind === "metric" ? "5 min" : "";
}

/** A rule that exists, to be changed. */
export function draftOf({ name, isEnabled, condition, scope, holdMs, keepFiringMs }: Rule): RuleDraft {
  const draft: RuleDraft = {
    ...newDraft(condition.kind),
    name,
    isEnabled,
    scope: copyOf(scope),
    hold: spanTyped(holdMs),
    keepFiring: spanTyped(keepFiringMs),
  };
  const typed = "warning" in condition ? thresholdsTyped(condition, thresholdUnitOf(condition)!) : NOTHING;
  switch (condition.kind) {
    case "metric":
      draft.thresholds.metric = typed;
      return { ...draft, metric: condition.metric, direction: condition.direction };
    case "change":
      draft.thresholds.change = typed;
      return { ...draft, metric: condition.metric, way: condition.direction, over: formatSpan(condition.overMs) };
    case "forecast":
      draft.thresholds.forecast = typed;
      return { ...draft, forecastMetric: condition.metric };
    case "silence":
      draft.thresholds.silence = typed;
      return draft;
    case "verdict": {
      const { of, checkKinds, degraded, down } = condition;
      return { ...draft, of, checkKinds: [...checkKinds], degraded: degraded ?? "", down: down ?? "" };
    }
    case "provider": {
      const { statuses, impaired, severity } = condition;
      return { ...draft, statuses: [...statuses], impaired, severity };
    }
    case "reboot":
      return { ...draft, forSpan: formatSpan(condition.forMs), severity: condition.severity };
  }
}

/** Thresholds as they are typed; what there is not stays empty. */
export function thresholdsTyped(given: Thresholds, unit: ThresholdUnit): ThresholdTyped {
  const typed = (value: number | null) => {
    if (value === null) return "";
    return unit === "span" ? formatSpan(value) : typedQuantity(value, unit === "points" ? "ratio" : unit);
  };
  return { warning: typed(given.warning), critical: typed(given.critical), recovery: typed(given.recovery) };
}

/** No time at all is said by an empty field. */
function spanTyped(span: number): string {
  return span === 0 ? "" : formatSpan(span);
}
