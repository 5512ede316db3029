/** What a rule can be about, and how bad it is. No schema here: the dashboard takes this file and stays small. */
export const RULE_KINDS = {
  metric: "A value",
  change: "A rate of change",
  forecast: "A forecast",
  verdict: "A verdict",
  silence: "An agent's silence",
  provider: "The provider's word",
  reboot: "A reboot",
} as const;
export type RuleKind = keyof typeof RULE_KINDS;
export const RULE_KIND_NAMES = Object.keys(RULE_KINDS) as [RuleKind, ...RuleKind[]];

export const SEVERITIES = ["warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Where a rule stands with one subject. `no_data`: nothing was heard of it for longer than it takes to tell. */
export const RULE_PHASES = ["ok", "pending", "firing", "recovering", "no_data"] as const;
export type RulePhase = (typeof RULE_PHASES)[number];

/** The longest a breach may have to last, and how long a rule may go on firing after it: within what is kept of every sample. */
export const RULE_HOLD_MAX_MS = 24 * 3_600_000;
/** Of a rate of change, what is compared with. */
export const RULE_CHANGE_OVER_MAX_MS = 6 * 3_600_000;
export const RULES_MAX = 200;
export const RULE_OVERRIDES_MAX = 500;
/** Days of history that a preview goes through. */
export const RULE_PREVIEW_DAYS = 7;

/** Metrics of a check's own series; all others are of an instance. */
const OF_CHECKS = /^(check_|probe_|certificate_)/;
export function isMetricOfChecks(metric: string): boolean {
  return OF_CHECKS.test(metric);
}
