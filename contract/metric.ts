import { CUSTOM_RANGE, UNIT_DECIMALS, UNIT_RANGE, type Unit } from "./units.ts";

/**
 * The table of metrics Nephos knows: what every agent may send and every chart can name. A series key is the metric
 * alone (`cpu_busy_ratio`) or the metric and the thing it was read from (`disk_util_ratio:vda`, `filesystem_used_ratio:/var`).
 * Where a metric is marked `perDimension`, the bare key is the whole machine: the sum, or for ratios the worst.
 */
export interface MetricDefinition {
  unit: Unit;
  label: string;
  /** Which way is trouble: drives colour, never a verdict. */
  bad?: "high" | "low";
  perDimension?: "mount" | "device" | "interface" | "collector" | "region";
  /** Only grows, until it begins anew: a rollup keeps its last value, for its mean says nothing. */
  isCounter?: true;
  /** Worth no longer history than single samples: about the agent itself, for whoever looks into it. */
  isRawOnly?: true;
}

export const METRICS = {
  cpu_busy_ratio: { unit: "ratio", label: "CPU busy", bad: "high" },
  cpu_user_ratio: { unit: "ratio", label: "CPU user" },
  cpu_system_ratio: { unit: "ratio", label: "CPU system" },
  cpu_iowait_ratio: { unit: "ratio", label: "CPU waiting for I/O", bad: "high" },
  cpu_steal_ratio: { unit: "ratio", label: "CPU stolen by the host", bad: "high" },

  memory_total_bytes: { unit: "bytes", label: "Memory" },
  memory_used_bytes: { unit: "bytes", label: "Memory used", bad: "high" },
  memory_free_bytes: { unit: "bytes", label: "Memory free" },
  memory_available_bytes: { unit: "bytes", label: "Memory available", bad: "low" },
  memory_cached_bytes: { unit: "bytes", label: "Memory cached" },
  memory_zfs_arc_bytes: { unit: "bytes", label: "ZFS cache" },
  memory_used_ratio: { unit: "ratio", label: "Memory used", bad: "high" },

  swap_total_bytes: { unit: "bytes", label: "Swap" },
  swap_used_bytes: { unit: "bytes", label: "Swap used", bad: "high" },
  swap_used_ratio: { unit: "ratio", label: "Swap used", bad: "high" },
  swap_in_bytes_per_second: { unit: "bytes/s", label: "Swapped in", bad: "high" },
  swap_out_bytes_per_second: { unit: "bytes/s", label: "Swapped out", bad: "high" },

  load_1m: { unit: "count", label: "Load 1 min", bad: "high" },
  load_5m: { unit: "count", label: "Load 5 min", bad: "high" },
  load_15m: { unit: "count", label: "Load 15 min", bad: "high" },

  filesystem_total_bytes: { unit: "bytes", label: "Filesystem size", perDimension: "mount" },
  filesystem_used_bytes: { unit: "bytes", label: "Filesystem used", bad: "high", perDimension: "mount" },
  filesystem_available_bytes: { unit: "bytes", label: "Filesystem available", bad: "low", perDimension: "mount" },
  filesystem_used_ratio: { unit: "ratio", label: "Filesystem used", bad: "high", perDimension: "mount" },
  filesystem_inodes_used_ratio: { unit: "ratio", label: "Inodes used", bad: "high", perDimension: "mount" },
  filesystem_read_only: { unit: "bool", label: "Filesystem read-only", bad: "high", perDimension: "mount" },

  disk_read_bytes_per_second: { unit: "bytes/s", label: "Disk read", perDimension: "device" },
  disk_write_bytes_per_second: { unit: "bytes/s", label: "Disk written", perDimension: "device" },
  disk_read_operations_per_second: { unit: "operations/s", label: "Disk reads", perDimension: "device" },
  disk_write_operations_per_second: { unit: "operations/s", label: "Disk writes", perDimension: "device" },
  disk_util_ratio: { unit: "ratio", label: "Disk busy", bad: "high", perDimension: "device" },

  network_receive_bytes_per_second: { unit: "bytes/s", label: "Network in", perDimension: "interface" },
  network_transmit_bytes_per_second: { unit: "bytes/s", label: "Network out", perDimension: "interface" },
  network_receive_packets_per_second: { unit: "packets/s", label: "Packets in", perDimension: "interface" },
  network_transmit_packets_per_second: { unit: "packets/s", label: "Packets out", perDimension: "interface" },
  network_errors_per_second: { unit: "packets/s", label: "Network errors", bad: "high", perDimension: "interface" },
  network_drops_per_second: { unit: "packets/s", label: "Packets dropped", bad: "high", perDimension: "interface" },
  network_received_bytes: { unit: "bytes", label: "Received since boot", isCounter: true },
  network_transmitted_bytes: { unit: "bytes", label: "Transmitted since boot", isCounter: true },

  pressure_cpu_some_ratio: { unit: "ratio", label: "CPU pressure (some)", bad: "high" },
  pressure_cpu_full_ratio: { unit: "ratio", label: "CPU pressure (full)", bad: "high" },
  pressure_memory_some_ratio: { unit: "ratio", label: "Memory pressure (some)", bad: "high" },
  pressure_memory_full_ratio: { unit: "ratio", label: "Memory pressure (full)", bad: "high" },
  pressure_io_some_ratio: { unit: "ratio", label: "I/O pressure (some)", bad: "high" },
  pressure_io_full_ratio: { unit: "ratio", label: "I/O pressure (full)", bad: "high" },
  pressure_irq_full_ratio: { unit: "ratio", label: "Interrupt pressure (full)", bad: "high" },

  uptime_seconds: { unit: "seconds", label: "Uptime", isCounter: true },
  processes_total: { unit: "count", label: "Processes" },
  processes_running: { unit: "count", label: "Processes running" },
  processes_blocked: { unit: "count", label: "Processes blocked", bad: "high" },

  health_up: { unit: "bool", label: "Health endpoint up", bad: "low" },
  health_status_code: { unit: "count", label: "Health status code" },
  health_response_seconds: { unit: "seconds", label: "Health response time", bad: "high" },

  check_up: { unit: "bool", label: "Check up", bad: "low" },
  check_degraded: { unit: "bool", label: "Check degraded", bad: "high" },
  check_response_seconds: { unit: "seconds", label: "Response time", bad: "high" },
  probe_up: { unit: "bool", label: "Up, by region", bad: "low", perDimension: "region" },
  probe_response_seconds: { unit: "seconds", label: "Response time by region", bad: "high", perDimension: "region" },
  certificate_left_seconds: { unit: "seconds", label: "Certificate is good for", bad: "low" },

  agent_cpu_ratio: { unit: "ratio", label: "Agent CPU" },
  agent_memory_bytes: { unit: "bytes", label: "Agent memory" },
  agent_collect_seconds: { unit: "seconds", label: "Collection time", perDimension: "collector", isRawOnly: true },
  agent_collector_failed: {
    unit: "bool",
    label: "Collector failed",
    bad: "high",
    perDimension: "collector",
    isRawOnly: true,
  },
  agent_samples_waiting: { unit: "count", label: "Samples waiting to be sent", bad: "high" },
  agent_samples_dropped: {
    unit: "count",
    label: "Samples dropped by the agent since its start",
    bad: "high",
    isCounter: true,
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

/** Metric and optional dimension: `load_1m`, `disk_util_ratio:vda`. */
export type SeriesKey = string;

/** Readings of one moment; a metric that could not be read is absent, never zero. */
export type Readings = Record<SeriesKey, number>;

const METRIC_NAME = /^[a-z][a-z0-9_.]{0,63}$/;
// A mount point or a device may hold any printable character but those that would need quoting in SQL paths, CSV or JSON.
const DIMENSION = /^[^\p{Cc}\p{Cs}"'\\,]{1,96}$/u;

/** The metric's name and dimension, or undefined where the key is not a legal one. */
export function parseSeriesKey(key: string): { metric: string; dimension?: string } | undefined {
  const colon = key.indexOf(":");
  if (colon === -1) return METRIC_NAME.test(key) ? { metric: key } : undefined;
  const metric = key.slice(0, colon);
  const dimension = key.slice(colon + 1);
  return METRIC_NAME.test(metric) && DIMENSION.test(dimension) ? { metric, dimension } : undefined;
}

/** The metric of a legal key. */
export function metricOf(key: SeriesKey): string {
  const colon = key.indexOf(":");
  return colon === -1 ? key : key.slice(0, colon);
}

/** The definition of a known metric; undefined for a custom one. */
export function definitionOf(metric: string): MetricDefinition | undefined {
  return Object.hasOwn(METRICS, metric) ? METRICS[metric as MetricName] : undefined;
}

/** The range a value of this metric must lie in. */
export function rangeOf(metric: string): readonly [min: number, max: number] {
  const definition = definitionOf(metric);
  return definition ? UNIT_RANGE[definition.unit] : CUSTOM_RANGE;
}

/** The value at the precision its metric is worth; a custom metric's as it is. Again, it changes nothing more. */
export function atPrecision(metric: string, value: number): number {
  const definition = definitionOf(metric);
  if (!definition) return value;
  const scale = 10 ** UNIT_DECIMALS[definition.unit];
  return Math.round(value * scale) / scale;
}

/** The unit of any metric: the table's, or for a custom one what its name says by the field's suffixes. */
export function unitOf(metric: string): Unit {
  const known = definitionOf(metric);
  if (known) return known.unit;
  if (metric.endsWith("_ratio")) return "ratio";
  if (metric.endsWith("_bytes_per_second")) return "bytes/s";
  if (metric.endsWith("_bytes")) return "bytes";
  if (metric.endsWith("_seconds")) return "seconds";
  return "count";
}

/** What a fleet card, a fleet row and the frames of the fleet page carry. */
export const FLEET_METRICS = [
  "cpu_busy_ratio",
  "memory_used_ratio",
  "filesystem_used_ratio",
  "load_1m",
  "network_receive_bytes_per_second",
  "network_transmit_bytes_per_second",
  "uptime_seconds",
  "health_up",
] as const satisfies readonly MetricName[];

/** What a fleet card draws of the past; every one more is a megabyte in the snapshot of a large fleet. */
export const TAIL_METRICS = ["cpu_busy_ratio", "memory_used_ratio"] as const satisfies readonly MetricName[];
