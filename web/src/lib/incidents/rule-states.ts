import { definitionOf, metricOf } from "../../../../contract/metric.ts";
import type { RulePhase } from "../../../../contract/rule-kinds.ts";
import type { Condition, RuleState } from "../../../../contract/rules.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { formatDuration } from "../format/duration.ts";
import { formatQuantity } from "../format/quantity.ts";

const ORDER: Record<RulePhase, number> = { firing: 0, recovering: 1, pending: 2, no_data: 3, ok: 4 };

/** Those that say something first: what fires, what is about to. */
export function worstFirst(states: readonly RuleState[]): RuleState[] {
  return states.toSorted(
    (a, b) =>
      ORDER[a.phase] - ORDER[b.phase] ||
      (a.severity ?? "").localeCompare(b.severity ?? "") ||
      a.name.localeCompare(b.name),
  );
}

/** Where a rule stands: `Pending for 2 min`. */
export function phaseInWords({ phase, since }: Pick<RuleState, "phase" | "since">, now: EpochMs): string {
  const span = since === null ? "" : ` for ${formatDuration(now - since)}`;
  switch (phase) {
    case "ok":
      return "Fine";
    case "pending":
      return `Pending${span}`;
    case "firing":
      return `Firing${span}`;
    case "recovering":
      return `Recovering${span}`;
    case "no_data":
      return `No data${span}`;
  }
}

/** The value a rule looks at, in the unit of its condition; undefined where it looks at none. */
export function valueInWords(condition: Condition | undefined, value: number | null): string | undefined {
  if (!condition || value === null) return undefined;
  switch (condition.kind) {
    case "metric":
    case "change":
      return formatQuantity(value, definitionOf(metricOf(condition.metric))?.unit ?? "count");
    case "forecast":
      return `full in ${formatDuration(value)}`;
    case "silence":
      return `silent for ${formatDuration(value)}`;
    case "verdict":
    case "provider":
    case "reboot":
      return undefined;
  }
}
