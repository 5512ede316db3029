import type { Procfs } from "../procfs.ts";
import type { Collected, Collector } from "./collector.ts";

export interface MemoryTexts {
  meminfo: string;
  arcstats?: string | undefined;
  /** The limits of the control group this program lives in: a container's view of its own memory. */
  cgroup?: { max: string; current: string; stat: string } | undefined;
}

export function readMemory(procfs: Procfs): MemoryTexts {
  const max = procfs.text("/sys/fs/cgroup/memory.max");
  const current = procfs.text("/sys/fs/cgroup/memory.current");
  return {
    meminfo: procfs.need("/proc/meminfo"),
    arcstats: procfs.text("/proc/spl/kstat/zfs/arcstats"),
    cgroup:
      max !== undefined && current !== undefined
        ? { max, current, stat: procfs.text("/sys/fs/cgroup/memory.stat") ?? "" }
        : undefined,
  };
}

/** Bytes by name (kernel: Documentation/filesystems/proc.rst, "meminfo"): what it calls kB is 1,024 bytes. */
export function parseMeminfo(text: string): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const [, name, value] of text.matchAll(/^([\w()]+): +(\d+) kB$/gm)) bytes.set(name!, Number(value) * 1_024);
  return bytes;
}

export function parseMemory(texts: MemoryTexts): Collected {
  const host = hostMemory(parseMeminfo(texts.meminfo), texts.arcstats);
  return limitedMemory(texts.cgroup, host.memory_total_bytes) ?? host;
}

function hostMemory(meminfo: Map<string, number>, arcstats: string | undefined): Collected {
  const total = meminfo.get("MemTotal");
  const free = meminfo.get("MemFree");
  if (total === undefined || total <= 0) return {};
  // Shared memory and tmpfs live in the page cache but cannot be given back.
  const cachedParts = ["Buffers", "Cached", "SReclaimable"].map((name) => meminfo.get(name));
  const cached = cachedParts.every((part) => part === undefined)
    ? undefined
    : Math.max(0, cachedParts.reduce<number>((sum, part) => sum + (part ?? 0), 0) - (meminfo.get("Shmem") ?? 0));
  // MemAvailable is missing before Linux 3.14 and in some containers.
  const estimate = free === undefined ? undefined : free + (cached ?? 0);
  const arc = arcstats === undefined ? undefined : parseArcstats(arcstats);
  const reading = meminfo.get("MemAvailable") ?? estimate;
  const available = reading === undefined ? undefined : Math.min(total, reading + (arc?.shrinkableBytes ?? 0));
  return {
    ...usedOf(total, available),
    memory_free_bytes: free,
    memory_cached_bytes: cached,
    memory_zfs_arc_bytes: arc?.sizeBytes,
  };
}

/**
 * The ZFS cache (OpenZFS: module/zfs/arc.c, kstat "arcstats"). The kernel counts it as used, though ZFS gives it back
 * down to `c_min`.
 */
export function parseArcstats(text: string): { sizeBytes: number; shrinkableBytes: number } | undefined {
  const size = /^size\s+\d+\s+(\d+)$/m.exec(text)?.[1];
  if (size === undefined) return undefined;
  const floor = /^c_min\s+\d+\s+(\d+)$/m.exec(text)?.[1];
  return { sizeBytes: Number(size), shrinkableBytes: Math.max(0, Number(size) - Number(floor ?? 0)) };
}

/**
 * A container sees its host's /proc/meminfo; its own limit is in its control group (kernel: Documentation/admin-guide/
 * cgroup-v2.rst, "Memory Interface Files"). The host's root group has no memory.max. Inactive file pages are given back on
 * demand, so they are not counted as used, as container runtimes do.
 */
function limitedMemory(cgroup: MemoryTexts["cgroup"], hostTotal: number | undefined): Collected | undefined {
  if (!cgroup || !/^\d+\s*$/.test(cgroup.max) || !/^\d+\s*$/.test(cgroup.current)) return undefined;
  const total = Number(cgroup.max);
  if (total <= 0 || (hostTotal !== undefined && total >= hostTotal)) return undefined;
  const stat = (name: string) => new RegExp(`^${name} (\\d+)$`, "m").exec(cgroup.stat)?.[1];
  const current = Number(cgroup.current);
  const file = stat("file");
  const used = Math.max(0, current - Number(stat("inactive_file") ?? 0));
  return {
    ...usedOf(total, Math.max(0, total - used)),
    memory_free_bytes: Math.max(0, total - current),
    memory_cached_bytes: file === undefined ? undefined : Math.max(0, Number(file) - Number(stat("shmem") ?? 0)),
  };
}

function usedOf(total: number, available: number | undefined): Collected {
  const used = available === undefined ? undefined : Math.max(0, total - available);
  return {
    memory_total_bytes: total,
    memory_available_bytes: available,
    memory_used_bytes: used,
    memory_used_ratio: used === undefined ? undefined : used / total,
  };
}

export function memoryCollector(): Collector {
  return { name: "memory", collect: ({ procfs }) => parseMemory(readMemory(procfs)) };
}
