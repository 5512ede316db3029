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

it("history kept as single samples, or in the blocks of before, comes back into the journal, every sample once", () => {
  const db = new DatabaseSync(":memory:");
  const before = NAMES.indexOf("0001_journal_and_blocks.sql");
  migrate(db, NAMES.slice(0, before));
  const insert = db.prepare("INSERT INTO sample (instance_id, at, stream, seq, metrics) VALUES (?, ?, ?, ?, ?)");
  const start = 1_790_000_000_000;
  for (let i = 0; i < 300; i++) {
    insert.run("web-1", start + i * 30_000, i < 200 ? 1 : 2, i < 200 ? i + 1 : i - 199, `{"L0":${i}}`);
    insert.run("db-1", start + i * 30_000, 1, i + 1, `{"C0":0.5,"D4:vda":0.25}`);
  }
  const last = NAMES.indexOf("0005_history_back_into_the_journal.sql");
  migrate(db, NAMES.slice(before, last));
  // A journal with a row of its own cycle, and one that was packed before.
  db.exec("UPDATE journal_head SET cycle = 7");
  db.exec(`INSERT INTO journal VALUES (0, 7, '{"web-1":[[1790009000000,101,{"L0":300},2]]}'), (1, 6, '{"gone":[]}')`);
  migrate(db, NAMES.slice(last));
  const rows = db
    .prepare(
      `SELECT entry.value ->> 0 AS at, entry.value ->> 1 AS seq, entry.value ->> '$[2].L0' AS load, entry.value ->> 3 AS stream
       FROM journal, json_each(journal.samples, '$."web-1"') AS entry WHERE journal.cycle = 7 ORDER BY at`,
    )
    .all() as { at: number; seq: number; load: number; stream: number }[];
  expect(rows.map((row) => row.load)).toEqual(Array.from({ length: 301 }, (_, i) => i));
  expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: 301 }, (_, i) => (i < 200 ? i + 1 : i - 199)));
  const slots = db.prepare("SELECT slot FROM journal ORDER BY slot").all() as { slot: number }[];
  expect(slots.map(({ slot }) => slot)).toEqual(slots.map((_, i) => i));
});
