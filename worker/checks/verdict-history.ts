import type { EpochMs } from "../../contract/units.ts";
import type { Verdict } from "../../contract/verdict.ts";
import type { Database } from "../db/client.ts";

/** Verdicts of these checks since then, and what was true at its beginning; by check, in order of time. At most so many in all. */
export async function verdictsOfChecks(
  db: Database,
  ids: readonly string[],
  from: EpochMs,
  max: number,
): Promise<Map<string, { at: EpochMs; verdict: Verdict }[]>> {
  const { results } = await db.$client
    .prepare(
      `SELECT check_id AS id, at, judgement ->> 'verdict' AS verdict FROM check_change AS one
       WHERE check_id IN (SELECT value FROM json_each(?1)) AND at >= coalesce(
         (SELECT max(at) FROM check_change AS before WHERE before.check_id = one.check_id AND before.at <= ?2), 0)
       ORDER BY check_id, at LIMIT ?3`,
    )
    .bind(JSON.stringify(ids), from, max)
    .all<{ id: string; at: EpochMs; verdict: Verdict }>();
  return Map.groupBy(results, ({ id }) => id);
}
