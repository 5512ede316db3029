import { parseSeriesKey, definitionOf, metricOf } from "../../../../contract/metric.ts";
import { RULE_CHANGE_OVER_MAX_MS, RULE_HOLD_MAX_MS } from "../../../../contract/rule-kinds.ts";
import type { Condition, NewRule } from "../../../../contract/rules.ts";
import { INSTANCE_NAME_LENGTH_MAX } from "../../../../contract/limits.ts";
import { Faults } from "../checks/checked.ts";
import { copyOf } from "../scope/scope.ts";
import type { RuleDraft } from "./draft.ts";
import { thresholdUnitOf } from "./levels.ts";
import { watchedInWords } from "./sentence.ts";
import { type MeasuredIn, thresholdsOf } from "./thresholds.ts";

/** Where the form has a place to say what is wrong, by the names refusals have for it. */
export const FIELDS: readonly string[] = [
  "name",
  "holdMs",
  "keepFiringMs",
  "scope",
  ...["metric", "overMs", "warning", "critical", "recovery", "checkKinds", "degraded", "down", "statuses", "forMs"].map(
    (name) => `condition.${name}`,
  ),
];

const MINUTE = 60_000;

/** What was typed as it would be sent, and what is wrong with it. */
export function checked(draft: RuleDraft): { sent: NewRule; faults: Faults } {
  const faults = new Faults();
  const condition = conditionOf(faults, draft);
  const sent: NewRule = {
    name: (draft.name.trim() || suggestedName(condition)).slice(0, INSTANCE_NAME_LENGTH_MAX),
    isEnabled: draft.isEnabled,
    condition,
    scope: copyOf(draft.scope),
    holdMs: optionalSpan(faults, "holdMs", draft.hold),
    keepFiringMs: optionalSpan(faults, "keepFiringMs", draft.keepFiring),
  };
  return { sent, faults };
}

/** What a rule is called that nobody names. */
export function suggestedName(condition: Condition): string {
  switch (condition.kind) {
    case "change":
      return `${watchedInWords(condition)} ${condition.direction} fast`;
    case "forecast":
      return watchedInWords(condition).replace("will be full", "full soon").replace("will have no", "soon without");
    case "verdict": {
      const word = condition.down === null ? "degraded" : "down";
      return condition.of === "instance" ? `Instance ${word}` : `Check ${word}`;
    }
    case "silence":
      return "Agent silent";
    case "provider":
      return "Stopped or impaired at its provider";
    case "reboot":
      return "Rebooted";
    default:
      return watchedInWords(condition);
  }
}

function conditionOf(faults: Faults, draft: RuleDraft): Condition {
  const { kind } = draft;
  switch (kind) {
    case "metric": {
      const metric = metricTyped(faults, draft.metric);
      const { direction } = draft;
      const measured = { unit: thresholdUnitOf({ kind, metric })!, highIsBad: direction === "above", metric };
      return { kind, metric, direction, ...ofThresholds(faults, draft, kind, measured) };
    }
    case "change": {
      const metric = metricTyped(faults, draft.metric);
      const measured = { unit: thresholdUnitOf({ kind, metric })!, highIsBad: true, isChange: true };
      return {
        kind,
        metric,
        direction: draft.way,
        overMs: faults.span("condition.overMs", draft.over, MINUTE, RULE_CHANGE_OVER_MAX_MS),
        ...ofThresholds(faults, draft, kind, measured),
      };
    }
    case "forecast":
      return {
        kind,
        metric: draft.forecastMetric,
        ...ofThresholds(faults, draft, kind, { unit: "span", highIsBad: false }),
      };
    case "silence":
      return { kind, ...ofThresholds(faults, draft, kind, { unit: "span", highIsBad: true }) };
    case "verdict": {
      const [degraded, down] = [draft.degraded || null, draft.down || null];
      if (degraded === null && down === null)
        faults.wrong["condition.down"] = "One of them must be a warning or critical.";
      return { kind, of: draft.of, checkKinds: draft.of === "check" ? [...draft.checkKinds] : [], degraded, down };
    }
    case "provider": {
      if (draft.statuses.length === 0 && !draft.impaired)
        faults.wrong["condition.statuses"] = "Choose what is trouble: a rule without any would never fire.";
      return { kind, statuses: [...draft.statuses], impaired: draft.impaired, severity: draft.severity };
    }
    case "reboot":
      return {
        kind,
        forMs: faults.span("condition.forMs", draft.forSpan, MINUTE, RULE_HOLD_MAX_MS),
        severity: draft.severity,
      };
  }
}

type WithThresholds = keyof RuleDraft["thresholds"];

function ofThresholds(faults: Faults, draft: RuleDraft, kind: WithThresholds, measured: MeasuredIn) {
  // Before it is known what is measured, nobody can tell in what.
  const isAmiss = (faults.wrong["condition.metric"] ?? faults.missing["condition.metric"]) !== undefined;
  return thresholdsOf(isAmiss ? new Faults() : faults, "condition.", draft.thresholds[kind], measured);
}

function metricTyped(faults: Faults, typed: string): string {
  const key = typed.trim();
  const parsed = parseSeriesKey(key);
  if (key === "") faults.missing["condition.metric"] = "Choose what is measured.";
  else if (!parsed)
    faults.wrong["condition.metric"] = "A name such as cpu_busy_ratio, or filesystem_used_ratio:/var for one part.";
  else if (parsed.dimension !== undefined) {
    const known = definitionOf(metricOf(key));
    if (known && known.perDimension === undefined)
      faults.wrong["condition.metric"] = "It has no parts that could be told apart: leave out what follows the colon.";
  }
  return key;
}

function optionalSpan(faults: Faults, field: string, typed: string): number {
  return /^0?$/.test(typed.trim()) ? 0 : faults.span(field, typed, 0, RULE_HOLD_MAX_MS);
}
