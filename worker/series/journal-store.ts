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
}

export interface JournalHead {
  cycle: number;
  /** Rows of this cycle: the next one's slot. */
  slots: number;
  bytes: number;
}

/** Samples of one stream in one block. With the most series a sample may have, such a block is 1.6 MB of D1's 2 MB. */
const BLOCK_SAMPLES_MAX = 100;
/** No block is longer: whoever looks for a moment need not look further back than this before it. */
export const BLOCK_SPAN_MS = 3_600_000;

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

/** Where a stream of an instance ends: its newest sample. */
export interface StreamEnd {
  instanceId: string;
  stream: number;
  at: EpochMs;
  seq: number;
}

/** The ends of all streams in the journal. */
export async function readJournalEnds(db: Database): Promise<StreamEnd[]> {
  const { results } = await db.$client
    .prepare(
      `WITH RECURSIVE ${LIVE}
       SELECT sender.key AS instanceId, entry.value ->> 3 AS stream, max(entry.value ->> 0) AS at, entry.value ->> 1 AS seq
       FROM live JOIN journal USING (slot), json_each(journal.samples) AS sender, json_each(sender.value) AS entry
       GROUP BY 1, 2`,
    )
    .all<StreamEnd>();
  return results;
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
 * Makes blocks of this cycle of the journal and begins the next one, both or neither; nothing leaves the database for it.
 * Samples of an instance that was removed meanwhile go with it.
 * False where the journal is not this shard object's any more, or not in this cycle.
 */
export async function packJournal(db: Database, life: string, cycle: number, now: EpochMs): Promise<boolean> {
  const pack = db.$client
    .prepare(
      `WITH RECURSIVE ${LIVE},
         sample AS (
           SELECT sender.key AS instance_id, entry.value ->> 0 AS at, entry.value ->> 1 AS seq,
             entry.value -> 2 AS metrics, entry.value ->> 3 AS stream
           FROM live JOIN journal USING (slot), json_each(journal.samples) AS sender, json_each(sender.value) AS entry
           WHERE EXISTS (SELECT 1 FROM journal_head WHERE life = ?1 AND cycle = ?2)
             AND EXISTS (SELECT 1 FROM instance WHERE instance.id = sender.key)),
         numbered AS (
           SELECT *, (row_number() OVER (PARTITION BY instance_id, stream ORDER BY at) - 1) / ${BLOCK_SAMPLES_MAX} AS part
           FROM sample)
       INSERT INTO block (instance_id, first_at, cycle, stream, part, last_at, last_seq, samples)
       SELECT instance_id, min(at), ?2, stream, part, max(at), max(seq),
         json_group_array(json_array(at, seq, json(metrics)) ORDER BY at)
       FROM numbered GROUP BY instance_id, stream, part, at / ${BLOCK_SPAN_MS}`,
    )
    .bind(life, cycle);
  const next = db.$client
    .prepare("UPDATE journal_head SET cycle = cycle + 1, packed_at = ?3 WHERE life = ?1 AND cycle = ?2")
    .bind(life, cycle, now);
  const [, { meta }] = (await db.$client.batch([pack, next])) as [D1Result, D1Result];
  return meta.changes === 1;
}
