import type { Database } from "../db/client.ts";
import { countByKeySql, type SealedColumn } from "./sealed-column.ts";
import { sealedWith, type Vault } from "./vault.ts";

export type { SealedColumn };

/**
 * Seals anew what is sealed with an older key, `max` texts at most; answers how many it did. A text that changed meanwhile is
 * left alone: whoever changed it sealed it with the present key. One that does not open is left as it is and told of at the
 * end, so that it does not keep the others from it; one of a key that is gone cannot be helped here.
 */
export async function reseal(
  db: Database,
  vault: Vault,
  columns: readonly SealedColumn[],
  max: number,
): Promise<number> {
  let done = 0;
  const broken: string[] = [];
  for (const keyId of vault.olderKeyIds) {
    for (const { table, id, column, purposeOf } of columns) {
      const left = max - done - broken.length;
      if (left <= 0) break;
      const { results } = await db.$client
        .prepare(
          `SELECT id, sealed FROM (SELECT ${id} AS id, ${column} AS sealed FROM ${table})
           WHERE substr(sealed, 1, length(?1)) = ?1 LIMIT ?2`,
        )
        .bind(sealedWith(keyId), left)
        .all<{ id: string; sealed: string }>();
      for (const row of results) {
        const purpose = purposeOf(row.id);
        const secret = await vault.open(row.sealed, purpose).catch(() => undefined);
        if (secret === undefined) {
          broken.push(`${table} ${row.id}`);
          continue;
        }
        await db.$client
          .prepare(`UPDATE ${table} SET ${column} = ?1 WHERE ${id} = ?2 AND ${column} = ?3`)
          .bind(await vault.seal(secret, purpose), row.id, row.sealed)
          .run();
        done++;
      }
    }
  }
  if (broken.length > 0) throw new Error(`Stored secrets that do not open: ${broken.join(", ")}. Enter them again.`);
  return done;
}

/** How many texts are sealed with each key. */
export async function countByKey(db: Database, columns: readonly SealedColumn[]): Promise<Record<string, number>> {
  const { results } = await db.$client.prepare(countByKeySql(columns)).all<{ keyId: string; texts: number }>();
  return Object.fromEntries(results.map(({ keyId, texts }) => [keyId, texts]));
}
