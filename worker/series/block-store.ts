import type { D1PreparedStatement } from "../db/d1.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import type { Directory, PackedBlock } from "./block/directory.ts";
import { fromHex, toHex } from "./hex.ts";
import { IS_NEWEST, placeOf } from "./ring-store.ts";
import { HOURS_PER_ROLL, RAW_PLACED_DAYS, TIER_SPECS, type TierSpec } from "./tiers.ts";

/** All statements on `block`. A block's place is worked out in the database, which knows the rings. */

/** Characters of bound text in one statement: D1 takes 2 MB, and so long may a text within it be. */
const STATEMENT_TEXT_MAX = 1_800_000;
/** What a block's row has beside its bytes: names, places, a directory of up to 500 series. */
const ROW_TEXT = 20_000;
/** Bytes of a block that are read as one text: half of what a text may have. */
const PIECE = STATEMENT_TEXT_MAX / 2;
const HEX_PIECES = [PIECE, PIECE];

export interface BlockName {
  instanceId: string;
  bucket: number;
}

export interface StoredBlock extends BlockName, PackedBlock {
  /** Whether it lies in the generation of its ring that is written to. */
  isNewest: boolean;
  version: number;
  /** Of a block of five minutes: samples of each of its hours that went into it. */
  covers: number[] | null;
}

/** These blocks of a tier, as far as they are there; after another retention one may be there twice, newest generation first. */
export async function readBlocks(
  db: Database,
  { number }: TierSpec,
  names: readonly BlockName[],
): Promise<StoredBlock[]> {
  if (names.length === 0) return [];
  const { results } = await db.$client
    .prepare(
      `SELECT block.instance_id AS instanceId, block.bucket, block.version, block.count, block.covers, block.directory,
         ${HEX_PIECES.map((piece, i) => `hex(substr(block.data, ${1 + i * piece}, ${piece})) AS data${i}`).join(", ")},
         ${IS_NEWEST} AS isNewest
       FROM json_each(?1) AS wanted CROSS JOIN ring ON ring.tier = ?2
       CROSS JOIN block ON block.instance_id = wanted.value ->> 0 AND block.tier = ?2
         AND block.slot = ${placeOf("wanted.value ->> 1")} AND block.bucket = wanted.value ->> 1
       ORDER BY ring.generation DESC`,
    )
    .bind(JSON.stringify(names.map(({ instanceId, bucket }) => [instanceId, bucket])), number)
    .all<ReadRow>();
  return results.map(({ directory, data0, data1, covers, isNewest, ...row }) => ({
    ...row,
    isNewest: isNewest === 1,
    covers: covers === null ? null : (JSON.parse(covers) as number[]),
    directory: JSON.parse(directory) as Directory,
    data: fromHex(data0 + data1),
  }));
}

type ReadRow = Omit<StoredBlock, "covers" | "directory" | "data" | "isNewest"> &
  Record<"directory" | "data0" | "data1", string> & { covers: string | null; isNewest: number };

export interface BlockToWrite extends BlockName, PackedBlock {
  tier: TierSpec;
  /** The version that was read in its newest generation; 0 where none was there. */
  versionRead: number;
  covers?: number[];
}

/**
 * Writes blocks, each over what stands in its place: the version that was read, or an earlier bucket. Answers those that were
 * written: one that was not is of an instance or check that is gone, is older than its ring reaches back, or was written by somebody else
 * since it was read (`placesOf` tells which).
 */
export async function writeBlocks(db: Database, blocks: readonly BlockToWrite[]): Promise<PlacedBlock[]> {
  const written: PlacedBlock[] = [];
  let rows: unknown[][] = [];
  let length = 0;
  const write = async (data: string, more: readonly string[] = []) => {
    if (rows.length === 0) return;
    const statement = writeStatement(db, data).bind(JSON.stringify(rows), ...more);
    [rows, length] = [[], 0];
    written.push(...(await statement.all<PlacedBlock>()).results);
  };
  for (const { instanceId, tier, bucket, versionRead, count, covers, directory, data } of blocks) {
    const hex = toHex(data);
    const about = [instanceId, tier.number, bucket, versionRead + 1, count, covers ? JSON.stringify(covers) : null];
    const isLarge = hex.length > STATEMENT_TEXT_MAX;
    if (isLarge || length + hex.length > STATEMENT_TEXT_MAX) await write(DATA_IN_ROW);
    rows.push([...about, JSON.stringify(directory), isLarge ? "" : hex]);
    length += hex.length + ROW_TEXT;
    // Neither a text nor what two make together may be longer than a row: put together as bytes, it is half as long.
    if (isLarge) await write(DATA_IN_TWO, [hex.slice(0, STATEMENT_TEXT_MAX), hex.slice(STATEMENT_TEXT_MAX)]);
  }
  await write(DATA_IN_ROW);
  return written;
}

const DATA_IN_ROW = "unhex(made.value ->> 7)";
const DATA_IN_TWO = "CAST(unhex(?2) || unhex(?3) AS BLOB)";

function writeStatement(db: Database, data: string): D1PreparedStatement {
  return db.$client.prepare(
    `INSERT INTO block (instance_id, tier, slot, bucket, version, count, covers, directory, data)
     SELECT made.value ->> 0, made.value ->> 1, ${placeOf("made.value ->> 2")}, made.value ->> 2, made.value ->> 3,
       made.value ->> 4, made.value ->> 5, made.value ->> 6, ${data}
     FROM json_each(?1) AS made JOIN ring ON ring.tier = made.value ->> 1 AND ${IS_NEWEST}
     WHERE EXISTS (SELECT 1 FROM series_subject WHERE series_subject.id = made.value ->> 0)
     ON CONFLICT DO UPDATE SET bucket = excluded.bucket, version = excluded.version, count = excluded.count,
       covers = excluded.covers, directory = excluded.directory, data = excluded.data
     WHERE excluded.bucket > block.bucket OR (excluded.bucket = block.bucket AND excluded.version = block.version + 1)
     RETURNING instance_id AS instanceId, tier, bucket`,
  );
}

export interface PlacedBlock extends BlockName {
  tier: number;
}

/** Removes these blocks where they lie in an older generation of their ring: they have been written into the newest. */
export async function deleteOlderGenerations(db: Database, blocks: readonly PlacedBlock[]): Promise<void> {
  await db.$client
    .prepare(
      `DELETE FROM block WHERE (instance_id, tier, slot, bucket) IN (
         SELECT old.value ->> 0, ring.tier, ${placeOf("old.value ->> 2")}, old.value ->> 2
         FROM json_each(?1) AS old JOIN ring ON ring.tier = old.value ->> 1 AND NOT ${IS_NEWEST})`,
    )
    .bind(JSON.stringify(blocks.map(({ instanceId, tier, bucket }) => [instanceId, tier, bucket])))
    .run();
}

/** For each of these raw blocks: is its instance or check there, and which bucket stands in its place. */
export async function placesOf(
  db: Database,
  names: readonly BlockName[],
): Promise<(BlockName & { isSubject: number; standing: number | null })[]> {
  const { results } = await db.$client
    .prepare(
      `SELECT wanted.value ->> 0 AS instanceId, wanted.value ->> 1 AS bucket,
         EXISTS (SELECT 1 FROM series_subject WHERE id = wanted.value ->> 0) AS isSubject,
         (SELECT block.bucket FROM block WHERE block.instance_id = wanted.value ->> 0 AND block.tier = 0
            AND block.slot = ${placeOf("wanted.value ->> 1")}) AS standing
       FROM json_each(?1) AS wanted JOIN ring ON ring.tier = 0 AND ${IS_NEWEST}`,
    )
    .bind(JSON.stringify(names.map(({ instanceId, bucket }) => [instanceId, bucket])))
    .all<BlockName & { isSubject: number; standing: number | null }>();
  return results;
}

/** The newest block of this tier of each of these instances, by bucket. Reads an instance's whole ring. */
export async function newestBuckets(
  db: Database,
  { number }: TierSpec,
  instanceIds: readonly string[],
): Promise<BlockName[]> {
  if (instanceIds.length === 0) return [];
  const { results } = await db.$client
    .prepare(
      `SELECT id.value AS instanceId, max(block.bucket) AS bucket FROM json_each(?1) AS id
       CROSS JOIN block ON block.instance_id = id.value AND block.tier = ?2 GROUP BY id.value`,
    )
    .bind(JSON.stringify(instanceIds), number)
    .all<BlockName>();
  return results;
}

/** SQL: whether the raw block of this name is not, or not as it is now, in a block of five minutes. */
export const isUnrolled = (raw: string) => `NOT EXISTS (
  SELECT 1 FROM ring CROSS JOIN block AS rolled ON rolled.instance_id = ${raw}.instance_id AND rolled.tier = ring.tier
    AND rolled.slot = ${placeOf(`${raw}.bucket / ${HOURS_PER_ROLL}`)} AND rolled.bucket = ${raw}.bucket / ${HOURS_PER_ROLL}
  WHERE ring.tier = ${TIER_SPECS.fiveMinutes.number}
    AND rolled.covers ->> ('$[' || (${raw}.bucket % ${HOURS_PER_ROLL}) || ']') = ${raw}.count)`;

/** Of these hours of these instances the ones that the coarser tiers do not show as they are now. */
export async function unrolledHours(
  db: Database,
  instanceIds: readonly string[],
  hours: readonly number[],
): Promise<BlockName[]> {
  const { results } = await db.$client
    .prepare(
      `SELECT DISTINCT raw.instance_id AS instanceId, raw.bucket
       FROM json_each(?1) AS id CROSS JOIN json_each(?2) AS hour CROSS JOIN ring ON ring.tier = 0
       CROSS JOIN block AS raw ON raw.instance_id = id.value AND raw.tier = 0
         AND raw.slot = ${placeOf("hour.value")} AND raw.bucket = hour.value
       WHERE ${isUnrolled("raw")} ORDER BY raw.instance_id, raw.bucket`,
    )
    .bind(JSON.stringify(instanceIds), JSON.stringify(hours))
    .all<BlockName>();
  return results;
}

/** Removes blocks older than their tier is kept, at most so many: those of instances that fell silent, and of an older ring. */
export async function deleteExpiredBlocks(db: Database, now: EpochMs, max: number): Promise<number> {
  const spans = Object.values(TIER_SPECS).map(({ tier, number, blockMs }) => [
    number,
    blockMs,
    tier === "raw" ? RAW_PLACED_DAYS : 0,
  ]);
  const { meta } = await db.$client
    .prepare(
      `DELETE FROM block WHERE (instance_id, tier, slot) IN (
         SELECT block.instance_id, block.tier, block.slot FROM json_each(?1) AS span
         CROSS JOIN ring ON ring.tier = span.value ->> 0 AND ${IS_NEWEST}
         CROSS JOIN series_subject
         CROSS JOIN block ON block.instance_id = series_subject.id AND block.tier = ring.tier
         WHERE (block.bucket + 1) * (span.value ->> 1) < ?2 - max(ring.days, span.value ->> 2) * 86400000 LIMIT ?3)`,
    )
    .bind(JSON.stringify(spans), now, max)
    .run();
  return meta.changes;
}
