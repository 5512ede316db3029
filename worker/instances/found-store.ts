import type { Database } from "../db/client.ts";
import type { Change } from "./reconcile.ts";
import { INSERT_EVENTS } from "./store.ts";

/** Rows of one statement: some 800 bytes each, of the 2 MB that D1 takes. */
const CHANGES_PER_BATCH = 500;

/** Writes what a discovery came to, each part with its events in one transaction; done again, it changes nothing more. */
export async function saveFound(db: Database, changes: readonly Change[]): Promise<void> {
  const client = db.$client;
  for (let first = 0; first < changes.length; first += CHANGES_PER_BATCH) {
    const part = changes.slice(first, first + CHANGES_PER_BATCH);
    const [fresh, known] = [part.filter(({ isNew }) => isNew), part.filter(({ isNew }) => !isNew)];
    const events = part.flatMap((change) => change.events);
    await client.batch([
      ...(fresh.length > 0 ? [client.prepare(INSERT).bind(textOf(fresh))] : []),
      ...(known.length > 0 ? [client.prepare(UPDATE).bind(textOf(known))] : []),
      ...(events.length > 0 ? [client.prepare(INSERT_EVENTS).bind(JSON.stringify(events))] : []),
    ]);
  }
}

const textOf = (changes: readonly Change[]) => JSON.stringify(changes.map(({ row }) => row));

/** An account that was removed while it was listed adds nothing any more. */
const IS_KEPT = (row: string) => `EXISTS (SELECT 1 FROM provider_account WHERE id = ${row} ->> 'accountId')`;

const INSERT = `INSERT INTO instance (id, name, region, type, os, interval_ms, clock_offset_ms, tags, first_seen_at, account_id,
    account_instance_id, cloud, bandwidth)
  SELECT value ->> 'id', value ->> 'name', value ->> 'region', value ->> 'type', value ->> 'os', 0, 0, value -> 'tags',
    value ->> 'firstSeenAt', value ->> 'accountId', value ->> 'accountInstanceId', value -> 'cloud',
    nullif(value -> 'bandwidth', 'null')
  FROM json_each(?1) WHERE ${IS_KEPT("value")} ON CONFLICT DO NOTHING`;

/** A name that a person or an agent gave meanwhile stays. */
const UPDATE = `UPDATE instance SET account_id = found.value ->> 'accountId',
    account_instance_id = found.value ->> 'accountInstanceId', cloud = found.value -> 'cloud', tags = found.value -> 'tags',
    bandwidth = nullif(found.value -> 'bandwidth', 'null'),
    name = iif(instance.name_given IS NULL AND instance.agent_version IS NULL, found.value ->> 'name', instance.name)
  FROM json_each(?1) AS found WHERE instance.id = found.value ->> 'id' AND ${IS_KEPT("found.value")}`;

/** Leaves an account's instances to themselves: those with an agent stay, as machines of no cloud; of the others the ids are told. */
export async function releaseAccount(db: Database, accountId: string): Promise<{ kept: string[]; others: string[] }> {
  const { results } = await db.$client
    .prepare("SELECT id, interval_ms > 0 AS isOwn FROM instance WHERE account_id = ?1")
    .bind(accountId)
    .all<{ id: string; isOwn: number }>();
  const kept = results.filter(({ isOwn }) => isOwn === 1).map(({ id }) => id);
  await releaseInstances(db, kept);
  return { kept, others: results.filter(({ isOwn }) => isOwn === 0).map(({ id }) => id) };
}

/** From now on these are machines of no cloud. */
export async function releaseInstances(db: Database, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db.$client
    .prepare(
      `UPDATE instance SET account_id = NULL, account_instance_id = NULL, cloud = NULL, bandwidth = NULL
       WHERE id IN (SELECT value FROM json_each(?1))`,
    )
    .bind(JSON.stringify(ids))
    .run();
}
