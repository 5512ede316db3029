import { parseSeriesKey, unitOf, type SeriesKey } from "../../contract/metric.ts";
import { NephosError } from "../errors.ts";
import { ORIGINAL_METRICS } from "../live/original-metrics.ts";

/** A series of ours under the name the original has for it. */
export interface NamedSeries {
  name: string;
  /** The original keeps everything with the instance; we keep what its check sees with the check. */
  of: "instance" | "check";
  key: SeriesKey;
  /** What the original's value is multiplied by to become ours. */
  factor: number;
  unit: string;
}

/** How long its check was answered in: the one series that the original's sentinel wrote itself. */
const LATENCY: NamedSeries = {
  name: "health_check_latency",
  of: "check",
  key: "check_response_seconds",
  factor: 0.001,
  unit: "milliseconds",
};

const NAMED: readonly NamedSeries[] = [
  ...Object.entries(ORIGINAL_METRICS).map(([name, { metric, factor, unit }]): NamedSeries => {
    return { name, of: "instance", key: metric, factor, unit };
  }),
  LATENCY,
];

/** What every instance is asked for: each series of ours once, under the name its own agent gives it. */
const USUAL = NAMED.filter((series, index) => NAMED.findIndex(({ key }) => key === series.key) === index);

/**
 * The series somebody asks for by name, or without one all that the original knows and the instance's own. A name that the original
 * does not have is a series key of ours, in base units.
 */
export function namedSeries(metricName: string | undefined, custom: readonly SeriesKey[]): readonly NamedSeries[] {
  if (metricName === undefined) return [...USUAL, ...custom.map(ownSeries)];
  const named = NAMED.find(({ name }) => name === metricName);
  if (named) return [named];
  if (parseSeriesKey(metricName)) return [ownSeries(metricName)];
  throw new NephosError("invalid_field", "metricName: is no metric's name", {
    field: "metricName",
    remedy: "Use a name of the original's, as cpu_usage, or a series key, as load_1m.",
  });
}

/** What the original calls a series of ours; undefined where it has no name for it. */
export function originalNameOf(key: SeriesKey): string | undefined {
  return NAMED.find((series) => series.key === key)?.name;
}

function ownSeries(key: SeriesKey): NamedSeries {
  return { name: key, of: "instance", key, factor: 1, unit: unitOf(parseSeriesKey(key)!.metric) };
}

/** Thousandths of a percent, a megabyte or a millisecond are as much as ours are worth. */
const VALUE_SCALE = 1_000;

/** A value of ours as the original would have it. */
export function originalValue({ factor }: NamedSeries, value: number): number {
  return factor === 1 ? value : Math.round((value / factor) * VALUE_SCALE) / VALUE_SCALE;
}
