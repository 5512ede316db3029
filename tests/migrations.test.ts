import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";

const FOLDER = resolve(import.meta.dirname, "../drizzle");
const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".sql"))
  .sort();

function migrate(db: DatabaseSync, names: string[]): void {
  for (const name of names) {
    for (const sql of readFileSync(join(FOLDER, name), "utf8").split("--> statement-breakpoint")) db.exec(sql);
  }
}

it("history of single samples is carried over into blocks, every sample once and in order", () => {
  const db = new DatabaseSync(":memory:");
  const before = NAMES.indexOf("0001_journal_and_blocks.sql");
  migrate(db, NAMES.slice(0, before));
  const insert = db.prepare("INSERT INTO sample (instance_id, at, stream, seq, metrics) VALUES (?, ?, ?, ?, ?)");
  const start = 1_790_000_000_000;
  for (let i = 0; i < 300; i++) {
    insert.run("web-1", start + i * 30_000, i < 200 ? 1 : 2, i < 200 ? i + 1 : i - 199, `{"load_1m":${i}}`);
    insert.run("db-1", start + i * 30_000, 1, i + 1, `{"cpu_busy_ratio":0.5,"disk_util_ratio:vda":0.25}`);
  }
  migrate(db, NAMES.slice(before));
  const rows = db
    .prepare(
      `SELECT entry.value ->> 0 AS at, entry.value ->> 1 AS seq, entry.value ->> '$[2].load_1m' AS load, first_at, last_at
       FROM block, json_each(block.samples) AS entry WHERE instance_id = 'web-1' ORDER BY first_at, stream, entry.key`,
    )
    .all() as { at: number; seq: number; load: number; first_at: number; last_at: number }[];
  expect(rows.map((row) => row.load)).toEqual(Array.from({ length: 300 }, (_, i) => i));
  for (const row of rows) {
    expect(row.at).toBeGreaterThanOrEqual(row.first_at);
    expect(row.at).toBeLessThanOrEqual(row.last_at);
  }
  const last = "SELECT last_seq FROM block WHERE instance_id = 'web-1' AND stream = ? ORDER BY first_at DESC LIMIT 1";
  expect([1, 2].map((stream) => db.prepare(last).get(stream)!["last_seq"])).toEqual([200, 100]);
});
