import { asc, gt } from "drizzle-orm";
import type { EpochMs } from "../../../contract/units.ts";
import type { Verdict } from "../../../contract/verdict.ts";
import { instance, type InstanceRow } from "../../instances/table.ts";
import { momentOrNull, momentText, type LandingRow } from "../batch.ts";
import { INSTANCES } from "../landing.ts";
import type { OutgoingStream, StreamParts } from "./stream.ts";
import { openThings } from "./thing-stream.ts";

const ROWS_MAX = 300;

const STATUS_OF: Record<Verdict, string> = {
  up: "healthy",
  degraded: "degraded",
  down: "unhealthy",
  unsure: "unknown",
};

/** What is said of an instance when it is here no more. */
type Note = [name: string, type: string, region: string | null, createdAt: EpochMs];

/** The fleet as it is now. One that is removed is sent once more, with when that was found. */
export function openInstances(parts: StreamParts): OutgoingStream {
  const { db, now, exportedAt } = parts;
  return openThings<InstanceRow, Note>(parts, {
    table: INSTANCES,
    readAfter: (last) => {
      const after = last && gt(instance.id, last.id);
      return db
        .select()
        .from(instance)
        .where(after ?? undefined)
        .orderBy(asc(instance.id))
        .limit(ROWS_MAX);
    },
    rowOf,
    noteOf: (row) => [row.name, typeOf(row), regionOf(row), createdAtOf(row)],
    goneRow: (id, [name, type, region, createdAt]) => ({
      ID: id,
      NAME: name,
      TYPE: type,
      STATUS: "unknown",
      REGION: region,
      CREATED_AT: momentText(createdAt),
      REMOVED_AT: momentText(now),
    }),
    stampedWith: { UPDATED_AT: momentText(now), EXPORTED_AT: exportedAt },
    missed: () => null,
  });
}

function rowOf(row: InstanceRow): LandingRow {
  const { id, name, judgement, cloud, healthEndpoint, monthlyCostGiven, hostname, os, tags } = row;
  const { kernel, arch, cpuModel, cpuCount, memoryTotalBytes, agentVersion } = row;
  const looked = judgement?.witnesses.map(({ at }) => at) ?? [];
  return {
    ID: id,
    NAME: name,
    TYPE: typeOf(row),
    STATUS: judgement ? STATUS_OF[judgement.verdict] : "unknown",
    REGION: regionOf(row),
    ENDPOINT: healthEndpoint,
    METADATA: {
      provider: cloud?.kind,
      plan: cloud?.plan,
      price: monthlyCostGiven ?? cloud?.monthlyCost,
      hostname,
      os,
      kernel,
      arch,
      cpu_model: cpuModel,
      cpu_count: cpuCount ?? cloud?.cpuCount,
      memory_total_bytes: memoryTotalBytes ?? cloud?.memoryBytes,
      addresses: cloud && [...cloud.publicAddresses, ...cloud.privateAddresses],
      agent_version: agentVersion,
      tags,
    },
    CREATED_AT: momentText(createdAtOf(row)),
    LAST_HEALTH_CHECK: momentOrNull(looked.length > 0 ? Math.max(...looked) : null),
  };
}

function typeOf({ type, cloud }: InstanceRow): string {
  return type ?? (cloud ? `${cloud.kind}-compute` : "unknown");
}

function regionOf({ region, cloud }: InstanceRow): string | null {
  return cloud?.region ?? region;
}

function createdAtOf({ cloud, firstSeenAt }: InstanceRow): EpochMs {
  return cloud?.createdAt ?? firstSeenAt;
}
