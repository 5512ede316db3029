import { desc, eq, sql, type SQLWrapper } from "drizzle-orm";
import type { InstanceEvent } from "../../contract/events.ts";
import type { Bandwidth } from "../../contract/providers.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Judgement } from "../../contract/verdict.ts";
import type { Database } from "../db/client.ts";
import { instance, instanceEvent, type InstanceRow } from "./table.ts";

export async function findInstance(db: Database, id: string): Promise<InstanceRow | undefined> {
  return db.select().from(instance).where(eq(instance.id, id)).get();
}

export async function findInstances(db: Database, ids: readonly string[]): Promise<InstanceRow[]> {
  return db
    .select()
    .from(instance)
    .where(sql`${instance.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`);
}

export async function listInstances(db: Database): Promise<InstanceRow[]> {
  return db.select().from(instance);
}

/**
 * Another instance that a provider lists under this id; the agent of that machine has just told who it is. One that has an agent is not
 * handed over: what an agent says of itself is its own claim.
 */
export async function findListedAs(
  db: Database,
  { id, cloudKind, cloudId }: Pick<InstanceRow, "id" | "cloudKind" | "cloudId">,
): Promise<InstanceRow | undefined> {
  const isThis = sql`${instance.accountInstanceId} = ${cloudId} AND ${instance.cloud} ->> 'kind' = ${cloudKind}`;
  return db
    .select()
    .from(instance)
    .where(sql`${isThis} AND ${instance.id} <> ${id} AND ${instance.intervalMs} = 0`)
    .get();
}

/** Writes the row as its agent tells of it. What people, a provider or the sentinel write is left alone. */
export async function saveInstance(db: Database, row: InstanceRow): Promise<void> {
  const { id: _id, nameGiven: _given, tags: _tags, firstSeenAt: _first, ...rest } = row;
  const { accountId: _account, accountInstanceId: _instance, cloud: _cloud, bandwidth: _bandwidth, ...more } = rest;
  const { judgement: _judgement, monthlyCostGiven: _cost, ...facts } = more;
  await db.insert(instance).values(row).onConflictDoUpdate({ target: instance.id, set: facts });
}

export async function insertInstance(db: Database, row: InstanceRow): Promise<void> {
  await db.insert(instance).values(row);
}

/** What people say of an instance; what is absent stays. */
export type Given = { [Field in "name" | "tags" | "monthlyCostGiven"]?: InstanceRow[Field] | undefined };

/** Gives a name, tags or a price; false where there is no such instance. */
export async function changeInstance(db: Database, id: string, { name, tags, ...cost }: Given): Promise<boolean> {
  // Something is always set, so that the answer says whether the row is there.
  const changed = await db
    .update(instance)
    .set({ id, ...(name !== undefined && { name, nameGiven: name }), ...(tags && { tags }), ...cost })
    .where(eq(instance.id, id))
    .returning({ id: instance.id });
  return changed.length === 1;
}

/** With their timelines; answers the ids of those that were there. */
export async function deleteInstances(db: Database, ids: readonly string[]): Promise<string[]> {
  const among = (column: SQLWrapper) => sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  const [deleted] = await db.batch([
    db.delete(instance).where(among(instance.id)).returning({ id: instance.id }),
    db.delete(instanceEvent).where(among(instanceEvent.instanceId)),
  ]);
  await db.$client.batch(forgetInsights(db.$client, ids));
  return deleted.map(({ id }) => id);
}

/** What was found of instances that are no more, in statements for the transaction that removes them. */
export function forgetInsights(client: Database["$client"], ids: readonly string[]) {
  const gone = JSON.stringify(ids);
  return [
    client
      .prepare(
        `DELETE FROM insight WHERE EXISTS (SELECT 1 FROM json_each(insight.subjects) AS subject
           WHERE subject.value ->> 'id' IN (SELECT value FROM json_each(?1)))`,
      )
      .bind(gone),
    client.prepare("DELETE FROM outlook WHERE instance_id IN (SELECT value FROM json_each(?1))").bind(gone),
  ];
}

/** An event on its way to the timeline of its instance. */
export type NewEvent = InstanceEvent & { instanceId: string };

/** SQL for events bound as one JSON text: each gets the next number of its moment. */
export const INSERT_EVENTS = `INSERT INTO instance_event (instance_id, at, number, kind, what, before, after)
  SELECT value ->> 'instanceId', value ->> 'at',
    key + coalesce((SELECT max(number) + 1 FROM instance_event AS other
      WHERE other.instance_id = value ->> 'instanceId' AND other.at = value ->> 'at'), 0),
    value ->> 'kind', value ->> 'what', value ->> 'before', value ->> 'after'
  FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`;

/** An instance's timeline, newest first. */
export async function eventsOf(db: Database, instanceId: string, max: number): Promise<InstanceEvent[]> {
  const { at, kind, what, before, after, number } = instanceEvent;
  return db
    .select({ at, kind, what, before, after })
    .from(instanceEvent)
    .where(eq(instanceEvent.instanceId, instanceId))
    .orderBy(desc(at), desc(number))
    .limit(max);
}

/** Reads every event once: for the first tick of a day. */
export async function deleteEventsBefore(db: Database, before: EpochMs, max: number): Promise<void> {
  await db.$client
    .prepare(
      `DELETE FROM instance_event WHERE (instance_id, at, number) IN
         (SELECT instance_id, at, number FROM instance_event WHERE at < ?1 LIMIT ?2)`,
    )
    .bind(before, max)
    .run();
}

export interface NewJudgement {
  instanceId: string;
  /** Null where nobody is left to say anything: no event then. */
  judgement: Judgement | null;
  event: NewEvent | null;
}

/**
 * Writes what the sentinel found, each with its event, in one transaction. Of one that says already the same nothing is written: a
 * tick that was cut off and comes again tells it once.
 */
export async function saveJudgements(db: Database, found: readonly NewJudgement[]): Promise<void> {
  const client = db.$client;
  for (let first = 0; first < found.length; first += JUDGEMENTS_PER_BATCH) {
    const text = JSON.stringify(found.slice(first, first + JUDGEMENTS_PER_BATCH));
    await client.batch([
      client
        .prepare(
          `INSERT INTO instance_event (instance_id, at, number, kind, what, before, after)
         SELECT value ->> 'instanceId', value ->> '$.event.at', 1000 + key, value ->> '$.event.kind', value ->> '$.event.what',
           value ->> '$.event.before', value ->> '$.event.after'
         FROM json_each(?1) JOIN instance ON instance.id = value ->> 'instanceId'
         WHERE value -> 'event' <> 'null' AND instance.judgement ->> 'verdict' IS NOT value ->> '$.judgement.verdict'
         ON CONFLICT DO NOTHING`,
        )
        .bind(text),
      client
        .prepare(
          `UPDATE instance SET judgement = nullif(found.value -> 'judgement', 'null') FROM json_each(?1) AS found
         WHERE instance.id = found.value ->> 'instanceId'`,
        )
        .bind(text),
    ]);
  }
}

/** Some 800 bytes each, of the 2 MB that D1 takes as one text. */
const JUDGEMENTS_PER_BATCH = 500;

export async function saveBandwidth(db: Database, instanceId: string, bandwidth: Bandwidth): Promise<void> {
  await db.update(instance).set({ bandwidth }).where(eq(instance.id, instanceId));
}

/** What an account comes to, of the instances it lists now. */
export interface AccountFigures {
  accountId: string;
  instances: number;
  running: number;
  healthy: number;
  monthlyCost: Record<string, number>;
}

/** Figures of all accounts, of the instances with one of these tags, or of all: reckoned in the database, which has the time. */
export async function accountFigures(db: Database, tags: readonly string[] | null): Promise<AccountFigures[]> {
  const { results } = await db.$client
    .prepare(
      `SELECT accountId, sum(instances) AS instances, sum(running) AS running, sum(healthy) AS healthy,
         json_group_object(currency, amount) FILTER (WHERE currency IS NOT NULL) AS costs
       FROM (
         SELECT account_id AS accountId, coalesce(cloud ->> '$.monthlyCost.currency', monthly_cost_given ->> 'currency') AS currency,
           count(*) AS instances, sum(cloud ->> 'status' = 'running') AS running,
           sum(coalesce(judgement ->> 'verdict', '') = 'up') AS healthy,
           sum(coalesce(cloud ->> '$.monthlyCost.amount', monthly_cost_given ->> 'amount', 0)) AS amount
         FROM instance
         WHERE account_id IS NOT NULL AND cloud ->> 'goneAt' IS NULL
           AND (?1 IS NULL OR EXISTS (SELECT 1 FROM json_each(tags) AS own JOIN json_each(?1) AS seen ON seen.value = own.value))
         GROUP BY 1, 2)
       GROUP BY accountId`,
    )
    .bind(tags && JSON.stringify(tags))
    .all<Omit<AccountFigures, "monthlyCost"> & { costs: string | null }>();
  return results.map(({ costs, ...figures }) => ({
    ...figures,
    monthlyCost: costs === null ? {} : (JSON.parse(costs) as Record<string, number>),
  }));
}
