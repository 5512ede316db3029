import { RULE_KINDS, RULE_KIND_NAMES, type RuleKind } from "../../../../contract/rule-kinds.ts";
import type { CloudStatus } from "../../../../contract/providers.ts";

/** What each kind of rule is for. */
export const KIND_TELLS: Record<RuleKind, string> = {
  metric: "A reading is above or below a threshold: CPU, memory, a disk, an answer's time, or a metric of your own.",
  change: "A reading rises or falls by so much within a time, wherever it stands.",
  forecast: "A disk, inodes, memory or swap will be full within a time, if it goes on as in the last two weeks.",
  verdict: "An instance or a check is down, or degraded, as several regions have seen it.",
  silence: "Nothing was heard of an agent for so long; never before three of its own intervals.",
  provider: "The provider says that an instance is stopped, suspended or impaired.",
  reboot: "An instance was started anew a moment ago.",
};

export const KIND_OPTIONS: readonly { value: RuleKind; label: string }[] = RULE_KIND_NAMES.map((value) => ({
  value,
  label: RULE_KINDS[value],
}));

/** In the words of the list of clouds; `running` is no trouble, and not offered. */
export const STATUS_OPTIONS = [
  { value: "stopped", label: "Stopped" },
  { value: "suspended", label: "Suspended" },
  { value: "stopping", label: "Stopping" },
  { value: "starting", label: "Starting" },
  { value: "unknown", label: "Unknown" },
] as const satisfies { value: CloudStatus; label: string }[];

export const SEVERITY_OPTIONS = [
  { value: "warning", label: "Warning" },
  { value: "critical", label: "Critical" },
] as const;
export const SEVERITY_OR_NONE = [{ value: "", label: "No trouble" }, ...SEVERITY_OPTIONS] as const;

export const FORECAST_OPTIONS = [
  { value: "filesystem_used_ratio", label: "A filesystem" },
  { value: "filesystem_inodes_used_ratio", label: "The inodes of a filesystem" },
  { value: "memory_used_ratio", label: "Memory" },
  { value: "swap_used_ratio", label: "Swap" },
] as const;
