import type { EpochMs } from "../../../contract/units.ts";
import type { Verdict } from "../../../contract/verdict.ts";
import type { Database } from "../../db/client.ts";
import type { BlockName } from "../../series/block-store.ts";
import { TIER_SPECS } from "../../series/tiers.ts";

/** What a check came to, and why. */
export interface Reason {
  at: EpochMs;
  verdict: Verdict;
  reason: string;
}

interface ReasonRow extends Reason {
  checkId: string;
}

/** The verdicts of these checks over the time of these blocks, and the one that was in force when each began; by time. One statement. */
export async function readReasons(db: Database, blocks: readonly BlockName[]): Promise<Map<string, Reason[]>> {
  if (blocks.length === 0) return new Map();
  const { blockMs } = TIER_SPECS.fiveMinutes;
  const spans = blocks.map(({ instanceId, bucket }) => [instanceId, bucket * blockMs, (bucket + 1) * blockMs]);
  const { results } = await db.$client
    .prepare(
      `SELECT DISTINCT check_id AS checkId, at, judgement ->> 'verdict' AS verdict, judgement ->> 'reason' AS reason
       FROM json_each(?1) AS span CROSS JOIN check_change ON check_id = span.value ->> 0 AND at < span.value ->> 2
         AND at >= coalesce((SELECT max(before.at) FROM check_change AS before
           WHERE before.check_id = span.value ->> 0 AND before.at <= span.value ->> 1), span.value ->> 1)
       ORDER BY at`,
    )
    .bind(JSON.stringify(spans))
    .all<ReasonRow>();
  return Map.groupBy(results, ({ checkId }) => checkId);
}
