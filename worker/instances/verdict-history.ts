import type { EpochMs } from "../../contract/units.ts";
import type { Verdict } from "../../contract/verdict.ts";
import type { Database } from "../db/client.ts";

/** Verdicts of these instances since then, and what was true at its beginning; by instance, in order of time. At most so many in all. */
export async function verdictsOfInstances(
  db: Database,
  ids: readonly string[],
  from: EpochMs,
  max: number,
): Promise<Map<string, { at: EpochMs; verdict: Verdict }[]>> {
  const { results } = await db.$client
    .prepare(
      `SELECT instance_id AS id, at, after AS verdict FROM instance_event AS one
       WHERE instance_id IN (SELECT value FROM json_each(?1)) AND kind = 'verdict' AND after IS NOT NULL AND at >= coalesce(
         (SELECT max(at) FROM instance_event AS before
          WHERE before.instance_id = one.instance_id AND before.kind = 'verdict' AND before.at <= ?2), 0)
       ORDER BY instance_id, at, number LIMIT ?3`,
    )
    .bind(JSON.stringify(ids), from, max)
    .all<{ id: string; at: EpochMs; verdict: Verdict }>();
  return Map.groupBy(results, ({ id }) => id);
}
