import type { InstanceFacts } from "../../contract/ingest.ts";
import type { Readings } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import { noise, pick, wave } from "./noise.ts";
import { cloudIdOf, PLACES, systemOf, type DemoCloud } from "./places.ts";

export const FLEET_SIZE = 24;

const GB = 1024 ** 3;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** What is not well with a machine, so that there is something to find. */
export type Trouble = "leak" | "disk" | "gap" | "stopped" | "burst";

export interface DemoInstance {
  facts: InstanceFacts & {
    name: string;
    region: string;
    type: string;
    cpuCount: number;
    memoryTotalBytes: number;
    bootAt: EpochMs;
    cloudKind: DemoCloud;
    cloudId: string;
  };
  tags: string[];
  /** Around this share of its processors it works. */
  busyRatio: number;
  trouble?: Trouble;
}

const ROLES = ["web", "api", "db", "cache", "worker", "queue"] as const;
const NOONS = 8;
const BUSY = { web: 0.3, api: 0.4, db: 0.35, cache: 0.15, worker: 0.5, queue: 0.2 };
const TROUBLES: Record<number, Trouble> = { 3: "leak", 8: "disk", 13: "gap", 17: "stopped", 22: "burst" };

/** Most of the fleet is at one cloud, as most fleets are. */
const CLOUDS = ["vultr", "aws", "vultr", "vultr", "hetzner", "vultr", "gcp"] as const;

/** 24 machines, the same ones each time; `bornAt` is when the demo first began, and the troubles count from it. */
export function demoFleet(bornAt: EpochMs): DemoInstance[] {
  return Array.from({ length: FLEET_SIZE }, (_, index) => {
    const role = ROLES[index % ROLES.length]!;
    const cloudKind = CLOUDS[index % CLOUDS.length]!;
    const { regions, plans } = PLACES[cloudKind];
    const [region, place] = regions[(index + Math.floor(index / ROLES.length)) % regions.length]!;
    const [type, cpuCount, gigabytes] = planFor(role, index, plans);
    const [os, kernel] = systemOf(cloudKind, type, index);
    const name = `${role}-${place}-${1 + Math.floor(index / ROLES.length)}`;
    const trouble = TROUBLES[index];
    return {
      facts: {
        id: `demo-${name}`,
        name,
        region,
        type,
        hostname: `${name}.nephos.example`,
        os,
        kernel,
        arch: "x64",
        cpuModel: index % 2 ? "AMD EPYC-Milan Processor" : "Intel Xeon Processor (Icelake)",
        cpuCount,
        memoryTotalBytes: gigabytes * GB,
        bootId: `demo-boot-${index}`,
        bootAt: bornAt - Math.round((2 + 90 * pick(index, 1)) * 24 * HOUR_MS),
        cloudKind,
        cloudId: cloudIdOf(cloudKind, index),
      },
      // `db-fra-2` is tagged `db` and `fra`, so that a person can be limited to either.
      tags: [role, place],
      busyRatio: BUSY[role],
      ...(trouble ? { trouble } : {}),
    };
  });
}

/** Databases get the largest, which no other role does where there are enough. */
function planFor(role: (typeof ROLES)[number], index: number, plans: (typeof PLACES)[DemoCloud]["plans"]) {
  return role === "db" ? plans.at(-1)! : plans[index % Math.min(plans.length, 3)]!;
}

/** Whether the machine spoke at that moment. */
export function isHeard({ trouble }: DemoInstance, at: EpochMs, bornAt: EpochMs): boolean {
  if (trouble === "stopped") return at < bornAt - 2 * HOUR_MS;
  if (trouble === "gap") return at < bornAt - 5 * HOUR_MS || at > bornAt - 5 * HOUR_MS + 40 * MINUTE_MS;
  return true;
}

/** Everything the machine reads at a moment: a function of machine and time alone, so past and live are one curve. */
export function readingsAt(instance: DemoInstance, index: number, at: EpochMs, bornAt: EpochMs): Readings {
  const { cpuCount, memoryTotalBytes: memory, bootAt } = instance.facts;
  const busyAt = (time: EpochMs) => busyRatioAt(instance, index, time);
  const busy = busyAt(at);
  const meanBusy = (minutes: number) =>
    (busyAt(at) + busyAt(at - (minutes * MINUTE_MS) / 2) + busyAt(at - minutes * MINUTE_MS)) / 3;
  const iowait = 0.02 * noise(index, 2, at, 2 * MINUTE_MS) * (instance.facts.name.startsWith("db") ? 3 : 1);
  const sinceBirthHours = (at - bornAt) / HOUR_MS;
  const leaked = instance.trouble === "leak" ? Math.min(0.4, 0.36 + sinceBirthHours * 0.015) : 0;
  const memoryRatio = clamp(
    0.34 + 0.15 * pick(index, 3) + 0.12 * busy + 0.03 * noise(index, 4, at, 10 * MINUTE_MS) + leaked,
  );
  const used = Math.round(memory * memoryRatio);
  const cached = Math.round((memory - used) * 0.6);
  const swap = 2 * GB;
  const swapUsed = Math.round(swap * clamp((memoryRatio - 0.7) * 1.5));
  const requests = busy * cpuCount * (0.7 + 0.6 * noise(index, 5, at, MINUTE_MS));
  const received = Math.round(requests * 900_000);
  const sent = Math.round(requests * 2_600_000);
  const written = Math.round(requests * 1_400_000 + 200_000 * noise(index, 6, at, 30_000));
  const read = Math.round(requests * 500_000 * noise(index, 7, at, MINUTE_MS));
  const upSeconds = Math.floor((at - bootAt) / 1000);
  const diskUtil = clamp(iowait * 6 + requests * 0.02);
  return {
    cpu_busy_ratio: round(busy),
    cpu_user_ratio: round(busy * 0.72),
    cpu_system_ratio: round(busy * 0.26),
    cpu_iowait_ratio: round(iowait),
    cpu_steal_ratio: round(busy * 0.02),
    memory_total_bytes: memory,
    memory_used_bytes: used,
    memory_free_bytes: memory - used - cached,
    memory_available_bytes: memory - used,
    memory_cached_bytes: cached,
    memory_used_ratio: round(memoryRatio),
    swap_total_bytes: swap,
    swap_used_bytes: swapUsed,
    swap_used_ratio: round(swapUsed / swap),
    swap_in_bytes_per_second: swapUsed > 0 ? Math.round(40_000 * noise(index, 8, at, MINUTE_MS)) : 0,
    swap_out_bytes_per_second: swapUsed > 0 ? Math.round(70_000 * noise(index, 9, at, MINUTE_MS)) : 0,
    load_1m: round(meanBusy(1) * cpuCount * 1.1),
    load_5m: round(meanBusy(5) * cpuCount * 1.1),
    load_15m: round(meanBusy(15) * cpuCount * 1.1),
    ...filesystems(instance, index, at, sinceBirthHours),
    disk_read_bytes_per_second: read,
    disk_write_bytes_per_second: written,
    disk_read_operations_per_second: Math.round(read / 24_000),
    disk_write_operations_per_second: Math.round(written / 16_000),
    disk_util_ratio: round(diskUtil),
    "disk_read_bytes_per_second:vda": read,
    "disk_write_bytes_per_second:vda": written,
    "disk_util_ratio:vda": round(diskUtil),
    network_receive_bytes_per_second: received,
    network_transmit_bytes_per_second: sent,
    network_receive_packets_per_second: Math.round(received / 900),
    network_transmit_packets_per_second: Math.round(sent / 1_200),
    network_errors_per_second: 0,
    network_drops_per_second: 0,
    "network_receive_bytes_per_second:eth0": received,
    "network_transmit_bytes_per_second:eth0": sent,
    pressure_cpu_some_ratio: round(clamp((busy - 0.4) * 0.5)),
    pressure_memory_some_ratio: round(clamp((memoryRatio - 0.75) * 0.4)),
    pressure_memory_full_ratio: round(clamp((memoryRatio - 0.8) * 0.2)),
    pressure_io_some_ratio: round(iowait * 1.5),
    pressure_io_full_ratio: round(iowait * 0.8),
    uptime_seconds: upSeconds,
    processes_total: Math.round(110 + 60 * pick(index, 10) + 20 * busy),
    processes_running: 1 + Math.round(busy * cpuCount),
    processes_blocked: iowait > 0.04 ? 1 : 0,
    agent_cpu_ratio: round(0.0002 + 0.0001 * noise(index, 11, at, MINUTE_MS), 6),
    agent_memory_bytes: Math.round(47e6 + 2e6 * noise(index, 12, at, HOUR_MS)),
    agent_collect_seconds: round(0.004 + 0.003 * noise(index, 13, at, 30_000), 6),
    agent_samples_waiting: 0,
    agent_samples_dropped: 0,
  };
}

function busyRatioAt({ busyRatio, trouble }: DemoInstance, index: number, at: EpochMs): number {
  // Each region has its own noon.
  const day = wave(at, 24 * HOUR_MS, ((index * 5 + 1) % NOONS) / NOONS);
  const slow = noise(index, 14, at, 15 * MINUTE_MS) - 0.5;
  const quick = noise(index, 15, at, 20_000) - 0.5;
  const isBurst = trouble === "burst" && noise(index, 16, at, 4 * MINUTE_MS) > 0.84;
  return clamp(busyRatio * (0.75 + 0.5 * day) + 0.16 * slow + 0.08 * quick + (isBurst ? 0.5 : 0), 0.01, 0.99);
}

function filesystems({ trouble }: DemoInstance, index: number, at: EpochMs, sinceBirthHours: number): Readings {
  const mounts = { "/": 40 * GB, "/var": (60 + 20 * (index % 4)) * GB };
  const readings: Readings = {};
  let [total, used, worst] = [0, 0, 0];
  for (const [mount, size] of Object.entries(mounts)) {
    const filling = trouble === "disk" && mount === "/var" ? 0.45 + Math.min(0.12, sinceBirthHours * 0.012) : 0;
    const ratio = clamp(
      0.22 + 0.3 * pick(index, mount.length + 20) + 0.01 * noise(index, mount.length + 30, at, 3 * HOUR_MS) + filling,
      0,
      0.985,
    );
    const bytes = Math.round(size * ratio);
    readings[`filesystem_total_bytes:${mount}`] = size;
    readings[`filesystem_used_bytes:${mount}`] = bytes;
    readings[`filesystem_available_bytes:${mount}`] = size - bytes;
    readings[`filesystem_used_ratio:${mount}`] = round(ratio);
    readings[`filesystem_inodes_used_ratio:${mount}`] = round(ratio * 0.3);
    readings[`filesystem_read_only:${mount}`] = 0;
    total += size;
    used += bytes;
    worst = Math.max(worst, ratio);
  }
  return {
    ...readings,
    filesystem_total_bytes: total,
    filesystem_used_bytes: used,
    filesystem_available_bytes: total - used,
    filesystem_used_ratio: round(worst),
  };
}

function clamp(value: number, min = 0, max = 0.98): number {
  return Math.min(max, Math.max(min, value));
}

function round(value: number, digits = 4): number {
  return Number(value.toFixed(digits));
}
