import { STALE_AFTER_INTERVALS } from "../../contract/limits.ts";
import type { OriginalInstance, OriginalStatus } from "../../contract/original.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Verdict } from "../../contract/verdict.ts";
import type { ApiContext } from "../auth/api.ts";
import type { InstanceRow } from "../instances/table.ts";
import { checksOf, type Watched } from "./fleet.ts";
import { lastLooks, type LastLook } from "./looks.ts";

const STATUS_OF: Record<Verdict, OriginalStatus> = {
  up: "healthy",
  degraded: "degraded",
  down: "unhealthy",
  unsure: "unknown",
};

/** The sentinel's verdict in the original's words. One that nobody has judged is well as long as it speaks. */
export function statusOf({ row, lastSampleAt }: Watched, now: EpochMs): OriginalStatus {
  if (row.judgement) return STATUS_OF[row.judgement.verdict];
  const speaks = lastSampleAt !== null && now - lastSampleAt <= STALE_AFTER_INTERVALS * row.intervalMs;
  return speaks ? "healthy" : "unknown";
}

/** Instances as the original tells of them. */
export async function originalInstances(
  c: ApiContext,
  watched: readonly Watched[],
  now: EpochMs,
): Promise<OriginalInstance[]> {
  const last = await lastLooks(c, checksOf(watched));
  return watched.map((one) => originalInstance(one, one.look && last.get(one.look.checkId), now));
}

function originalInstance(watched: Watched, lastLook: LastLook | undefined, now: EpochMs): OriginalInstance {
  const { row, lastSampleAt, look } = watched;
  const looked = Math.max(lastSampleAt ?? 0, lastLook?.at ?? 0);
  const iso = (at: EpochMs) => new Date(at).toISOString();
  return {
    id: row.id,
    name: row.name,
    type: row.type ?? (row.cloud ? `${row.cloud.kind}-compute` : "unknown"),
    status: statusOf(watched, now),
    region: row.cloud?.region ?? row.region ?? "unknown",
    endpoint: row.healthEndpoint ?? look?.url ?? "",
    metadata: metadataOf(row),
    createdAt: iso(row.cloud?.createdAt ?? row.firstSeenAt),
    updatedAt: iso(Math.max(looked, row.judgement?.since ?? 0, row.firstSeenAt)),
    lastHealthCheck: looked === 0 ? null : iso(looked),
  };
}

/** What else is known; what is not is left out. */
function metadataOf({ cloud, hostname, os, kernel, arch, cpuCount, memoryTotalBytes, tags, judgement }: InstanceRow) {
  const all = {
    provider: cloud?.kind,
    providerId: cloud?.id,
    providerStatus: cloud?.status,
    plan: cloud?.plan,
    ip: cloud?.publicAddresses[0],
    addresses: cloud && [...cloud.publicAddresses, ...cloud.privateAddresses],
    hostname,
    os: os ?? cloud?.image,
    kernel,
    arch,
    cpuCount: cpuCount ?? cloud?.cpuCount,
    memoryTotalBytes: memoryTotalBytes ?? cloud?.memoryBytes,
    tags,
    reason: judgement?.reason,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== undefined));
}
