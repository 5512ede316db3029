import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { LIVE } from "./live-rows.ts";
import type { PackedReadings } from "./packed.ts";

/** One sample on its way to the history; `metrics` is packed from the moment it was validated. */
export interface SampleRow {
  instanceId: string;
  at: EpochMs;
  stream: number;
  seq: number;
  metrics: PackedReadings;
  /** The same readings, where they need not be read from the text again. */
  readings?: { keys: readonly string[]; values: Float64Array };
}

/** Rows read at once when a shard starts: some hundred kB. */
const JOURNAL_PAGE_ROWS = 100;

export interface JournalHead {
  cycle: number;
  /** Rows of this cycle: the next one's slot. */
  slots: number;
  bytes: number;
}

/** Makes this shard object the only one that may write, and says where the journal stands. */
export async function takeJournal(db: Database, life: string): Promise<JournalHead> {
  await db.$client.prepare("UPDATE journal_head SET life = ?1").bind(life).run();
  const head = await readJournalHead(db, life);
  if (!head) throw new Error("The journal was taken by another shard in the same moment.");
  return head;
}

/** Where the journal stands; undefined where it is no longer this shard object's. */
export async function readJournalHead(db: Database, life: string): Promise<JournalHead | undefined> {
  const head = await db.$client
    .prepare(
      `WITH RECURSIVE ${LIVE}
       SELECT cycle, (SELECT count(*) FROM live) AS slots,
         (SELECT coalesce(sum(length(samples)), 0) FROM live JOIN journal USING (slot)) AS bytes
       FROM journal_head WHERE life = ?1`,
    )
    .bind(life)
    .first<JournalHead>();
  return head ?? undefined;
}

/** When the journal was last packed, and whether anything has come since. One or two rows read. */
export async function journalAge(db: Database): Promise<{ packedAt: EpochMs; isEmpty: boolean }> {
  const row = await db.$client
    .prepare(
      `SELECT packed_at AS packedAt,
         NOT EXISTS (SELECT 1 FROM journal WHERE slot = 0 AND journal.cycle = journal_head.cycle) AS isEmpty
       FROM journal_head`,
    )
    .first<{ packedAt: EpochMs; isEmpty: number }>();
  return { packedAt: row!.packedAt, isEmpty: row!.isEmpty === 1 };
}

/** Samples as one row of the journal. */
export function journalText(rows: readonly SampleRow[]): string {
  const samplesOf = new Map<string, string>();
  for (const { instanceId, at, stream, seq, metrics } of rows) {
    const before = samplesOf.get(instanceId);
    samplesOf.set(instanceId, `${before === undefined ? "" : `${before},`}[${at},${seq},${metrics},${stream}]`);
  }
  let text = "";
  for (const [instanceId, samples] of samplesOf) text += `${text && ","}"${instanceId}":[${samples}]`;
  return `{${text}}`;
}

/**
 * Writes one row: any number of samples for the price of one. False where the journal is not this shard object's any more, or
 * the slot is taken: a call that was given up and arrives late overwrites nothing.
 */
export async function writeJournal(
  db: Database,
  life: string,
  { cycle, slot }: { cycle: number; slot: number },
  samples: string,
): Promise<boolean> {
  const { meta } = await db.$client
    .prepare(
      `INSERT INTO journal (slot, cycle, samples)
       SELECT ?1, cycle, ?2 FROM journal_head WHERE life = ?3 AND cycle = ?4
       ON CONFLICT DO UPDATE SET cycle = excluded.cycle, samples = excluded.samples WHERE excluded.cycle > journal.cycle`,
    )
    .bind(slot, samples, life, cycle)
    .run();
  return meta.changes === 1;
}

/**
 * Begins the next cycle: all that is in this one, `slots` rows, is in blocks. False where the journal is not this shard object's any more, not in
 * this cycle, or has a row that this object does not know of.
 */
export async function endCycle(
  db: Database,
  life: string,
  { cycle, slots }: { cycle: number; slots: number },
  now: EpochMs,
): Promise<boolean> {
  const { meta } = await db.$client
    .prepare(
      `UPDATE journal_head SET cycle = cycle + 1, packed_at = ?4 WHERE life = ?1 AND cycle = ?2
         AND NOT EXISTS (SELECT 1 FROM journal WHERE slot = ?3 AND journal.cycle = ?2)`,
    )
    .bind(life, cycle, slots, now)
    .run();
  return meta.changes === 1;
}

/** Rows of the present cycle from this slot on, as many as one page holds. */
export async function readJournal(db: Database, fromSlot: number): Promise<{ slot: number; samples: SampleRow[] }[]> {
  const { results } = await db.$client
    .prepare(
      `SELECT journal.slot, journal.samples FROM journal JOIN journal_head ON journal_head.cycle = journal.cycle
       WHERE journal.slot >= ?1 ORDER BY journal.slot LIMIT ${JOURNAL_PAGE_ROWS}`,
    )
    .bind(fromSlot)
    .all<{ slot: number; samples: string }>();
  return results.map(({ slot, samples }) => ({ slot, samples: rowsOf(samples) }));
}

function rowsOf(samples: string): SampleRow[] {
  const read = JSON.parse(samples) as Record<string, [number, number, Record<string, number>, number][]>;
  return Object.entries(read).flatMap(([instanceId, entries]) =>
    entries.map(([at, seq, metrics, stream]) => ({ instanceId, at, stream, seq, metrics: JSON.stringify(metrics) })),
  );
}
