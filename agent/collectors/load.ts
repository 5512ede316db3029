import type { Procfs } from "../procfs.ts";
import type { Collected, Collector } from "./collector.ts";

export function readLoad(procfs: Procfs): Collected {
  return parseLoad(procfs.need("/proc/loadavg"));
}

/** Mean number of runnable or blocked tasks (kernel: Documentation/filesystems/proc.rst, "loadavg"; proc_loadavg(5)). */
export function parseLoad(text: string): Collected {
  const [one, five, fifteen] = text.split(" ").map(Number.parseFloat);
  if (![one, five, fifteen].every((value) => value !== undefined && value >= 0)) {
    throw new Error(`/proc/loadavg does not hold three numbers: ${JSON.stringify(text.slice(0, 60))}`);
  }
  return { load_1m: one, load_5m: five, load_15m: fifteen };
}

export function loadCollector(): Collector {
  return { name: "load", collect: ({ procfs }) => readLoad(procfs) };
}
