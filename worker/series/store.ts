import { eq } from "drizzle-orm";
import type { Readings, SeriesKey } from "../../contract/metric.ts";
import { FLEET_METRICS } from "../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { log } from "../log.ts";
import { newestBuckets, readBlocks, type BlockName } from "./block-store.ts";
import { readColumns, seriesKeysOf, type BlockColumns } from "./column-store.ts";
import { decodeColumn } from "./block/column.ts";
import { AT } from "./block/directory.ts";
import { SampleColumns, unpackSamples } from "./block/samples.ts";
import { packKey, unpackKey } from "./packed.ts";
import { customSeries, stream } from "./table.ts";
import { bucketOf, TIER_SPECS } from "./tiers.ts";

/** Whose series there may be, instances and checks: the next so many ids, in their order. */
export async function subjectsAfter(db: Database, after: string, count: number): Promise<string[]> {
  const { results } = await db.$client
    .prepare("SELECT id FROM series_subject WHERE id > ?1 ORDER BY id LIMIT ?2")
    .bind(after, count)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

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

/** Writes a new stream down, under a number its instance has not used; where it is known, as it is known. */
export async function insertStream(db: Database, row: Omit<StreamRow, "number">): Promise<StreamRow> {
  const { instanceId, id, clockOffsetMs, startedAt } = row;
  const saved = await db.$client
    .prepare(
      `INSERT INTO stream (instance_id, id, number, clock_offset_ms, started_at)
       VALUES (?1, ?2, (SELECT coalesce(max(number), 0) + 1 FROM stream WHERE instance_id = ?1), ?3, ?4)
       ON CONFLICT DO UPDATE SET id = excluded.id RETURNING number, clock_offset_ms AS clockOffsetMs, started_at AS startedAt`,
    )
    .bind(instanceId, id, clockOffsetMs, startedAt)
    .first<Omit<StreamRow, "instanceId" | "id">>();
  return { instanceId, id, ...saved! };
}

export interface StoredSample {
  at: EpochMs;
  metrics: Readings;
}

/** The newest sample of an instance that is in a block, whole. */
export async function lastStoredSample(db: Database, instanceId: string): Promise<StoredSample | undefined> {
  const [newest] = await newestBuckets(db, TIER_SPECS.raw, [instanceId]);
  if (!newest) return undefined;
  const columns = new SampleColumns();
  for (const block of await readBlocks(db, TIER_SPECS.raw, [newest])) {
    try {
      const read = unpackSamples(block, (series) => logUnreadable(newest, `series ${unpackKey(series)}`));
      return lastOf(read);
    } catch (error) {
      logUnreadable(newest, (error as Error).message);
    }
  }
  return lastOf(columns);
}

function lastOf(columns: SampleColumns): StoredSample | undefined {
  const at = columns.at.at(-1);
  if (at === undefined) return undefined;
  const metrics: Readings = {};
  for (const [key, column] of columns.series) {
    const value = column.at(-1);
    if (value !== null && value !== undefined) metrics[unpackKey(key)] = value;
  }
  return { at, metrics };
}

export interface FleetSample extends StoredSample {
  instanceId: string;
}

/**
 * The samples in blocks of the last two hours, and of an instance that was silent then those of its newest block; fleet metrics only,
 * in no order.
 */
export async function recentSamples(
  db: Database,
  instanceIds: readonly string[],
  now: EpochMs,
): Promise<FleetSample[]> {
  const names = [AT, ...FLEET_METRICS.map(packKey)];
  const hour = bucketOf(TIER_SPECS.raw, now);
  const recent = await readColumns(db, TIER_SPECS.raw, instanceIds, [hour - 1, hour], names);
  const heard = new Set(recent.map(({ instanceId }) => instanceId));
  const silent = instanceIds.filter((id) => !heard.has(id));
  const last = await newestBuckets(db, TIER_SPECS.raw, silent);
  const byBucket = Map.groupBy(last, ({ bucket }) => bucket);
  const older = await Promise.all(
    [...byBucket].map(([bucket, of]) =>
      readColumns(
        db,
        TIER_SPECS.raw,
        of.map(({ instanceId }) => instanceId),
        [bucket],
        names,
      ),
    ),
  );
  return [...recent, ...older.flat()].flatMap(fleetSamplesOf);
}

function fleetSamplesOf({ instanceId, bucket, count, columns }: BlockColumns): FleetSample[] {
  try {
    const [at, ...values] = columns.map((bytes) => bytes && decodeColumn(bytes, count));
    return (at as EpochMs[]).map((time, row) => {
      const metrics: Readings = {};
      FLEET_METRICS.forEach((metric, index) => {
        const value = values[index]?.[row];
        if (value !== null && value !== undefined) metrics[metric] = value;
      });
      return { instanceId, at: time, metrics };
    });
  } catch (error) {
    logUnreadable({ instanceId, bucket }, (error as Error).message);
    return [];
  }
}

export function logUnreadable({ instanceId, bucket }: BlockName, message: string): void {
  log({ event: "block_unreadable", instanceId, bucket, message });
}

/** Series an instance has in blocks since `from`, sorted. */
export async function seriesKeysSince(
  db: Database,
  instanceId: string,
  now: EpochMs,
  windowMs: DurationMs,
): Promise<SeriesKey[]> {
  const last = bucketOf(TIER_SPECS.raw, now);
  const hours = Array.from({ length: last - bucketOf(TIER_SPECS.raw, now - windowMs) + 1 }, (_, ago) => last - ago);
  return (await seriesKeysOf(db, instanceId, hours)).map(unpackKey).sort();
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

/** Streams nobody can send for any more: another one followed longer ago than any sample an agent may still hand in. */
export async function deleteStreamsBefore(db: Database, before: EpochMs): Promise<void> {
  await db.$client
    .prepare(
      `DELETE FROM stream WHERE started_at < ?1 AND EXISTS (SELECT 1 FROM stream AS next WHERE next.instance_id = stream.instance_id
         AND next.number > stream.number AND next.started_at < ?1)`,
    )
    .bind(before)
    .run();
}

/** Of these instances or checks everything that was kept. */
export async function deleteHistory(db: Database, subjects: readonly string[]): Promise<void> {
  const list = JSON.stringify(subjects);
  const client = db.$client;
  await client.batch(
    ["stream", "custom_series", "block"].map((table) =>
      client.prepare(`DELETE FROM ${table} WHERE instance_id IN (SELECT value FROM json_each(?1))`).bind(list),
    ),
  );
}
