import type { Procfs } from "../procfs.ts";
import type { Collected, Collector } from "./collector.ts";

export function readProcesses(procfs: Procfs): Collected {
  const listed = procfs.list("/proc")?.filter((name) => /^\d+$/.test(name)).length;
  return {
    ...parseProcesses(procfs.need("/proc/stat")),
    // /proc/loadavg counts threads. None at all is a /proc that hides them, for this one would be among them.
    processes_total: listed || undefined,
  };
}

/** Tasks now runnable and now waiting for I/O (kernel: Documentation/filesystems/proc.rst, 1.7 "procs_running"). */
export function parseProcesses(text: string): Collected {
  const field = (name: string) => {
    const value = new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1];
    return value === undefined ? undefined : Number(value);
  };
  return { processes_running: field("procs_running"), processes_blocked: field("procs_blocked") };
}

export function processesCollector(): Collector {
  return { name: "processes", collect: ({ procfs }) => readProcesses(procfs) };
}
