import type { D1Database } from "@cloudflare/workers-types";
import type { EpochMs } from "../../contract/units.ts";
import { LIVE } from "../../worker/series/live-rows.ts";
import { packReadings } from "../../worker/series/packed.ts";
import { COMMIT_BYTES_MAX } from "../../worker/settings.ts";
import { isHeard, readingsAt, type DemoInstance } from "./fleet.ts";

export const PAST_MS = 24 * 3_600_000;
export const PAST_INTERVAL_MS = 30_000;
/** As many as five minutes of real history have in a block. */
const BLOCK_MS = 300_000;

// Of cycle and stream 0, which the live ones, numbered by the Worker from 1 on, cannot have.
const INSERT = `INSERT OR IGNORE INTO block (instance_id, first_at, cycle, stream, part, last_at, last_seq, samples)
  SELECT ?2, value ->> '$[0][0]', 0, 0, 0, value ->> '$[#-1][0]', value ->> '$[#-1][1]', value FROM json_each(?1)`;

const LAST_OF_EACH = `WITH RECURSIVE ${LIVE}
  SELECT id, max(at) AS at FROM (
    SELECT instance_id AS id, max(last_at) AS at FROM block WHERE last_at >= ?1 GROUP BY instance_id
    UNION ALL
    SELECT sender.key, max(entry.value ->> 0)
    FROM live JOIN journal USING (slot), json_each(journal.samples) AS sender, json_each(sender.value) AS entry
    GROUP BY sender.key)
  GROUP BY id`;

/** Writes what the fleet would have sent from each machine's last sample (or a day ago) up to now. */
export async function fillPast(db: D1Database, fleet: DemoInstance[], bornAt: EpochMs, now: EpochMs): Promise<number> {
  const { results } = await db
    .prepare(LAST_OF_EACH)
    .bind(now - PAST_MS)
    .all<{ id: string; at: number }>();
  const last = new Map(results.map(({ id, at }) => [id, at]));
  let count = 0;
  for (const [index, instance] of fleet.entries()) {
    const { id } = instance.facts;
    const insert = async (blocks: string[]) => {
      if (blocks.length > 0)
        await db
          .prepare(INSERT)
          .bind(`[${blocks.join(",")}]`, id)
          .run();
    };
    let blocks: string[] = [];
    let bytes = 0;
    let samples: string[] = [];
    const from = Math.max(now - PAST_MS, last.get(id) ?? 0);
    for (let at = (Math.floor(from / PAST_INTERVAL_MS) + 1) * PAST_INTERVAL_MS; at < now; at += PAST_INTERVAL_MS) {
      if (isHeard(instance, at, bornAt)) {
        const readings = packReadings(readingsAt(instance, index, at, bornAt));
        samples.push(`[${at},${Math.floor(at / PAST_INTERVAL_MS)},${readings}]`);
        count++;
      }
      const isLastOfBlock = (at + PAST_INTERVAL_MS) % BLOCK_MS === 0 || at + PAST_INTERVAL_MS >= now;
      if (!isLastOfBlock || samples.length === 0) continue;
      const block = `[${samples.join(",")}]`;
      samples = [];
      if (bytes + block.length > COMMIT_BYTES_MAX) {
        await insert(blocks);
        blocks = [];
        bytes = 0;
      }
      blocks.push(block);
      bytes += block.length;
    }
    await insert(blocks);
  }
  return count;
}
