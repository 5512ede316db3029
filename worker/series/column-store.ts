import type { D1PreparedStatement } from "../db/d1.ts";
import type { Database } from "../db/client.ts";
import { isUnrolled, type BlockName } from "./block-store.ts";
import { fromHex } from "./hex.ts";
import { placeOf } from "./ring-store.ts";
import { TIER_SPECS, type TierSpec } from "./tiers.ts";

/** Reading parts of blocks: a chart needs a few columns of each, and nothing else leaves the database. */

/** The asked columns of one block; one it does not have is undefined. */
export interface BlockColumns extends BlockName {
  count: number;
  covers: number[] | null;
  columns: (Uint8Array | undefined)[];
}

/** Some columns of the blocks of these instances and buckets: nothing else leaves the database. Newest generation first. */
export async function readColumns(
  db: Database,
  { number }: TierSpec,
  instanceIds: readonly string[],
  buckets: readonly number[],
  names: readonly string[],
): Promise<BlockColumns[]> {
  const { results } = await columnsStatement(db, number, instanceIds, buckets, names).all<ColumnsRow>();
  return results.map(columnsOf);
}

export interface ColumnsRow extends BlockName {
  count: number;
  covers: string | null;
  columns: string;
}

/** `alsoWhere`: SQL on the columns of `block`. */
export function columnsStatement(
  db: Database,
  tier: number,
  instanceIds: readonly string[],
  buckets: readonly number[],
  names: readonly string[],
  alsoWhere = "true",
): D1PreparedStatement {
  // A name is checked to hold neither quote nor backslash, and still goes in as a value, never as SQL.
  const paths = names.map((name) => [`$."${name}"[0]`, `$."${name}"[1]`]);
  return db.$client
    .prepare(
      `SELECT block.instance_id AS instanceId, block.bucket, block.count, block.covers,
         (SELECT group_concat(hex(substr(block.data, 1 + (block.directory ->> (path.value ->> 0)),
            block.directory ->> (path.value ->> 1))), ',') FROM json_each(?4) AS path) AS columns
       FROM json_each(?1) AS id CROSS JOIN json_each(?2) AS bucket CROSS JOIN ring ON ring.tier = ?3
       CROSS JOIN block ON block.instance_id = id.value AND block.tier = ?3
         AND block.slot = ${placeOf("bucket.value")} AND block.bucket = bucket.value
       WHERE ${alsoWhere}
       ORDER BY ring.generation DESC`,
    )
    .bind(JSON.stringify(instanceIds), JSON.stringify(buckets), tier, JSON.stringify(paths));
}

export function columnsOf({ columns, covers, ...row }: ColumnsRow): BlockColumns {
  return {
    ...row,
    covers: covers === null ? null : (JSON.parse(covers) as number[]),
    columns: columns.split(",").map((hex) => (hex === "" ? undefined : fromHex(hex))),
  };
}

/** As {@link columnsStatement} of raw blocks, of those alone that the coarser tiers do not show as they are now. */
export function unrolledColumnsStatement(
  db: Database,
  instanceIds: readonly string[],
  hours: readonly number[],
  names: readonly string[],
): D1PreparedStatement {
  return columnsStatement(db, TIER_SPECS.raw.number, instanceIds, hours, names, isUnrolled("block"));
}

/** The series of an instance in blocks of these hours, packed keys. */
export async function seriesKeysOf(db: Database, instanceId: string, hours: readonly number[]): Promise<string[]> {
  const { results } = await db.$client
    .prepare(
      `SELECT DISTINCT column.key FROM json_each(?2) AS hour CROSS JOIN ring ON ring.tier = 0
       CROSS JOIN block ON block.instance_id = ?1 AND block.tier = 0 AND block.slot = ${placeOf("hour.value")}
         AND block.bucket = hour.value, json_each(block.directory) AS column
       WHERE column.key NOT LIKE '.%'`,
    )
    .bind(instanceId, JSON.stringify(hours))
    .all<{ key: string }>();
  return results.map(({ key }) => key);
}
