/** A column that holds sealed texts, and what they are sealed for. A new one is a row in the room that owns it. */
export interface SealedColumn {
  table: string;
  id: string;
  column: string;
  purposeOf(id: string): string;
}

/** A query for how many texts are sealed with each key: `keyId`, `texts`. For the Worker, and for scripts that look from outside. */
export function countByKeySql(columns: readonly SealedColumn[]): string {
  const all = columns.map(
    ({ table, column }) => `SELECT substr(${column}, 4) AS rest FROM ${table} WHERE ${column} IS NOT NULL`,
  );
  return (
    `SELECT substr(rest, 1, instr(rest, '.') - 1) AS keyId, count(*) AS texts FROM (${all.join(" UNION ALL ")}) ` +
    "GROUP BY keyId ORDER BY keyId"
  );
}
