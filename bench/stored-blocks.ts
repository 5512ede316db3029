import type { MadeBlock } from "./history.ts";
import { query } from "./seed.ts";

/** Rows in one statement: some hundred kB of text. */
const ROWS_PER_STATEMENT = 40;

const INSERT = `INSERT INTO block (instance_id, tier, slot, bucket, version, count, covers, directory, data)
  SELECT made.value ->> 0, made.value ->> 1, ring.generation * 1000000 + (made.value ->> 2) % ring.slots, made.value ->> 2, 1,
    made.value ->> 3, made.value ->> 4, made.value ->> 5, unhex(made.value ->> 6)
  FROM json_each(?1) AS made JOIN ring ON ring.tier = made.value ->> 1 WHERE true ON CONFLICT DO NOTHING`;

/** Puts blocks where the Worker would have put them, one set for each of these instances. */
export async function storeBlocks(d1Url: string, instanceIds: readonly string[], blocks: MadeBlock[]): Promise<void> {
  const rows = blocks.map(({ tier, bucket, count, covers, directory, data }) => [
    tier,
    bucket,
    count,
    covers && JSON.stringify(covers),
    JSON.stringify(directory),
    Buffer.from(data).toString("hex"),
  ]);
  for (const id of instanceIds) {
    for (let first = 0; first < rows.length; first += ROWS_PER_STATEMENT) {
      const some = rows.slice(first, first + ROWS_PER_STATEMENT).map((row) => [id, ...row]);
      await query(d1Url, [{ sql: INSERT, params: [JSON.stringify(some)] }]);
    }
  }
}
