import type { MetricName } from "../../contract/metric.ts";

const MEGABYTE = 1024 * 1024;
const PERCENT = 0.01;
const MILLISECOND = 0.001;

export interface OriginalMetric {
  metric: MetricName;
  /** Makes the original's value one in base units. */
  factor: number;
  /** In the original's words. */
  unit: string;
}

/** The original's metrics as ours. Its megabytes are 2^20 bytes. Of two names for one of ours the first is its agent's. */
export const ORIGINAL_METRICS: Record<string, OriginalMetric> = {
  cpu_usage: { metric: "cpu_busy_ratio", factor: PERCENT, unit: "percent" },
  memory_usage_percent: { metric: "memory_used_ratio", factor: PERCENT, unit: "percent" },
  memory_used_mb: { metric: "memory_used_bytes", factor: MEGABYTE, unit: "megabytes" },
  memory_free_mb: { metric: "memory_free_bytes", factor: MEGABYTE, unit: "megabytes" },
  memory_used_bytes: { metric: "memory_used_bytes", factor: 1, unit: "bytes" },
  memory_free_bytes: { metric: "memory_free_bytes", factor: 1, unit: "bytes" },
  disk_usage_percent: { metric: "filesystem_used_ratio", factor: PERCENT, unit: "percent" },
  disk_used_mb: { metric: "filesystem_used_bytes", factor: MEGABYTE, unit: "megabytes" },
  disk_available_mb: { metric: "filesystem_available_bytes", factor: MEGABYTE, unit: "megabytes" },
  load_average_1min: { metric: "load_1m", factor: 1, unit: "count" },
  load_average_5min: { metric: "load_5m", factor: 1, unit: "count" },
  load_average_15min: { metric: "load_15m", factor: 1, unit: "count" },
  // Counters since boot, whatever their name suggests; the shard makes rates of them.
  network_rx_mb: { metric: "network_received_bytes", factor: MEGABYTE, unit: "megabytes" },
  network_tx_mb: { metric: "network_transmitted_bytes", factor: MEGABYTE, unit: "megabytes" },
  response_time_ms: { metric: "health_response_seconds", factor: MILLISECOND, unit: "milliseconds" },
  uptime_seconds: { metric: "uptime_seconds", factor: 1, unit: "seconds" },
};
