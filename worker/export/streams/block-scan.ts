import type { Database } from "../../db/client.ts";
import type { BlockName } from "../../series/block-store.ts";
import { placeOf } from "../../series/ring-store.ts";
import { TIER_SPECS } from "../../series/tiers.ts";

/** A block of five minutes that is not, or not as it is now, in Snowflake. */
export interface UnsentBlock extends BlockName {
  /** Differs whenever its content does: its version within its ring's generation. */
  version: number;
  /** Values it holds, about. */
  rows: number;
}

/** What was sent of a subject: the version of each bucket from the first of those that are asked for, 0 where none was. */
export type SentVersions = readonly [subject: string, versions: readonly number[]];

const { number } = TIER_SPECS.fiveMinutes;
/** More versions than a block gets in one generation. */
const VERSIONS = 100_000;

/** The oldest first, at most so many. One statement, whatever the number of instances. */
export async function unsentBlocks(
  db: Database,
  sent: readonly SentVersions[],
  firstBucket: number,
  buckets: number,
  max: number,
): Promise<UnsentBlock[]> {
  if (sent.length === 0 || buckets <= 0) return [];
  const list = Array.from({ length: buckets }, (_, place) => firstBucket + place);
  const { results } = await db.$client
    .prepare(
      `WITH found AS (
         SELECT sent.value ->> 0 AS instanceId, bucket.value AS bucket, block.slot, max(ring.generation),
           (ring.generation - 1) * ${VERSIONS} + block.version AS version,
           coalesce(sent.value ->> ('$[1][' || bucket.key || ']'), 0) AS was
         FROM json_each(?1) AS sent CROSS JOIN ring ON ring.tier = ${number} CROSS JOIN json_each(?2) AS bucket
         CROSS JOIN block ON block.instance_id = sent.value ->> 0 AND block.tier = ring.tier
           AND block.slot = ${placeOf("bucket.value")} AND block.bucket = bucket.value
         GROUP BY sent.key, bucket.key),
       unsent AS (SELECT * FROM found WHERE version <> was ORDER BY bucket, instanceId LIMIT ?3)
       SELECT unsent.instanceId, unsent.bucket, unsent.version,
         block.count * (SELECT count(*) FROM json_each(block.directory)) AS rows
       FROM unsent CROSS JOIN block ON block.instance_id = unsent.instanceId AND block.tier = ${number} AND block.slot = unsent.slot
       ORDER BY unsent.bucket, unsent.instanceId`,
    )
    .bind(JSON.stringify(sent), JSON.stringify(list), max)
    .all<UnsentBlock>();
  return results;
}
