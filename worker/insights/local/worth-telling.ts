import { INSIGHT_METRICS } from "../../../contract/insight-kinds.ts";
import { metricOf, unitOf, type SeriesKey } from "../../../contract/metric.ts";

/** Differences that matter to somebody, by metric; whatever is certain but smaller is of no use. In base units. */
const RATIO_MIN: Readonly<Record<string, number>> = {
  memory_used_ratio: 0.08,
  filesystem_used_ratio: 0.05,
  filesystem_inodes_used_ratio: 0.05,
};
const RATIO_MIN_ELSE = 0.1;
const RATE_MIN = 50_000;
const RATE_FACTOR_MIN = 2;
const LOAD_MIN = 0.5;
const FACTOR_MIN = 1.5;

/** Whether two readings of a metric differ by enough to be told. `share` 0.5 asks half as much. */
export function isWorthTelling(key: SeriesKey, from: number, to: number, share = 1): boolean {
  const metric = metricOf(key);
  const difference = Math.abs(to - from);
  const small = Math.min(Math.abs(from), Math.abs(to));
  const large = Math.max(Math.abs(from), Math.abs(to));
  switch (unitOf(metric)) {
    case "ratio":
      return difference >= (Object.hasOwn(RATIO_MIN, metric) ? RATIO_MIN[metric]! : RATIO_MIN_ELSE) * share;
    case "bytes/s":
      return difference >= RATE_MIN * share && large >= small * (1 + (RATE_FACTOR_MIN - 1) * share);
    case "bool":
      return difference >= 0.5;
    default:
      return (
        difference >= (metric.startsWith("load_") ? LOAD_MIN * share : 0) &&
        large >= small * (1 + (FACTOR_MIN - 1) * share)
      );
  }
}

/** Metrics that tell of the same thing: of them one is enough. */
const FAMILIES: Readonly<Record<string, string>> = {
  cpu_busy_ratio: "cpu",
  load_1m: "cpu",
  load_5m: "cpu",
  load_15m: "cpu",
  network_receive_bytes_per_second: "network",
  network_transmit_bytes_per_second: "network",
  filesystem_used_ratio: "filesystem",
  filesystem_inodes_used_ratio: "filesystem",
};

export function familyOf(key: SeriesKey): string {
  const metric = metricOf(key);
  return Object.hasOwn(FAMILIES, metric) ? FAMILIES[metric]! : metric;
}

/** Orders series as the product names them, so that of several the same one always leads. */
export function bySeries(a: SeriesKey, b: SeriesKey): number {
  return placeOf(a) - placeOf(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function placeOf(key: SeriesKey): number {
  const place = (INSIGHT_METRICS as readonly string[]).indexOf(metricOf(key));
  return place === -1 ? INSIGHT_METRICS.length : place;
}
