import { deleteAgentTokensOf } from "../auth/agent-token-store.ts";
import { checkIdsOfInstances, deleteChecks } from "../checks/store.ts";
import { deleteUptime } from "../checks/uptime-store.ts";
import type { Database } from "../db/client.ts";
import { deleteInstances } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import { deleteHistory } from "../series/store.ts";
import { calling, shard, telling } from "./shard-client.ts";

/** What was removed: instances that were there, and the checks that spoke for them, which the sentinel has to forget. */
export interface Removed {
  instances: number;
  checkIds: string[];
}

/** Removes instances with their tokens, their history and their checks, many as well as one. */
export async function removeInstances(
  env: Env,
  db: Database,
  rows: readonly Pick<InstanceRow, "id" | "tags">[],
): Promise<Removed> {
  if (rows.length === 0) return { instances: 0, checkIds: [] };
  const ids = rows.map(({ id }) => id);
  // Tokens first: an agent that still runs must not bring the instance back.
  const hashes = await deleteAgentTokensOf(db, ids);
  await telling(async () => shard(env).forgetTokens(hashes));
  const checkIds = await removeChecks(env, db, await checkIdsOfInstances(db, ids));
  // History before and after its row: nothing that is written meanwhile may stay behind without one.
  await deleteHistory(db, ids);
  const removed = await deleteInstances(db, ids);
  await deleteHistory(db, ids);
  await deleteUptime(db, ids);
  const gone = rows.map(({ id, tags }) => ({ id, tags }));
  await calling(async () => shard(env).instancesRemoved(gone, hashes));
  return { instances: removed.length, checkIds };
}

/** Removes checks with their history; answers those that were there. The sentinel has to be told of them. */
export async function removeChecks(env: Env, db: Database, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const removed = await deleteChecks(db, ids);
  await calling(async () => shard(env).subjectsRemoved(removed));
  await deleteHistory(db, removed);
  return removed;
}
