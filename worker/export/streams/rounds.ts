import type { EpochMs } from "../../../contract/units.ts";
import { listChecks } from "../../checks/store.ts";
import type { StoredBlock } from "../../series/block-store.ts";
import type { PointColumns } from "../../series/block/points.ts";
import { packKey } from "../../series/packed.ts";
import { TIER_SPECS } from "../../series/tiers.ts";
import { lineOf, momentText } from "../batch.ts";
import { HEALTH_CHECKS } from "../landing.ts";
import { openBlocks } from "./block-stream.ts";
import { readReasons, type Reason } from "./reasons.ts";
import type { OutgoingStream, StreamParts } from "./stream.ts";

const UP = packKey("check_up");
const DEGRADED = packKey("check_degraded");
const RESPONSE = packKey("check_response_seconds");

/** What the rounds of each check came to over five minutes: single rounds are ten times as many, and are kept here for days only. */
export async function openRounds(parts: StreamParts): Promise<OutgoingStream> {
  const instanceOf = new Map((await listChecks(parts.db)).map(({ id, instanceId }) => [id, instanceId]));
  return openBlocks(parts, [...instanceOf.keys()], {
    table: HEALTH_CHECKS,
    prepare: async (blocks) => {
      const reasons = await readReasons(parts.db, blocks);
      return (block, points) =>
        linesOf(block, points, instanceOf.get(block.instanceId) ?? null, reasons, parts.exportedAt);
    },
  });
}

function linesOf(
  { instanceId: checkId }: StoredBlock,
  { at, series }: PointColumns,
  instanceId: string | null,
  reasons: ReadonlyMap<string, Reason[]>,
  exportedAt: string,
): string[] {
  const [up, degraded, response] = [series.get(UP), series.get(DEGRADED), series.get(RESPONSE)];
  return at.map((moment, point) => {
    const status = statusOf(up?.mean[point] ?? null, degraded?.max[point] ?? null);
    const seconds = response?.mean[point] ?? null;
    const end = moment + TIER_SPECS.fiveMinutes.stepMs;
    return lineOf({
      CHECK_ID: checkId,
      INSTANCE_ID: instanceId,
      STATUS: status,
      LATENCY_MS: seconds === null ? null : Math.round(seconds * 1e6) / 1e3,
      ERROR_MESSAGE: status === "healthy" ? null : reasonAt(reasons.get(checkId) ?? [], moment, end),
      TIMESTAMP: momentText(moment),
      EXPORTED_AT: exportedAt,
    });
  });
}

/** Down for all of it is unhealthy, down or slow for some of it degraded; a round in which nobody could tell counts for nothing. */
function statusOf(up: number | null, degraded: number | null): string {
  if (up === null) return "unknown";
  if (up === 0) return "unhealthy";
  return up < 1 || (degraded ?? 0) > 0 ? "degraded" : "healthy";
}

/** The last that was found wrong by the end of the five minutes, in words. */
function reasonAt(reasons: readonly Reason[], from: EpochMs, to: EpochMs): string | null {
  const known = reasons.filter(({ at }) => at < to);
  const inForce = known.filter(({ at }, place) => at >= from || (known[place + 1]?.at ?? Infinity) > from);
  return inForce.findLast(({ verdict }) => verdict !== "up")?.reason ?? null;
}
