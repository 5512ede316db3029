import { definitionOf, metricOf } from "../../../../contract/metric.ts";
import { isMetricOfChecks } from "../../../../contract/rule-kinds.ts";
import type { Rule } from "../../../../contract/rules.ts";

/** What rules watch, in the order in which the page has it. */
export const GROUPS = {
  reach: "Up or down",
  checks: "Checks and answers",
  cpu: "Processor and load",
  memory: "Memory",
  disk: "Disks",
  network: "Network",
  other: "Other metrics",
  custom: "Custom metrics",
} as const;
export type Group = keyof typeof GROUPS;

export function groupOf({ condition }: Pick<Rule, "condition">): Group {
  if (condition.kind === "verdict") return condition.of === "check" ? "checks" : "reach";
  if (!("metric" in condition)) return "reach";
  const metric = metricOf(condition.metric);
  if (definitionOf(metric) === undefined) return "custom";
  if (isMetricOfChecks(metric) || metric.startsWith("health_")) return "checks";
  return PREFIXES.find(([prefix]) => prefix.test(metric))?.[1] ?? "other";
}

const PREFIXES: readonly (readonly [RegExp, Group])[] = [
  [/^(cpu_|load_|pressure_cpu|pressure_irq|processes_)/, "cpu"],
  [/^(memory_|swap_|pressure_memory)/, "memory"],
  [/^(filesystem_|disk_|pressure_io)/, "disk"],
  [/^network_/, "network"],
];

/** The rules by what they watch, those that hold before those that are off, then by name. */
export function grouped<One extends Pick<Rule, "condition" | "name" | "isEnabled">>(
  rules: readonly One[],
): { group: Group; rules: One[] }[] {
  const byGroup = Map.groupBy(rules, groupOf);
  return (Object.keys(GROUPS) as Group[]).flatMap((group) => {
    const own = byGroup.get(group);
    if (!own) return [];
    return [
      {
        group,
        rules: own.toSorted((a, b) => Number(b.isEnabled) - Number(a.isEnabled) || collator.compare(a.name, b.name)),
      },
    ];
  });
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
