import type { EpochMs } from "../../contract/units.ts";
import type { Procfs } from "../procfs.ts";
import type { Collector } from "./collector.ts";

export function readUptime(procfs: Procfs): number | undefined {
  return parseUptime(procfs.need("/proc/uptime"));
}

/** Seconds since boot (kernel: Documentation/filesystems/proc.rst, "uptime"); in a system container, since its own start. */
export function parseUptime(text: string): number | undefined {
  const seconds = Number.parseFloat(text);
  return seconds >= 0 ? seconds : undefined;
}

/** One id per boot of the kernel (random(4)): tells a restart for certain, where a falling uptime only hints at it. */
export function readBootId(procfs: Procfs): string | undefined {
  return procfs.text("/proc/sys/kernel/random/boot_id")?.trim() || undefined;
}

/**
 * When the machine started, to the second. Reckoned from the uptime, because `btime` of /proc/stat tells the host's start
 * inside a container whose uptime is its own.
 */
export function readBootAt(procfs: Procfs, wallMs: EpochMs): EpochMs | undefined {
  const uptime = readUptime(procfs);
  return uptime === undefined ? undefined : Math.max(0, Math.round(wallMs / 1_000 - uptime) * 1_000);
}

export function uptimeCollector(): Collector {
  return { name: "uptime", collect: ({ procfs }) => ({ uptime_seconds: readUptime(procfs) }) };
}
