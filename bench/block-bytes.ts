import { DatabaseSync } from "node:sqlite";
import { RETENTION_DAYS } from "../contract/limits.ts";
import type { Tier } from "../contract/series.ts";
import { slotsFor, TIER_SPECS, type TierSpec } from "../worker/series/tiers.ts";
import type { MadeBlock, RecordedHistory } from "./history.ts";

/** As long as those that clouds give and the agent makes. */
const INSTANCE_ID = "i-0123456789abcdef0123456789abcdef";
const INSTANCES = 4;
/** Blocks differ a little; so many are made, and laid down in turns. */
const KINDS = 12;

const TABLE = `CREATE TABLE block (instance_id TEXT NOT NULL, tier INTEGER NOT NULL, slot INTEGER NOT NULL, bucket INTEGER NOT NULL,
  version INTEGER NOT NULL, count INTEGER NOT NULL, covers TEXT, directory TEXT NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (instance_id, tier, slot)) WITHOUT ROWID`;

/** What SQLite's record of this row holds, key and header included. */
export function rowBytes({ tier, bucket, count, covers, directory, data }: MadeBlock): number {
  const texts = [INSTANCE_ID, covers ? JSON.stringify(covers) : "", JSON.stringify(directory)].map(
    ({ length }) => length,
  );
  const numbers = [tier, 1_000_000, bucket, 6, count].map(bytesOfWhole);
  const content = [...texts, ...numbers, data.length].reduce((sum, bytes) => sum + bytes, 0);
  // One byte of header a column, two more for each of the long ones, its own length and that of the whole.
  return content + 9 + 4 + 4;
}

/** SQLite keeps whole numbers in 1, 2, 3, 4, 6 or 8 bytes; 0 and 1 in none. */
function bytesOfWhole(value: number): number {
  if (value <= 1) return 0;
  const bits = value.toString(2).length + 1;
  return [1, 2, 3, 4, 6, 8].find((bytes) => bits <= bytes * 8)!;
}

/** The file's pages for one instance whose ring is full, by tier: a row that does not fill its last page pays for all of it. */
export function bytesByTier(history: RecordedHistory): Record<Tier, number> {
  const tiers = Object.values(TIER_SPECS).map((spec) => [spec.tier, bytesOfRing(history, spec)]);
  return Object.fromEntries(tiers) as Record<Tier, number>;
}

export function bytesPerInstance(history: RecordedHistory): number {
  return Object.values(bytesByTier(history)).reduce((sum, bytes) => sum + bytes, 0);
}

function bytesOfRing(history: RecordedHistory, spec: TierSpec): number {
  const database = new DatabaseSync(":memory:");
  database.exec(TABLE);
  const bytes = () => {
    const of = (pragma: string) => Object.values(database.prepare(`PRAGMA ${pragma}`).get()!)[0] as number;
    return of("page_count") * of("page_size");
  };
  const before = bytes();
  const insert = database.prepare("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const kinds = kindsOf(history, spec);
  const slots = slotsFor(spec, RETENTION_DAYS[spec.tier].default);
  for (let instance = 0; instance < INSTANCES; instance++) {
    for (let slot = 0; slot < slots; slot++) {
      const { tier, bucket, count, covers, directory, data } = kinds[slot % kinds.length]!;
      const id = INSTANCE_ID.slice(0, -1) + instance;
      const covered = covers && JSON.stringify(covers);
      insert.run(id, tier, 1_000_000 + slot, bucket, 6, count, covered, JSON.stringify(directory), data);
    }
  }
  const after = bytes();
  database.close();
  return (after - before) / INSTANCES;
}

function kindsOf(history: RecordedHistory, spec: TierSpec): MadeBlock[] {
  return Array.from({ length: KINDS }, (_, index) => {
    const bucket = Math.floor(1.75e12 / spec.blockMs) + index;
    return spec.stepMs === 0 ? history.rawBlock(bucket, index) : history.pointBlock(spec, bucket);
  });
}
