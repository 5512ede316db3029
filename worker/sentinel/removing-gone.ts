import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { releaseInstances } from "../instances/found-store.ts";
import type { InstanceRow } from "../instances/table.ts";
import { RELEASED } from "../live/observed.ts";
import { removeInstances } from "../live/removal.ts";
import { shard } from "../live/shard-client.ts";
import { GONE_KEPT_MS, GONE_PER_DAY_MAX } from "../settings.ts";

/**
 * Machines that their provider has not listed for long: removed, or, where they have an agent, left to it as machines of no cloud. An
 * agent that goes on speaking is a machine that is there, whoever lists it.
 */
export async function removeGone(
  env: Env,
  db: Database,
  rows: readonly InstanceRow[],
  now: EpochMs,
): Promise<{ removed: number; released: number }> {
  const due = rows
    .filter(({ cloud }) => cloud?.goneAt != null && cloud.goneAt < now - GONE_KEPT_MS)
    .slice(0, GONE_PER_DAY_MAX);
  const own = due.filter(({ intervalMs }) => intervalMs > 0);
  if (own.length > 0) {
    await releaseInstances(
      db,
      own.map(({ id }) => id),
    );
    await shard(env).instancesFound(own.map(({ id }) => ({ id, ...RELEASED })));
  }
  const { instances } = await removeInstances(
    env,
    db,
    due.filter(({ intervalMs }) => intervalMs === 0),
  );
  return { removed: instances, released: own.length };
}
