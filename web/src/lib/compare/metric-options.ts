import {
  definitionOf,
  type MetricDefinition,
  metricOf,
  METRICS,
  parseSeriesKey,
  type SeriesKey,
} from "../../../../contract/metric.ts";

export interface MetricGroup {
  label: string;
  options: { value: SeriesKey; label: string }[];
}

const known = Object.entries(METRICS) as [string, MetricDefinition][];
const timesNamed = new Map<string, number>();
for (const [, { label }] of known) timesNamed.set(label, (timesNamed.get(label) ?? 0) + 1);

/** The metric in words: with its dimension, and with its unit where two share a name. A custom one is its own word. */
export function metricLabel(key: SeriesKey): string {
  const { metric, dimension } = parseSeriesKey(key) ?? { metric: key };
  const definition = definitionOf(metric);
  if (!definition) return key;
  const unit = timesNamed.get(definition.label)! > 1 ? ` (${definition.unit === "ratio" ? "%" : definition.unit})` : "";
  return `${definition.label}${unit}${dimension === undefined ? "" : `: ${dimension}`}`;
}

/** What can be compared: every metric of the table, and of the chosen instances what only they have. */
export function metricGroups(seen: Iterable<SeriesKey>, chosen: SeriesKey): MetricGroup[] {
  const others = [...new Set([...seen, chosen])].filter((key) => !Object.hasOwn(METRICS, key)).toSorted();
  const optionOf = (value: SeriesKey) => ({ value, label: metricLabel(value) });
  return [
    { label: "Of the whole machine", options: known.map(([metric]) => optionOf(metric)) },
    { label: "Of one mount, device or interface", options: others.filter((key) => isKnown(key)).map(optionOf) },
    { label: "Custom metrics", options: others.filter((key) => !isKnown(key)).map(optionOf) },
  ].filter(({ options }) => options.length > 0);
}

function isKnown(key: SeriesKey): boolean {
  return definitionOf(metricOf(key)) !== undefined;
}
