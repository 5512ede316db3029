import { existsSync } from "node:fs";
import type { Collector, CollectorSettings } from "./collector.ts";
import { cpuCollector } from "./cpu.ts";
import { diskIoCollector } from "./disk-io.ts";
import { filesystemCollector } from "./filesystem.ts";
import { loadCollector } from "./load.ts";
import { memoryCollector } from "./memory.ts";
import { networkCollector } from "./network.ts";
import { PORTABLE_COLLECTORS } from "./portable.ts";
import { pressureCollector } from "./pressure.ts";
import { processesCollector } from "./processes.ts";
import { swapCollector } from "./swap.ts";
import { uptimeCollector } from "./uptime.ts";

/** The collectors of Linux, in the order they run. */
const LINUX_COLLECTORS: readonly ((settings: CollectorSettings) => Collector)[] = [
  cpuCollector,
  memoryCollector,
  swapCollector,
  loadCollector,
  diskIoCollector,
  networkCollector,
  pressureCollector,
  uptimeCollector,
  processesCollector,
  (settings) => filesystemCollector(settings),
];

/** Fresh collectors, with nothing to reckon a rate from yet. */
export function createCollectors(settings: CollectorSettings, root: string): Collector[] {
  const collectors = existsSync(`${root}/proc/stat`) ? LINUX_COLLECTORS : PORTABLE_COLLECTORS;
  return collectors.map((create) => create(settings));
}
