import { eq } from "drizzle-orm";
import type { Readings, SeriesKey } from "../../contract/metric.ts";
import { FLEET_METRICS } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { packKey, unpackKey, unpackReadings, type PackedReadings } from "./packed.ts";
import { customSeries, stream } from "./table.ts";

/** One row of history on its way to the database; `metrics` is packed from the moment it was validated. */
export interface SampleRow {
  instanceId: string;
  at: EpochMs;
  stream: number;
  seq: number;
  metrics: PackedReadings;
}

export interface StreamRow {
  instanceId: string;
  id: string;
  number: number;
  clockOffsetMs: number;
  startedAt: EpochMs;
}

/**
 * Writes any number of samples in one statement with one parameter. Again with the same samples changes nothing; two
 * senders who speak for the same moment of an instance are joined.
 */
export async function insertSamples(db: Database, rows: readonly SampleRow[]): Promise<void> {
  const json = rows.map(
    ({ instanceId, at, stream, seq, metrics }) => `[${JSON.stringify(instanceId)},${at},${stream},${seq},${metrics}]`,
  );
  await db.$client
    .prepare(
      `INSERT INTO sample (instance_id, at, stream, seq, metrics)
       SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value -> 4 FROM json_each(?1) WHERE true
       ON CONFLICT DO UPDATE SET stream = excluded.stream, seq = excluded.seq,
         metrics = json_patch(metrics, excluded.metrics)`,
    )
    .bind(`[${json.join(",")}]`)
    .run();
}

export async function findStreams(db: Database, instanceId: string): Promise<StreamRow[]> {
  return db.select().from(stream).where(eq(stream.instanceId, instanceId));
}

export async function insertStream(db: Database, row: StreamRow): Promise<void> {
  await db.insert(stream).values(row).onConflictDoNothing();
}

/** The sample of this stream that was written last; undefined where none is. One row read, as `at` grows with `seq`. */
export async function lastOfStream(db: Database, instanceId: string, streamNumber: number) {
  const row = await db.$client
    .prepare("SELECT at, seq FROM sample WHERE instance_id = ?1 AND stream = ?2 ORDER BY at DESC LIMIT 1")
    .bind(instanceId, streamNumber)
    .first<{ at: EpochMs; seq: number }>();
  return row ?? undefined;
}

export async function lastSample(db: Database, instanceId: string) {
  const row = await db.$client
    .prepare("SELECT at, metrics FROM sample WHERE instance_id = ?1 ORDER BY at DESC LIMIT 1")
    .bind(instanceId)
    .first<{ at: EpochMs; metrics: string }>();
  return row ? { at: row.at, metrics: unpackReadings(row.metrics) } : undefined;
}

/** The newest sample of every instance, fleet metrics only. */
export async function lastSampleOfEach(db: Database): Promise<FleetSample[]> {
  const { results } = await db.$client
    .prepare(
      `SELECT s.instance_id, s.at, ${fleetColumns} FROM instance i
       JOIN sample s ON s.instance_id = i.id AND s.at = (SELECT max(at) FROM sample WHERE instance_id = i.id)`,
    )
    .all<FleetRow>();
  return results.map(fleetSample);
}

/** Samples of every instance since `from`, oldest first, fleet metrics only. */
export async function samplesSince(db: Database, from: EpochMs): Promise<FleetSample[]> {
  const { results } = await db.$client
    .prepare(
      `SELECT s.instance_id, s.at, ${fleetColumns} FROM instance i
       JOIN sample s ON s.instance_id = i.id AND s.at >= ?1 ORDER BY s.instance_id, s.at`,
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

const fleetColumns = FLEET_METRICS.map((metric) => `s.metrics ->> '$.${packKey(metric)}' AS ${metric}`).join(", ");

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
  const columns = keys.map((_, i) => `metrics ->> ?${i + 4}`).join(", ");
  const rows = await db.$client
    .prepare(
      `SELECT at${columns && `, ${columns}`} FROM sample WHERE instance_id = ?1 AND at BETWEEN ?2 AND ?3 ORDER BY at`,
    )
    .bind(instanceId, from, to, ...keys.map((key) => `$."${packKey(key)}"`))
    .raw<(number | null)[]>();
  return {
    at: rows.map((row) => row[0]!),
    columns: keys.map((_, i) => rows.map((row) => row[i + 1] ?? null)),
  };
}

/** Series an instance sent since `from`, sorted. Read off a few samples of the window: series come and go by the hour. */
export async function seriesKeysSince(db: Database, instanceId: string, from: EpochMs): Promise<SeriesKey[]> {
  const { results } = await db.$client
    .prepare(
      `SELECT DISTINCT reading.key AS key FROM
         (SELECT metrics, row_number() OVER (ORDER BY at DESC) AS n, count(*) OVER () AS total
          FROM sample WHERE instance_id = ?1 AND at >= ?2) AS s,
         json_each(s.metrics) AS reading
       WHERE s.n <= 3 OR s.n % max(1, s.total / 24) = 0`,
    )
    .bind(instanceId, from)
    .all<{ key: string }>();
  return results.map((row) => unpackKey(row.key)).sort();
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

/** Deletes at most `rowsMax` samples older than `before`; returns how many went. */
export async function deleteSamplesBefore(db: Database, before: EpochMs, rowsMax: number): Promise<number> {
  const { meta } = await db.$client
    .prepare(
      `DELETE FROM sample WHERE (instance_id, at) IN
         (SELECT s.instance_id, s.at FROM instance i JOIN sample s ON s.instance_id = i.id AND s.at < ?1 LIMIT ?2)`,
    )
    .bind(before, rowsMax)
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
  await db.$client.prepare("DELETE FROM sample WHERE instance_id = ?1").bind(instanceId).run();
}
