import { sql, type SQL } from "drizzle-orm";

/**
 * Of a row of `insight`: whether somebody limited to these tags may see it, by the tags its subjects have now. It takes all of them: what
 * is told of one machine next to others tells of the others too. Null: the whole fleet.
 */
export function isSeenInsight(own: readonly string[] | null): SQL | undefined {
  if (own === null) return undefined;
  const tags = JSON.stringify(own);
  const shares = (column: SQL) =>
    sql`EXISTS (SELECT 1 FROM json_each(${column}) AS own WHERE own.value IN (SELECT value FROM json_each(${tags})))`;
  return sql`NOT EXISTS (SELECT 1 FROM json_each(insight.subjects) AS subject WHERE
    NOT EXISTS (SELECT 1 FROM instance WHERE instance.id = subject.value ->> 'id' AND ${shares(sql`instance.tags`)})
    AND NOT EXISTS (SELECT 1 FROM health_check LEFT JOIN instance ON instance.id = health_check.instance_id
      WHERE health_check.id = subject.value ->> 'id' AND (${shares(sql`health_check.tags`)} OR ${shares(sql`coalesce(instance.tags, '[]')`)})))`;
}
