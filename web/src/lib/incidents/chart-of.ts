import type { Incident, IncidentDetail } from "../../../../contract/incidents.ts";
import { definitionOf, parseSeriesKey } from "../../../../contract/metric.ts";
import type { DurationMs, EpochMs, Unit } from "../../../../contract/units.ts";
import type { ChartSpec } from "../chart/chart-spec.ts";
import { formatQuantity } from "../format/quantity.ts";

const AROUND_MIN_MS: DurationMs = 30 * 60_000;
const AROUND_MAX_MS: DurationMs = 6 * 3_600_000;
const FILLING_MS: DurationMs = 3 * 86_400_000;
/** The edges stand on whole minutes, as the marks of the axis do; and each move of one loads the chart anew. */
const STEP_MS: DurationMs = 60_000;

/** The series that shows an incident best, with its thresholds and the moments that count. */
export function chartOf(
  chart: NonNullable<IncidentDetail["chart"]>,
  { openedAt, resolvedAt }: Pick<Incident, "openedAt" | "resolvedAt">,
): ChartSpec {
  const { metric, dimension } = parseSeriesKey(chart.metric) ?? { metric: chart.metric };
  const definition = definitionOf(metric);
  const unit: Unit = definition?.unit ?? "count";
  const label = definition?.label ?? metric;
  const title = dimension === undefined ? label : `${label}: ${dimension}`;
  const level = (name: string, value: number | null, tone: "warn" | "bad") =>
    value === null ? [] : [{ value, label: `${name} ${formatQuantity(value, unit)}`, tone }];
  return {
    id: "incident",
    title,
    unit,
    lines: [{ key: chart.metric, label: title }],
    ...(unit === "ratio" ? { whole: 1 } : {}),
    levels: [...level("warning", chart.warning, "warn"), ...level("critical", chart.critical, "bad")],
    moments: [{ at: openedAt, label: "opened" }, ...(resolvedAt === null ? [] : [{ at: resolvedAt, label: "over" }])],
  };
}

/** The time to be drawn: all of the incident, and before and after it half as long again, within reason. What fills up does so over days. */
export function rangeOf(
  { kind, openedAt, resolvedAt }: Pick<Incident, "kind" | "openedAt" | "resolvedAt">,
  now: EpochMs,
): { from: EpochMs; to: EpochMs } {
  const latest = Math.ceil(now / STEP_MS) * STEP_MS;
  const lasted = (resolvedAt ?? latest) - openedAt;
  const around = kind === "forecast" ? FILLING_MS : Math.min(AROUND_MAX_MS, Math.max(AROUND_MIN_MS, lasted / 2));
  return {
    from: Math.floor((openedAt - around) / STEP_MS) * STEP_MS,
    to: resolvedAt === null ? latest : Math.min(latest, resolvedAt + around),
  };
}
