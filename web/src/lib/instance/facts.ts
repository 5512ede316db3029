import type { Instance } from "../../../../contract/instance.ts";
import type { Readings } from "../../../../contract/metric.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { formatAgo } from "../format/ago.ts";
import { formatBytes } from "../format/bytes.ts";
import { formatDuration } from "../format/duration.ts";

export interface Fact {
  label: string;
  value: string;
  detail?: string;
}

/** What is known of a machine, in the order it is asked for. What is not known is left out, not dashed. */
export function factsOf(instance: Instance, latest: Readings, now: EpochMs): Fact[] {
  const { cpuCount, cpuModel, memoryTotalBytes, bootAt, lastSampleAt, agentVersion, intervalMs, hostname } = instance;
  const isStopped = instance.cloud?.status === "stopped" || (instance.cloud?.goneAt ?? null) !== null;
  const uptime = latest["uptime_seconds"] === undefined || isStopped ? undefined : latest["uptime_seconds"] * 1000;
  const cpus = cpuCount === null ? null : `${cpuCount} ${cpuCount === 1 ? "core" : "cores"}`;
  const facts: [label: string, value: string | null | undefined, detail?: string | null][] = [
    ["CPU", cpus ?? cpuModel, cpus ? cpuModel : null],
    ["Memory", memoryTotalBytes === null ? null : formatBytes(memoryTotalBytes)],
    ["System", instance.os, [instance.kernel, instance.arch].filter(Boolean).join(", ")],
    ["Host", hostname === instance.name ? null : hostname],
    ["Region", instance.region, instance.type],
    ["Up for", uptime === undefined ? null : formatDuration(uptime), bootAt === null ? null : `since ${dayOf(bootAt)}`],
    ["Last sample", lastSampleAt === null ? null : formatAgo(lastSampleAt, now), `every ${formatDuration(intervalMs)}`],
    ["Agent", agentVersion],
    ["Health endpoint", instance.healthEndpoint],
    ["Id", instance.id],
  ];
  return facts.flatMap(([label, value, detail]) => (value ? [{ label, value, ...(detail ? { detail } : {}) }] : []));
}

function dayOf(at: EpochMs): string {
  return new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}
