import { definitionOf, metricOf, type SeriesKey } from "../../../contract/metric.ts";

/** What a metric is called in the middle of a sentence, where its label of the table would not read well. */
const NOUNS: Readonly<Record<string, string>> = {
  cpu_busy_ratio: "CPU use",
  memory_used_ratio: "memory use",
  swap_used_ratio: "swap use",
  filesystem_used_ratio: "disk use",
  filesystem_inodes_used_ratio: "inode use",
  network_receive_bytes_per_second: "incoming traffic",
  network_transmit_bytes_per_second: "outgoing traffic",
  disk_util_ratio: "disk activity",
  disk_read_bytes_per_second: "disk reads",
  disk_write_bytes_per_second: "disk writes",
  load_1m: "load",
  load_5m: "load",
  load_15m: "load",
};

/** `disk use`, `disk use of /var`, `outgoing traffic of eth0`; a custom metric by its own name. */
export function nounOf(key: SeriesKey): string {
  const metric = metricOf(key);
  const noun =
    (Object.hasOwn(NOUNS, metric) ? NOUNS[metric] : undefined) ?? lowered(definitionOf(metric)?.label) ?? metric;
  return key === metric ? noun : `${noun} of ${key.slice(metric.length + 1)}`;
}

/** What fills up, where the metric is one of those that do: `disk`, `disk /var`, `memory`. */
export function vesselOf(key: SeriesKey): string {
  const metric = metricOf(key);
  const dimension = key === metric ? "" : ` ${key.slice(metric.length + 1)}`;
  if (metric.startsWith("memory_")) return "memory";
  if (metric.startsWith("swap_")) return "swap";
  return `disk${dimension}`;
}

/** Abbreviations keep their letters: `CPU steal`, `I/O pressure`, but `processes`. */
function lowered(label: string | undefined): string | undefined {
  return label && /^[A-Z][a-z]/.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
}
