import { eq } from "drizzle-orm";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { forgetInsights, INSERT_EVENTS, type NewEvent } from "./store.ts";
import { instance, type InstanceRow } from "./table.ts";

/**
 * A provider lists a machine, and an agent reports from it: one instance. The agent's stays, for its history is under its id, and takes
 * over what was known of the other: what the provider says, what people gave it, its checks, its timeline, its uptime. Answers the
 * columns that changed. All in one transaction, so that it is never shown twice, nor lost.
 */
export async function mergeInstances(
  db: Database,
  listed: InstanceRow,
  agents: InstanceRow,
  now: EpochMs,
): Promise<Partial<InstanceRow> & Pick<InstanceRow, "id">> {
  const { accountId, accountInstanceId, cloud, bandwidth } = listed;
  const taken = {
    accountId,
    accountInstanceId,
    cloud,
    bandwidth,
    name: agents.nameGiven ?? listed.nameGiven ?? agents.name,
    nameGiven: agents.nameGiven ?? listed.nameGiven,
    tags: [...new Set([...agents.tags, ...listed.tags])].sort(),
    monthlyCostGiven: agents.monthlyCostGiven ?? listed.monthlyCostGiven,
  };
  const event: NewEvent = {
    instanceId: agents.id,
    at: now,
    kind: "merged",
    what: null,
    before: listed.id,
    after: null,
  };
  const client = db.$client;
  const from = [agents.id, listed.id] as const;
  const removal = db.delete(instance).where(eq(instance.id, listed.id)).toSQL();
  const update = db.update(instance).set(taken).where(eq(instance.id, agents.id)).toSQL();
  await client.batch([
    client.prepare(removal.sql).bind(...removal.params),
    client.prepare(update.sql).bind(...update.params),
    client.prepare("UPDATE health_check SET instance_id = ?1 WHERE instance_id = ?2").bind(...from),
    client.prepare("UPDATE OR IGNORE instance_event SET instance_id = ?1 WHERE instance_id = ?2").bind(...from),
    client.prepare("UPDATE OR IGNORE uptime SET subject = ?1 WHERE subject = ?2").bind(...from),
    client.prepare("DELETE FROM uptime WHERE subject = ?1").bind(listed.id),
    ...forgetInsights(client, [listed.id]),
    client.prepare(INSERT_EVENTS).bind(JSON.stringify([event])),
  ]);
  return { id: agents.id, ...taken };
}
