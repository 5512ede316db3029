import type { EpochMs } from "../../contract/units.ts";
import type { ApiContext } from "../auth/api.ts";
import { listChecks } from "../checks/store.ts";
import type { HealthCheckRow } from "../checks/table.ts";
import type { Database } from "../db/client.ts";
import { calling } from "../live/shard-client.ts";
import { sentinel } from "../sentinel-client.ts";

/** How an instance is looked at from outside. The original knows one endpoint for each, so one check speaks for it. */
export interface Look {
  checkId: string;
  url: string | null;
}

/** What that check's last round saw. */
export interface LastLook {
  at: EpochMs;
  /** The mean over the regions that were answered; null where none was. */
  responseMs: number | null;
}

/** The looks at these instances, by instance. */
export async function looksAt(db: Database, instanceIds: readonly string[]): Promise<Map<string, Look>> {
  const wanted = new Set(instanceIds);
  const speaking = new Map<string, HealthCheckRow>();
  for (const check of await listChecks(db)) {
    const { instanceId } = check;
    if (instanceId === null || !wanted.has(instanceId) || check.target.kind === "heartbeat") continue;
    const other = speaking.get(instanceId);
    if (!other || rankOf(check) < rankOf(other)) speaking.set(instanceId, check);
  }
  return new Map(
    [...speaking].map(([instanceId, { id, target }]) => [
      instanceId,
      { checkId: id, url: target.kind === "http" ? target.url : null },
    ]),
  );
}

/** An address of the web before a port; of two the one that was made with the instance. */
function rankOf({ target, isDefault }: HealthCheckRow): number {
  return (target.kind === "http" ? 0 : 2) + (isDefault ? 0 : 1);
}

/** What the last rounds saw, by check. */
export async function lastLooks(c: ApiContext, checkIds: readonly string[]): Promise<Map<string, LastLook>> {
  if (checkIds.length === 0) return new Map();
  const rounds = await calling(async () => sentinel(c.env).lastRounds([...checkIds]));
  return new Map(
    Object.entries(rounds).map(([checkId, { lastRoundAt, results }]) => {
      const answered = results.flatMap(({ responseMs }) => (responseMs === null ? [] : [responseMs]));
      return [checkId, { at: lastRoundAt, responseMs: meanOf(answered) }];
    }),
  );
}

/** Null of nothing. */
export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
