import type { D1Database } from "@cloudflare/workers-types";
import type { Cloud } from "../contract/providers.ts";
import type { InstanceEvent } from "../contract/events.ts";
import type { EpochMs } from "../contract/units.ts";
import type { Verdict } from "../contract/verdict.ts";
import type { UptimeDay } from "../worker/checks/table.ts";

/** What the sentinel has written, as it stands in the database. */
export interface SentinelRows {
  instances: { id: string; firstSeenAt: EpochMs; cloud: Cloud; verdict: Verdict | null }[];
  /** Each instance's in the order of its timeline. */
  events: (InstanceEvent & { instanceId: string })[];
  checks: { id: string; name: string; createdAt: EpochMs; verdict: Verdict | null }[];
  /** Each check's from the oldest. */
  changes: { checkId: string; at: EpochMs; verdict: Verdict }[];
  /** Days that are over. */
  uptime: { subject: string; day: UptimeDay }[];
}

export async function sentinelRows(db: D1Database): Promise<SentinelRows> {
  const all = async <Row>(sql: string) => (await db.prepare(sql).all<Row>()).results;
  const instances = await all<Omit<SentinelRows["instances"][number], "cloud"> & { cloud: string }>(
    "SELECT id, first_seen_at AS firstSeenAt, cloud, judgement ->> 'verdict' AS verdict FROM instance WHERE cloud IS NOT NULL",
  );
  const days = await all<{ subject: string; day: string }>(
    `SELECT subject, value AS day FROM uptime, json_each(recent)
     UNION ALL SELECT subject, value FROM uptime, json_each(older)`,
  );
  return {
    instances: instances.map((row) => ({ ...row, cloud: JSON.parse(row.cloud) as Cloud })),
    events: await all(
      `SELECT instance_id AS instanceId, at, kind, what, before, after FROM instance_event
       ORDER BY instance_id, instance_event.at, number`,
    ),
    checks: await all("SELECT id, name, created_at AS createdAt, judgement ->> 'verdict' AS verdict FROM health_check"),
    changes: await all(
      "SELECT check_id AS checkId, at, judgement ->> 'verdict' AS verdict FROM check_change ORDER BY check_id, at",
    ),
    uptime: days.map(({ subject, day }) => ({ subject, day: JSON.parse(day) as UptimeDay })),
  };
}
