import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import type { InstanceRow } from "../instances/table.ts";
import { removeInstances } from "../live/removal.ts";
import { GONE_KEPT_MS, GONE_PER_DAY_MAX } from "../settings.ts";

/** Removes machines that their provider has not listed for long; answers how many. */
export async function removeGone(env: Env, db: Database, rows: readonly InstanceRow[], now: EpochMs): Promise<number> {
  const due = rows.filter(({ cloud, intervalMs }) => {
    const keptMs = intervalMs > 0 ? GONE_KEPT_MS.withAgent : GONE_KEPT_MS.withoutAgent;
    return cloud?.goneAt != null && cloud.goneAt < now - keptMs;
  });
  return (await removeInstances(env, db, due.slice(0, GONE_PER_DAY_MAX))).instances;
}
