import { definitionOf, type MetricDefinition, METRICS, metricOf } from "../../../../contract/metric.ts";
import { metricLabel } from "../compare/metric-options.ts";
import { groupOf, GROUPS, type Group } from "./groups.ts";

/** What only the agent's own readings are of interest for: a rule about them is typed. */
const LEFT_OUT = /^agent_collect/;

/** The metrics of the table by what they are of, as a list to choose from. */
export const METRIC_GROUPS: readonly { label: string; options: { value: string; label: string }[] }[] = (() => {
  const named = Object.keys(METRICS).filter((metric) => !LEFT_OUT.test(metric));
  const byGroup = Map.groupBy(named, (metric) => groupOf({ condition: conditionOn(metric) }));
  return (Object.keys(GROUPS) as Group[]).flatMap((group) => {
    const own = byGroup.get(group);
    return own ? [{ label: GROUPS[group], options: own.map((value) => ({ value, label: metricLabel(value) })) }] : [];
  });
})();

/** A metric that is not chosen from the list: it is typed. */
export const TYPED = "typed";

/** Whether a key is one of the list as it is: neither a custom one nor one of a part. */
export function isListed(key: string): boolean {
  return Object.hasOwn(METRICS, key) && !LEFT_OUT.test(key);
}

/** Which side of a metric is trouble, where the table knows. */
export function usualDirection(key: string): "above" | "below" {
  return definitionOf(metricOf(key))?.bad === "low" ? "below" : "above";
}

/** What a metric can be narrowed to, `filesystem_used_ratio` to a mount; undefined where it has no parts. */
export function partOf(key: string): MetricDefinition["perDimension"] {
  return definitionOf(metricOf(key))?.perDimension;
}

/** The key of one part, or of the whole where none is named. */
export function withPart(key: string, part: string): string {
  const metric = metricOf(key);
  return part.trim() === "" ? metric : `${metric}:${part.trim()}`;
}

export function partTyped(key: string): string {
  const colon = key.indexOf(":");
  return colon === -1 ? "" : key.slice(colon + 1);
}

function conditionOn(metric: string) {
  return { kind: "metric", metric, direction: "above", warning: null, critical: null, recovery: null } as const;
}
