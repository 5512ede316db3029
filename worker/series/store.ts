import { eq } from "drizzle-orm";
import type { Readings, SeriesKey } from "../../contract/metric.ts";
import { FLEET_METRICS } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { BLOCK_SPAN_MS } from "./journal-store.ts";
import { LIVE } from "./live-rows.ts";
import { packKey, unpackKey, unpackReadings } from "./packed.ts";
import { customSeries, stream } from "./table.ts";

export interface StreamRow {
  instanceId: string;
  id: string;
  number: number;
  clockOffsetMs: number;
  startedAt: EpochMs;
}

export async function findStreams(db: Database, instanceId: string): Promise<StreamRow[]> {
  return db.select().from(stream).where(eq(stream.instanceId, instanceId));
}

export async function insertStream(db: Database, row: StreamRow): Promise<void> {
  await db.insert(stream).values(row).onConflictDoNothing();
}

/** The newest sample of this stream in a block. Within a stream `at` grows with `seq`, so the newest block has it. */
export async function lastInBlockOf(db: Database, instanceId: string, streamNumber: number) {
  const row = await db.$client
    .prepare(
      `SELECT last_at AS at, last_seq AS seq FROM block WHERE instance_id = ?1 AND stream = ?2
       ORDER BY first_at DESC LIMIT 1`,
    )
    .bind(instanceId, streamNumber)
    .first<{ at: EpochMs; seq: number }>();
  return row ?? undefined;
}

export async function lastSample(db: Database, instanceId: string) {
  const row = await db.$client
    .prepare(
      `WITH RECURSIVE ${LIVE}
       SELECT at, metrics FROM (
         SELECT entry.value ->> 0 AS at, entry.value -> 2 AS metrics
         FROM live JOIN journal USING (slot), json_each(journal.samples, ?2) AS entry
         UNION ALL
         SELECT last_at, samples -> '$[#-1][2]' FROM block WHERE instance_id = ?1
           AND first_at >= (SELECT max(first_at) FROM block WHERE instance_id = ?1) - ${BLOCK_SPAN_MS})
       ORDER BY at DESC LIMIT 1`,
    )
    .bind(instanceId, pathOf(instanceId))
    .first<{ at: EpochMs; metrics: string }>();
  return row ? { at: row.at, metrics: unpackReadings(row.metrics) } : undefined;
}

/** The newest sample in a block of every instance, fleet metrics only. What is newer is in the journal. */
export async function lastInBlockOfEach(db: Database): Promise<FleetSample[]> {
  const { results } = await db.$client
    .prepare(
      `SELECT instance_id, at, ${fleetColumns("metrics", "$")} FROM (
         SELECT i.id AS instance_id, max(b.last_at) AS at, b.samples -> '$[#-1][2]' AS metrics
         FROM instance i JOIN block b ON b.instance_id = i.id
           AND b.first_at >= (SELECT max(first_at) FROM block WHERE instance_id = i.id) - ${BLOCK_SPAN_MS}
         GROUP BY i.id)`,
    )
    .all<FleetRow>();
  return results.map(fleetSample);
}

/** Samples of every instance since `from` and all that is in the journal, in no order, fleet metrics only. */
export async function recentSamples(db: Database, from: EpochMs): Promise<FleetSample[]> {
  const columns = fleetColumns("entry.value", "$[2]");
  const { results } = await db.$client
    .prepare(
      `WITH RECURSIVE ${LIVE}
       SELECT i.id AS instance_id, entry.value ->> 0 AS at, ${columns}
       FROM instance i JOIN block b ON b.instance_id = i.id AND b.first_at >= ?1 - ${BLOCK_SPAN_MS} AND b.last_at >= ?1,
         json_each(b.samples) AS entry WHERE entry.value ->> 0 >= ?1
       UNION ALL
       SELECT sender.key, entry.value ->> 0, ${columns}
       FROM live JOIN journal USING (slot), json_each(journal.samples) AS sender, json_each(sender.value) AS entry`,
    )
    .bind(from)
    .all<FleetRow>();
  return results.map(fleetSample);
}

export interface FleetSample {
  instanceId: string;
  at: EpochMs;
  metrics: Readings;
}
type FleetRow = { instance_id: string; at: EpochMs } & Record<string, number | null>;

function fleetColumns(json: string, path: string): string {
  return FLEET_METRICS.map((metric) => `${json} ->> '${path}.${packKey(metric)}' AS ${metric}`).join(", ");
}

function fleetSample(row: FleetRow): FleetSample {
  const metrics: Readings = {};
  for (const metric of FLEET_METRICS) if (row[metric] !== null) metrics[metric] = row[metric]!;
  return { instanceId: row.instance_id, at: row.at, metrics };
}

/** The asked series of one instance, oldest first: times and, per key, a column of the same length. */
export async function readWindow(
  db: Database,
  instanceId: string,
  keys: readonly SeriesKey[],
  from: EpochMs,
  to: EpochMs,
): Promise<{ at: EpochMs[]; columns: (number | null)[][] }> {
  // A key is checked to hold no quote or backslash, and still goes in as a value, never as SQL.
  const columns = ["entry.value ->> 0 AS at", ...keys.map((_, i) => `entry.value ->> ?${i + 5}`)].join(", ");
  const rows = await db.$client
    .prepare(
      `WITH RECURSIVE ${LIVE}
       SELECT ${columns} FROM block, json_each(block.samples) AS entry
       WHERE block.instance_id = ?1 AND block.first_at BETWEEN ?2 - ${BLOCK_SPAN_MS} AND ?3 AND block.last_at >= ?2
         AND entry.value ->> 0 BETWEEN ?2 AND ?3
       UNION ALL
       SELECT ${columns} FROM live JOIN journal USING (slot), json_each(journal.samples, ?4) AS entry
       WHERE entry.value ->> 0 BETWEEN ?2 AND ?3
       ORDER BY at`,
    )
    .bind(instanceId, from, to, pathOf(instanceId), ...keys.map((key) => `$[2]."${packKey(key)}"`))
    .raw<(number | null)[]>();
  const moments = joined(rows);
  return {
    at: moments.map((row) => row[0]!),
    columns: keys.map((_, i) => moments.map((row) => row[i + 1] ?? null)),
  };
}

/** Rows of one moment as one: two senders may speak for the same moment of an instance, each of its own series. */
function joined(rows: (number | null)[][]): (number | null)[][] {
  const moments: (number | null)[][] = [];
  for (const row of rows) {
    const last = moments.at(-1);
    if (last && last[0] === row[0]) row.forEach((value, i) => (last[i] = value ?? last[i]!));
    else moments.push(row);
  }
  return moments;
}

/** Series an instance sent since `from`, sorted. Read off a few samples of the window: series come and go by the hour. */
export async function seriesKeysSince(db: Database, instanceId: string, from: EpochMs): Promise<SeriesKey[]> {
  const { results } = await db.$client
    .prepare(
      `WITH RECURSIVE ${LIVE},
         numbered AS (
           SELECT samples, row_number() OVER (ORDER BY first_at DESC) AS n, count(*) OVER () AS total
           FROM block WHERE instance_id = ?1 AND first_at >= ?2 - ${BLOCK_SPAN_MS} AND last_at >= ?2)
       SELECT DISTINCT reading.key AS key
       FROM numbered, json_each(samples, '$[' || (n % json_array_length(samples)) || '][2]') AS reading
       WHERE n <= 3 OR n % max(1, total / 24) = 0
       UNION
       SELECT reading.key FROM live JOIN journal USING (slot), json_each(journal.samples, ?3) AS entry,
         json_each(entry.value, '$[2]') AS reading WHERE entry.value ->> 0 >= ?2`,
    )
    .bind(instanceId, from, pathOf(instanceId))
    .all<{ key: string }>();
  return results.map((row) => unpackKey(row.key)).sort();
}

/** An instance's samples in a row of the journal. An id is checked to hold neither quote nor backslash. */
function pathOf(instanceId: string): string {
  return `$."${instanceId}"`;
}

export async function findCustomSeries(db: Database, instanceId: string): Promise<SeriesKey[]> {
  const rows = await db
    .select({ key: customSeries.key })
    .from(customSeries)
    .where(eq(customSeries.instanceId, instanceId));
  return rows.map((row) => row.key);
}

export async function insertCustomSeries(db: Database, instanceId: string, keys: readonly SeriesKey[]): Promise<void> {
  await db.$client
    .prepare(
      "INSERT INTO custom_series (instance_id, key) SELECT ?1, value FROM json_each(?2) WHERE true ON CONFLICT DO NOTHING",
    )
    .bind(instanceId, JSON.stringify(keys))
    .run();
}

/** Deletes at most `blocksMax` blocks whose samples are all older than `before`; returns how many went. */
export async function deleteBlocksBefore(db: Database, before: EpochMs, blocksMax: number): Promise<number> {
  const { meta } = await db.$client
    .prepare(
      `DELETE FROM block WHERE (instance_id, first_at, cycle, stream, part) IN
         (SELECT b.instance_id, b.first_at, b.cycle, b.stream, b.part
          FROM instance i JOIN block b ON b.instance_id = i.id AND b.first_at < ?1 AND b.last_at < ?1 LIMIT ?2)`,
    )
    .bind(before, blocksMax)
    .run();
  return meta.changes;
}

/** Streams nobody can send for any more: older than any sample an agent may still hand in. */
export async function deleteStreamsBefore(db: Database, before: EpochMs): Promise<void> {
  await db.$client
    .prepare(
      `DELETE FROM stream WHERE started_at < ?1 AND number < (SELECT max(number) FROM stream AS s WHERE s.instance_id = stream.instance_id)`,
    )
    .bind(before)
    .run();
}

export async function deleteHistory(db: Database, instanceId: string): Promise<void> {
  await db.batch([
    db.delete(stream).where(eq(stream.instanceId, instanceId)),
    db.delete(customSeries).where(eq(customSeries.instanceId, instanceId)),
  ]);
  await db.$client.prepare("DELETE FROM block WHERE instance_id = ?1").bind(instanceId).run();
}
