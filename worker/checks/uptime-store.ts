import type { Database } from "../db/client.ts";
import type { UptimeDay } from "./table.ts";
import type { KeptDays } from "./uptime-report.ts";

/** Of these subjects what is kept; without `older` for lists. */
export async function readUptime(
  db: Database,
  subjects: readonly string[],
  withOlder: boolean,
): Promise<Map<string, KeptDays>> {
  if (subjects.length === 0) return new Map();
  const { results } = await db.$client
    .prepare(
      `SELECT uptime.subject, recent, ${withOlder ? "older" : "'[]' AS older"} FROM json_each(?1) AS wanted
       CROSS JOIN uptime ON uptime.subject = wanted.value`,
    )
    .bind(JSON.stringify(subjects))
    .all<{ subject: string; recent: string; older: string }>();
  return new Map(
    results.map(({ subject, recent, older }) => [
      subject,
      { recent: JSON.parse(recent) as UptimeDay[], older: JSON.parse(older) as UptimeDay[] },
    ]),
  );
}

/** Writes them whole, one row each. */
export async function writeUptime(db: Database, kept: ReadonlyMap<string, KeptDays>): Promise<void> {
  if (kept.size === 0) return;
  await db.$client
    .prepare(
      `INSERT INTO uptime (subject, recent, older) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1) WHERE true
       ON CONFLICT DO UPDATE SET recent = excluded.recent, older = excluded.older`,
    )
    .bind(
      JSON.stringify(
        [...kept].map(([subject, { recent, older }]) => [subject, JSON.stringify(recent), JSON.stringify(older)]),
      ),
    )
    .run();
}

export async function deleteUptime(db: Database, subjects: readonly string[]): Promise<void> {
  await db.$client
    .prepare("DELETE FROM uptime WHERE subject IN (SELECT value FROM json_each(?1))")
    .bind(JSON.stringify(subjects))
    .run();
}
