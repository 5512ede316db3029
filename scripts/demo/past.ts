import type { D1Database } from "@cloudflare/workers-types";
import type { EpochMs } from "../../contract/units.ts";
import { packReadings } from "../../worker/series/packed.ts";
import { COMMIT_BYTES_MAX } from "../../worker/settings.ts";
import { isHeard, readingsAt, type DemoInstance } from "./fleet.ts";

export const PAST_MS = 24 * 3_600_000;
export const PAST_INTERVAL_MS = 30_000;

const INSERT = `INSERT OR IGNORE INTO sample (instance_id, at, stream, seq, metrics)
  SELECT ?2, value ->> 0, ?3, value ->> 1, value -> 2 FROM json_each(?1)`;

/** Writes what the fleet would have sent from each machine's last sample (or a day ago) up to now. */
export async function fillPast(db: D1Database, fleet: DemoInstance[], bornAt: EpochMs, now: EpochMs): Promise<number> {
  const last = new Map<string, { at: number; stream: number }>();
  const known =
    "SELECT instance_id AS id, max(at) AS at, max(stream) AS stream FROM sample WHERE at >= ?1 GROUP BY instance_id";
  const { results } = await db
    .prepare(known)
    .bind(now - PAST_MS)
    .all<{ id: string; at: number; stream: number }>();
  for (const { id, at, stream } of results) last.set(id, { at, stream });
  let count = 0;
  for (const [index, instance] of fleet.entries()) {
    const { id } = instance.facts;
    const from = Math.max(now - PAST_MS, last.get(id)?.at ?? 0);
    // The rows of the past are of a stream the live ones, numbered by the Worker from 1 on, cannot have.
    const rows: string[] = [];
    let bytes = 0;
    const flush = async () => {
      if (rows.length > 0)
        await db
          .prepare(INSERT)
          .bind(`[${rows.join(",")}]`, id, 0)
          .run();
      count += rows.length;
      rows.length = bytes = 0;
    };
    for (let at = (Math.floor(from / PAST_INTERVAL_MS) + 1) * PAST_INTERVAL_MS; at < now; at += PAST_INTERVAL_MS) {
      if (!isHeard(instance, at, bornAt)) continue;
      const metrics = packReadings(readingsAt(instance, index, at, bornAt));
      const row = `[${at},${Math.floor(at / PAST_INTERVAL_MS)},${metrics}]`;
      if (bytes + row.length > COMMIT_BYTES_MAX) await flush();
      rows.push(row);
      bytes += row.length;
    }
    await flush();
  }
  return count;
}
