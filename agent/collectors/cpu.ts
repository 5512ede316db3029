import type { Procfs } from "../procfs.ts";
import type { Collected, Collector, Moment } from "./collector.ts";

const FIELDS = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"] as const;
/** Time in USER_HZ ticks (1/100 s) since boot, over all processors. */
export type CpuTicks = Record<(typeof FIELDS)[number], number>;

/** Idle time that falls by this much is a processor that went away or a restored guest; less is the kernel's jitter. */
const IDLE_FALL_TICKS = 300;

export function readCpu(procfs: Procfs): CpuTicks | undefined {
  return parseCpu(procfs.need("/proc/stat"));
}

/**
 * The first line of /proc/stat (kernel: Documentation/filesystems/proc.rst, 1.7). Old kernels have fewer fields. The last two,
 * guest and guest_nice, are inside user and nice already. Some containers have no cpu line at all.
 */
export function parseCpu(text: string): CpuTicks | undefined {
  const line = /^cpu +(\d[\d ]*)$/m.exec(text)?.[1];
  if (line === undefined) return undefined;
  const values = line.trim().split(/ +/).map(Number);
  if (values.length < 4) return undefined;
  return Object.fromEntries(FIELDS.map((field, index) => [field, values[index] ?? 0])) as CpuTicks;
}

/**
 * Shares of the time between two readings. iowait and steal may step back a little on a live kernel, so each field is held
 * monotonic. Steal is time the guest did not get: part of the whole, but not the guest being busy.
 */
export function cpuShares(before: CpuTicks, now: CpuTicks): Collected {
  const delta = Object.fromEntries(FIELDS.map((field) => [field, Math.max(0, now[field] - before[field])])) as CpuTicks;
  const total = FIELDS.reduce((sum, field) => sum + delta[field], 0);
  if (total <= 0) return {};
  const user = delta.user + delta.nice;
  const system = delta.system + delta.irq + delta.softirq;
  return {
    cpu_busy_ratio: (user + system) / total,
    cpu_user_ratio: user / total,
    cpu_system_ratio: system / total,
    cpu_iowait_ratio: delta.iowait / total,
    cpu_steal_ratio: delta.steal / total,
  };
}

export function cpuCollector(): Collector {
  let before: CpuTicks | undefined;
  return {
    name: "cpu",
    collect: ({ procfs }: Moment) => {
      const now = readCpu(procfs);
      const last = before;
      before = now;
      if (!now || !last || now.idle < last.idle - IDLE_FALL_TICKS) return {};
      // What stepped back stays where it was, or the way up again would be counted twice.
      for (const field of FIELDS) now[field] = Math.max(now[field], last[field]);
      return cpuShares(last, now);
    },
  };
}
