import { cpus, freemem, loadavg, platform, totalmem, uptime } from "node:os";
import type { Collected, Collector } from "./collector.ts";

/** What Node itself knows of the machine, where there is no /proc: a laptop shows its main figures too. */
export const PORTABLE_COLLECTORS: readonly (() => Collector)[] = [
  portableCpu,
  () => ({ name: "memory", collect: () => portableMemory(platform(), totalmem(), freemem()) }),
  () => ({ name: "load", collect: () => portableLoad(platform(), loadavg()) }),
  () => ({ name: "uptime", collect: () => ({ uptime_seconds: uptime() }) }),
];

type Times = { user: number; nice: number; sys: number; idle: number; irq: number };

function portableCpu(): Collector {
  let before: Times | undefined;
  return {
    name: "cpu",
    collect: () => {
      const now = sumOfTimes(cpus().map((cpu) => cpu.times));
      const collected = before ? portableCpuShares(before, now) : {};
      before = now;
      return collected;
    },
  };
}

function sumOfTimes(all: readonly Times[]): Times {
  const sum: Times = { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 };
  for (const times of all) for (const field in sum) sum[field as keyof Times] += times[field as keyof Times];
  return sum;
}

/** Milliseconds of all processors; a processor that went away leaves no value. */
export function portableCpuShares(before: Times, now: Times): Collected {
  const user = now.user + now.nice - before.user - before.nice;
  const system = now.sys + now.irq - before.sys - before.irq;
  const idle = now.idle - before.idle;
  const total = user + system + idle;
  if (total <= 0 || user < 0 || system < 0 || idle < 0) return {};
  return { cpu_busy_ratio: 1 - idle / total, cpu_user_ratio: user / total, cpu_system_ratio: system / total };
}

/** On macOS "free" leaves out what the system would give back at once, so nothing is said there of what is in use. */
export function portableMemory(system: string, totalBytes: number, freeBytes: number): Collected {
  const sizes = { memory_total_bytes: totalBytes, memory_free_bytes: freeBytes };
  if (system === "darwin" || totalBytes <= 0) return sizes;
  const used = Math.max(0, totalBytes - freeBytes);
  return {
    ...sizes,
    memory_available_bytes: freeBytes,
    memory_used_bytes: used,
    memory_used_ratio: used / totalBytes,
  };
}

/** Windows has no load; Node says 0 there, which would be a lie. */
export function portableLoad(system: string, [one, five, fifteen]: number[]): Collected {
  return system === "win32" ? {} : { load_1m: one, load_5m: five, load_15m: fifteen };
}
