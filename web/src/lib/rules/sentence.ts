import type { CheckKind } from "../../../../contract/check-kinds.ts";
import type { Condition, Rule } from "../../../../contract/rules.ts";
import { KIND_WORDS } from "../checks/kinds.ts";
import { formatSpan } from "../checks/span.ts";
import { metricLabel } from "../compare/metric-options.ts";
import { isEnd, levelsOf, listed } from "./levels.ts";

type Said = Pick<Rule, "condition" | "holdMs">;

/** What is looked at, as the beginning of a sentence that the levels go on with. */
export function watchedInWords(condition: Condition): string {
  switch (condition.kind) {
    case "metric":
      return isEnd(condition) ? "A certificate ends" : nameOf(condition.metric);
    case "change":
      return nameOf(condition.metric);
    case "forecast":
      return FULL[condition.metric];
    case "verdict":
      return condition.of === "instance" ? "An instance is" : `${checksOf(condition.checkKinds)} is`;
    case "silence":
      return "An agent is silent";
    case "provider":
      return "The provider calls an instance";
    case "reboot":
      return "An instance was started anew";
  }
}

/** The whole rule in one line: `CPU busy above 70 % for 10 min → warning, above 90 % → critical, whole fleet`. */
export function sentenceOf({ condition, holdMs }: Said, scope: string): string {
  const hold = holdMs === 0 ? "" : ` for ${formatSpan(holdMs)}`;
  // What is a time already would be read as another one of it.
  const held = condition.kind === "silence" || condition.kind === "forecast" || condition.kind === "reboot";
  const levels = levelsOf(condition).map(
    ({ text, severity }, index) => `${text}${index === 0 && !held ? hold : ""} → ${severity}`,
  );
  return [
    `${watchedInWords(condition)} ${levels.join(", ")}`,
    held && holdMs > 0 && `when that lasts ${formatSpan(holdMs)}`,
    scope,
  ]
    .filter(Boolean)
    .join(", ");
}

/** A number and its unit stay on one line. */
export function unbroken(sentence: string): string {
  return sentence.replace(/(\d) (?=[^\s→])/g, "$1\u00A0");
}

const FULL = {
  filesystem_used_ratio: "A filesystem will be full",
  filesystem_inodes_used_ratio: "A filesystem will have no inodes left",
  memory_used_ratio: "Memory will be full",
  swap_used_ratio: "Swap will be full",
} as const satisfies Record<Extract<Condition, { kind: "forecast" }>["metric"], string>;

function checksOf(kinds: readonly CheckKind[]): string {
  if (kinds.length === 0) return "A check";
  const labels = kinds.map((kind) => KIND_WORDS[kind].label);
  return `A check (${listed(labels, "or")})`;
}

/** Without the unit that tells two metrics of one name apart: the threshold beside it has one. */
function nameOf(key: string): string {
  return metricLabel(key).replace(/ \([^)]*\)(?=:|$)/, "");
}
