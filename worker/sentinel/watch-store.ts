import type { Watch, WatchStore } from "../insights/watch.ts";

/**
 * What the detectors have learned of each machine, in the sentinel's own storage: a row each, written four times a day. A watch that an
 * older version kept and this one cannot read is as good as none.
 */
export class StoredWatches implements WatchStore {
  readonly #sql: SqlStorage;
  readonly #version: number;

  constructor({ sql }: DurableObjectStorage, version: number) {
    this.#sql = sql;
    this.#version = version;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS watch (instance_id TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID",
    );
  }

  load(instanceIds: readonly string[]): Map<string, Watch> {
    const rows = this.#sql.exec<{ instance_id: string; body: string }>(
      "SELECT instance_id, body FROM watch WHERE version = ?1 AND instance_id IN (SELECT value FROM json_each(?2))",
      this.#version,
      JSON.stringify(instanceIds),
    );
    return new Map([...rows].map((row) => [row.instance_id, JSON.parse(row.body) as Watch]));
  }

  save(watches: ReadonlyMap<string, Watch>): void {
    for (const [id, watch] of watches) {
      this.#sql.exec(
        "INSERT OR REPLACE INTO watch (instance_id, version, body) VALUES (?1, ?2, ?3)",
        id,
        this.#version,
        JSON.stringify(watch),
      );
    }
  }

  /** All but these are no more. */
  keepOnly(instanceIds: readonly string[]): void {
    this.#sql.exec(
      "DELETE FROM watch WHERE instance_id NOT IN (SELECT value FROM json_each(?1))",
      JSON.stringify(instanceIds),
    );
  }
}
