import type { MetricName, Readings, SeriesKey } from "../../contract/metric.ts";

/**
 * Readings as the history keeps them: JSON text under short names. A sample of a real machine is mostly names; short ones
 * make its row a third as long, and the row's length is what a commit, the disk and the Free plan's 500 MB pay for.
 */
export type PackedReadings = string;

/** The names in the database, never to be changed or given out again. Metrics not listed here begin with a small letter. */
const SHORT = {
  cpu_busy_ratio: "C0",
  cpu_user_ratio: "C1",
  cpu_system_ratio: "C2",
  cpu_iowait_ratio: "C3",
  cpu_steal_ratio: "C4",
  memory_total_bytes: "M0",
  memory_used_bytes: "M1",
  memory_free_bytes: "M2",
  memory_available_bytes: "M3",
  memory_cached_bytes: "M4",
  memory_zfs_arc_bytes: "M5",
  memory_used_ratio: "M6",
  swap_total_bytes: "S0",
  swap_used_bytes: "S1",
  swap_used_ratio: "S2",
  swap_in_bytes_per_second: "S3",
  swap_out_bytes_per_second: "S4",
  load_1m: "L0",
  load_5m: "L1",
  load_15m: "L2",
  filesystem_total_bytes: "F0",
  filesystem_used_bytes: "F1",
  filesystem_available_bytes: "F2",
  filesystem_used_ratio: "F3",
  filesystem_inodes_used_ratio: "F4",
  filesystem_read_only: "F5",
  disk_read_bytes_per_second: "D0",
  disk_write_bytes_per_second: "D1",
  disk_read_operations_per_second: "D2",
  disk_write_operations_per_second: "D3",
  disk_util_ratio: "D4",
  network_receive_bytes_per_second: "N0",
  network_transmit_bytes_per_second: "N1",
  network_receive_packets_per_second: "N2",
  network_transmit_packets_per_second: "N3",
  network_errors_per_second: "N4",
  network_drops_per_second: "N5",
  network_received_bytes: "N6",
  network_transmitted_bytes: "N7",
  pressure_cpu_some_ratio: "P0",
  pressure_cpu_full_ratio: "P1",
  pressure_memory_some_ratio: "P2",
  pressure_memory_full_ratio: "P3",
  pressure_io_some_ratio: "P4",
  pressure_io_full_ratio: "P5",
  pressure_irq_full_ratio: "P6",
  uptime_seconds: "U0",
  processes_total: "U1",
  processes_running: "U2",
  processes_blocked: "U3",
  health_up: "H0",
  health_status_code: "H1",
  health_response_seconds: "H2",
  check_up: "K0",
  check_degraded: "K1",
  check_response_seconds: "K2",
  probe_up: "K3",
  probe_response_seconds: "K4",
  certificate_left_seconds: "K5",
  agent_cpu_ratio: "A0",
  agent_memory_bytes: "A1",
  agent_collect_seconds: "A2",
  agent_collector_failed: "A3",
  agent_samples_waiting: "A4",
  agent_samples_dropped: "A5",
} as const satisfies Record<MetricName, string>;

const LONG: ReadonlyMap<string, string> = new Map(Object.entries(SHORT).map(([long, short]) => [short, long]));

/** `disk_util_ratio:vda` → `D4:vda`; the key of a custom metric stays as it is. */
export function packKey(key: SeriesKey): string {
  const colon = key.indexOf(":");
  const metric = colon === -1 ? key : key.slice(0, colon);
  const short = Object.hasOwn(SHORT, metric) ? SHORT[metric as MetricName] : metric;
  return colon === -1 ? short : short + key.slice(colon);
}

export function unpackKey(key: string): SeriesKey {
  const colon = key.indexOf(":");
  const short = colon === -1 ? key : key.slice(0, colon);
  const metric = LONG.get(short) ?? short;
  return colon === -1 ? metric : metric + key.slice(colon);
}

/** Keys must be legal series keys, which need no quoting in JSON, and values finite. */
export function packReadings(readings: Readings): PackedReadings {
  let text = "";
  for (const key in readings) text += `${text && ","}"${packKey(key)}":${readings[key]}`;
  return `{${text}}`;
}

/** Keys as they stand there, and their values in the same order. */
export function columnsOf(packed: PackedReadings): { keys: string[]; values: Float64Array } {
  const readings = JSON.parse(packed) as Record<string, number>;
  return { keys: Object.keys(readings), values: Float64Array.from(Object.values(readings)) };
}
