import type { EpochMs } from "../../contract/units.ts";
import { forgetJudgements } from "../checks/store.ts";
import type { HealthCheckRow } from "../checks/table.ts";
import { accrue } from "../checks/uptime.ts";
import type { Database } from "../db/client.ts";
import type { InstanceRow } from "../instances/table.ts";
import { TICK_EVERY_MS } from "../settings.ts";
import type { Memory } from "./memory.ts";

/** Checks by whether anybody is to look: not at one that is paused, nor at one whose machine is gone. */
export function activeAmong(
  checks: readonly HealthCheckRow[],
  instances: readonly InstanceRow[],
): { active: HealthCheckRow[]; resting: HealthCheckRow[] } {
  const gone = new Set(instances.filter(({ cloud }) => cloud?.goneAt != null).map(({ id }) => id));
  const isActive = ({ isPaused, instanceId }: HealthCheckRow) => {
    return !isPaused && !(instanceId !== null && gone.has(instanceId));
  };
  return { active: checks.filter(isActive), resting: checks.filter((row) => !isActive(row)) };
}

/** Of a check that nobody looks at time passes without a word, not even as unknown; and its last verdict says nothing any more. */
export async function rest(
  db: Database,
  memory: Memory,
  resting: readonly HealthCheckRow[],
  now: EpochMs,
): Promise<void> {
  for (const { id, intervalMs } of resting) {
    const known = memory.checks.get(id);
    if (!known || known.uptime.lastVerdict === null) continue;
    known.uptime = accrue(known.uptime, { at: now, verdict: null }, intervalMs);
  }
  const judged = resting.filter(({ judgement }) => judgement !== null).map(({ id }) => id);
  if (judged.length > 0) await forgetJudgements(db, judged);
}

/** When a check is due next that does not wait for a tick; null where all of them do. */
export function soonestOf(active: readonly HealthCheckRow[], memory: Memory, nextTick: EpochMs): EpochMs | null {
  const often = active.filter(({ intervalMs, target }) => intervalMs < TICK_EVERY_MS && target.kind !== "heartbeat");
  const due = often.flatMap(({ id, intervalMs }) => {
    // One that was never looked at has its first look already, or the next tick.
    const last = memory.checks.get(id)?.lastRoundAt;
    return last === undefined ? [] : [last + intervalMs];
  });
  const soonest = Math.min(...due);
  return soonest < nextTick - NEARLY_MS ? soonest : null;
}

/** An alarm so shortly before a tick would only do its work twice. */
const NEARLY_MS = 5_000;
