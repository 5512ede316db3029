import { definitionOf, metricOf, parseSeriesKey, type SeriesKey, unitOf } from "../../../../contract/metric.ts";
import type { ChartLine, ChartSpec } from "../chart/chart-spec.ts";

/** Which charts an instance has: decided by the series it has, so that a new collector needs no new page. */
export interface Section {
  id: string;
  title: string;
  charts: ChartSpec[];
  /** Every series of the section, those included that its charts have no room for. */
  keys: SeriesKey[];
}

/** What of the machine the charts are compared with. */
export interface Machine {
  cpuCount: number | null;
  memoryTotalBytes: number | null;
}

/** More lines than this cannot be told apart; the chart says how many it leaves out. */
const LINES_MAX = 16;

interface Plan {
  id: string;
  title: string;
  metrics: readonly string[];
  /** One chart of the machine as a whole, or one line for each mount, device, interface, collector. */
  per?: "machine" | "dimension";
  isStacked?: boolean;
  isWhole?: boolean;
}

const PLANS: readonly { id: string; title: string; charts: readonly Plan[] }[] = [
  {
    id: "cpu",
    title: "CPU",
    charts: [
      { id: "cpu-busy", title: "CPU busy", metrics: ["cpu_busy_ratio"], isWhole: true },
      {
        id: "cpu-parts",
        title: "Where the time goes",
        metrics: ["cpu_user_ratio", "cpu_system_ratio", "cpu_iowait_ratio", "cpu_steal_ratio"],
        isStacked: true,
        isWhole: true,
      },
    ],
  },
  {
    id: "load",
    title: "Load and processes",
    charts: [
      { id: "load", title: "Load", metrics: ["load_1m", "load_5m", "load_15m"] },
      { id: "processes", title: "Processes", metrics: ["processes_total"] },
      { id: "processes-now", title: "Running and blocked", metrics: ["processes_running", "processes_blocked"] },
    ],
  },
  {
    id: "memory",
    title: "Memory",
    charts: [
      { id: "memory-ratio", title: "Memory used", metrics: ["memory_used_ratio"], isWhole: true },
      {
        id: "memory-bytes",
        title: "Memory",
        metrics: [
          "memory_used_bytes",
          "memory_cached_bytes",
          "memory_available_bytes",
          "memory_free_bytes",
          "memory_zfs_arc_bytes",
        ],
      },
    ],
  },
  {
    id: "swap",
    title: "Swap",
    charts: [
      { id: "swap-ratio", title: "Swap used", metrics: ["swap_used_ratio"], isWhole: true },
      { id: "swap-bytes", title: "Swap size", metrics: ["swap_used_bytes", "swap_total_bytes"] },
      {
        id: "swap-rate",
        title: "Swapped in and out",
        metrics: ["swap_in_bytes_per_second", "swap_out_bytes_per_second"],
      },
    ],
  },
  {
    id: "filesystems",
    title: "Filesystems",
    charts: [
      { id: "fs-used", title: "Used", metrics: ["filesystem_used_ratio"], per: "dimension", isWhole: true },
      { id: "fs-inodes", title: "Inodes", metrics: ["filesystem_inodes_used_ratio"], per: "dimension", isWhole: true },
    ],
  },
  {
    id: "disks",
    title: "Disk I/O",
    charts: [
      { id: "disk-bytes", title: "Throughput", metrics: ["disk_read_bytes_per_second", "disk_write_bytes_per_second"] },
      { id: "disk-util", title: "Busy", metrics: ["disk_util_ratio"], per: "dimension", isWhole: true },
      {
        id: "disk-operations",
        title: "Operations",
        metrics: ["disk_read_operations_per_second", "disk_write_operations_per_second"],
      },
      {
        id: "disk-bytes-by",
        title: "Throughput by device",
        metrics: ["disk_read_bytes_per_second", "disk_write_bytes_per_second"],
        per: "dimension",
      },
      {
        id: "disk-operations-by",
        title: "Operations by device",
        metrics: ["disk_read_operations_per_second", "disk_write_operations_per_second"],
        per: "dimension",
      },
    ],
  },
  {
    id: "network",
    title: "Network",
    charts: [
      {
        id: "network-bytes",
        title: "Traffic",
        metrics: ["network_receive_bytes_per_second", "network_transmit_bytes_per_second"],
      },
      {
        id: "network-packets",
        title: "Packets",
        metrics: ["network_receive_packets_per_second", "network_transmit_packets_per_second"],
      },
      {
        id: "network-bytes-by",
        title: "Traffic by interface",
        metrics: ["network_receive_bytes_per_second", "network_transmit_bytes_per_second"],
        per: "dimension",
      },
      {
        id: "network-packets-by",
        title: "Packets by interface",
        metrics: ["network_receive_packets_per_second", "network_transmit_packets_per_second"],
        per: "dimension",
      },
      {
        id: "network-faults",
        title: "Errors and drops",
        metrics: ["network_errors_per_second", "network_drops_per_second"],
      },
      {
        id: "network-faults-by",
        title: "Errors and drops by interface",
        metrics: ["network_errors_per_second", "network_drops_per_second"],
        per: "dimension",
      },
      {
        id: "network-total",
        title: "Since boot",
        metrics: ["network_received_bytes", "network_transmitted_bytes"],
      },
    ],
  },
  {
    id: "pressure",
    title: "Pressure",
    charts: [
      { id: "pressure-cpu", title: "CPU", metrics: ["pressure_cpu_some_ratio", "pressure_cpu_full_ratio"] },
      { id: "pressure-memory", title: "Memory", metrics: ["pressure_memory_some_ratio", "pressure_memory_full_ratio"] },
      { id: "pressure-io", title: "I/O", metrics: ["pressure_io_some_ratio", "pressure_io_full_ratio"] },
      { id: "pressure-irq", title: "Interrupts", metrics: ["pressure_irq_full_ratio"] },
    ],
  },
  {
    id: "health",
    title: "Health endpoint",
    charts: [
      { id: "health-time", title: "Response time", metrics: ["health_response_seconds"] },
      { id: "health-up", title: "Up", metrics: ["health_up"] },
      { id: "health-code", title: "Status code", metrics: ["health_status_code"] },
    ],
  },
  {
    id: "agent",
    title: "The agent itself",
    charts: [
      { id: "agent-cpu", title: "CPU", metrics: ["agent_cpu_ratio"] },
      { id: "agent-memory", title: "Memory", metrics: ["agent_memory_bytes"] },
      { id: "agent-collect", title: "Collection time", metrics: ["agent_collect_seconds"], per: "dimension" },
      { id: "agent-failed", title: "Failed collectors", metrics: ["agent_collector_failed"], per: "dimension" },
      { id: "agent-samples", title: "Samples", metrics: ["agent_samples_waiting", "agent_samples_dropped"] },
    ],
  },
];

/** Series with a home outside the charts: in the header, in the table of mounts, or on the page of the check they are of. */
const NOT_CHARTED = new Set([
  "check_up",
  "check_degraded",
  "check_response_seconds",
  "probe_up",
  "probe_response_seconds",
  "certificate_left_seconds",
  "uptime_seconds",
  "memory_total_bytes",
  "filesystem_total_bytes",
  "filesystem_used_bytes",
  "filesystem_available_bytes",
  "filesystem_read_only",
]);

export function sectionsOf(seriesKeys: readonly SeriesKey[], machine: Machine): Section[] {
  const dimensions = dimensionsOf(seriesKeys);
  const keysOf = (belongs: (metric: string) => boolean) => seriesKeys.filter((key) => belongs(metricOf(key)));
  const sections = PLANS.map(({ id, title, charts }) => ({
    id,
    title,
    charts: charts.flatMap((plan) => chartOf(plan, dimensions, machine) ?? []),
    keys: keysOf((metric) => charts.some(({ metrics }) => metrics.includes(metric))),
  }));
  sections.push({
    id: "custom",
    title: "Custom metrics",
    charts: customCharts(dimensions),
    keys: keysOf((metric) => !definitionOf(metric)),
  });
  return sections.filter(({ charts }) => charts.length > 0);
}

/** Metric → its dimensions; the bare key is the empty one. */
function dimensionsOf(seriesKeys: readonly SeriesKey[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const key of seriesKeys) {
    const parsed = parseSeriesKey(key);
    if (!parsed) continue;
    const known = found.get(parsed.metric);
    if (known) known.push(parsed.dimension ?? "");
    else found.set(parsed.metric, [parsed.dimension ?? ""]);
  }
  return found;
}

function chartOf(plan: Plan, dimensions: Map<string, string[]>, machine: Machine): ChartSpec | undefined {
  const lines = plan.per === "dimension" ? linesByDimension(plan, dimensions) : linesOfMachine(plan, dimensions);
  const first = plan.metrics[0];
  if (lines.length === 0 || first === undefined) return undefined;
  const unit = unitOf(first);
  return {
    id: plan.id,
    title: plan.title,
    unit,
    ...readable(lines),
    ...(plan.isStacked ? { isStacked: true } : {}),
    ...(plan.isWhole ? { whole: 1 } : {}),
    ...(plan.id === "memory-bytes" && machine.memoryTotalBytes ? { whole: machine.memoryTotalBytes } : {}),
    ...(plan.id === "load" && machine.cpuCount
      ? { reference: { value: machine.cpuCount, label: machine.cpuCount === 1 ? "1 CPU" : `${machine.cpuCount} CPUs` } }
      : {}),
  };
}

function readable(lines: ChartLine[]): Pick<ChartSpec, "lines" | "leftOut"> {
  if (lines.length <= LINES_MAX) return { lines };
  return { lines: lines.slice(0, LINES_MAX), leftOut: lines.length - LINES_MAX };
}

function linesOfMachine(plan: Plan, dimensions: Map<string, string[]>): ChartLine[] {
  return plan.metrics
    .filter((metric) => dimensions.get(metric)?.includes(""))
    .map((metric) => ({ key: metric, label: withoutSubject(definitionOf(metric)?.label ?? metric) }));
}

/** Under the heading CPU, "CPU user" is "User". */
function withoutSubject(label: string): string {
  const rest = label.replace(/^(CPU|Memory|Network|Processes|Swap|Disk|Load|Samples|Packets) (?=.*[a-z])/, "");
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

function linesByDimension(plan: Plan, dimensions: Map<string, string[]>): ChartLine[] {
  const lines = plan.metrics.flatMap((metric) => {
    const label = plan.metrics.length === 1 ? "" : `${definitionOf(metric)?.label ?? metric} `;
    const named = (dimensions.get(metric) ?? []).filter(Boolean);
    return named.map((dimension) => ({ key: `${metric}:${dimension}`, label: `${label}${dimension}` }));
  });
  const hasOneThing = new Set(lines.map(({ key }) => key.slice(key.indexOf(":")))).size === 1;
  const isDrawnWhole = hasOneThing && plan.metrics.every((metric) => dimensions.get(metric)?.includes(""));
  // With one disk or one interface the chart of the machine says it all already.
  if (isDrawnWhole && plan.id.endsWith("-by")) return [];
  return lines.length > 0 ? lines : plan.id.endsWith("-by") ? [] : linesOfMachine(plan, dimensions);
}

function customCharts(dimensions: Map<string, string[]>): ChartSpec[] {
  const custom = [...dimensions].filter(([metric]) => !definitionOf(metric) && !NOT_CHARTED.has(metric));
  return custom.map(([metric, named]) => ({
    id: `custom-${metric}`,
    title: metric,
    unit: unitOf(metric),
    ...readable(
      named.map((dimension) =>
        dimension === "" ? { key: metric, label: metric } : { key: `${metric}:${dimension}`, label: dimension },
      ),
    ),
  }));
}

/** Metrics that no chart of any instance would show: a test holds this empty. */
export function metricsWithoutHome(metrics: readonly string[]): string[] {
  const charted = new Set(PLANS.flatMap(({ charts }) => charts.flatMap((plan) => plan.metrics)));
  return metrics.filter((metric) => !charted.has(metric) && !NOT_CHARTED.has(metric));
}
