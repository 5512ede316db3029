import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { log, messageOf } from "../log.ts";
import type { SampleRow } from "../series/journal-store.ts";
import { columnsOf, packKey, type PackedReadings } from "../series/packed.ts";
import * as settings from "../settings.ts";
import { confirm } from "./cursor.ts";
import { Flusher, type Flushed } from "./flusher.ts";
import { GroupCommit } from "./group-commit.ts";
import { Journal } from "./journal.ts";
import type { Roster } from "./roster.ts";
import type { Tails } from "./tails.ts";

interface Parts {
  db: Database;
  tails: Tails;
  roster: Roster;
  flushEveryMs(): number;
  /** These hours are about to get samples. */
  writing(hours: readonly number[]): Promise<void>;
  /** An agent may forget what came up to here. */
  durable(instanceId: string, stream: string, seq: number): void;
  /** Another shard has taken over. */
  lost(): void;
}

/** How samples become durable: through the journal or straight into the blocks of their series. */
export class Keeping {
  readonly journal: Journal;
  readonly flusher: Flusher;
  readonly commits: GroupCommit<SampleRow>;
  readonly #parts: Parts;
  blocksUnreadable = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { db, tails } = parts;
    this.flusher = new Flusher(db, tails, parts.flushEveryMs, {
      writing: parts.writing,
      flushed: (flushed) => this.#flushed(flushed),
      unreadable: () => this.blocksUnreadable++,
    });
    this.journal = new Journal(db, {
      written: (rows) => this.#wait(rows, Date.now()),
      recovered: (rows) => this.#wait(rows, Date.now()),
      hasRoom: () => tails.values < settings.TAIL_VALUES_MAX / 2,
      flush: () => this.flusher.flushNow(Date.now()),
      isWaiting: () => tails.hasJournaled,
      lost: parts.lost,
    });
    this.commits = new GroupCommit<SampleRow>(
      (rows) => this.commit(rows),
      {
        rowsMax: settings.COMMIT_ROWS_MAX,
        bytesMax: settings.COMMIT_BYTES_MAX,
        queueBytesMax: settings.COMMIT_QUEUE_BYTES_MAX,
        gatherAbove: settings.COMMIT_GATHER_ABOVE,
      },
      () => scheduler.wait(settings.COMMIT_GATHER_MS),
    );
  }

  async commit(rows: SampleRow[]): Promise<void> {
    if (rows.length === 0) return;
    try {
      await this.journal.append(rows, Date.now());
    } catch (error) {
      log({ event: "commit_failed", rows: rows.length, message: messageOf(error) });
      throw error;
    }
  }

  /** Rows of the journal wait for their blocks like all others. */
  #wait(rows: readonly SampleRow[], now: EpochMs): void {
    for (const { instanceId, at, stream, seq, metrics, readings = readBack(metrics) } of rows) {
      const { keys, values } = readings;
      this.#parts.tails.add(instanceId, [{ at, stream, seq, keys, values, takenAt: now, isJournaled: true }]);
    }
  }

  /** Samples are in blocks: their agents may forget them. */
  #flushed({ instanceId, samples }: Flushed): void {
    const { tails, roster, durable } = this.#parts;
    const streams = new Set(samples.map(({ stream }) => stream));
    const waiting = tails.of(instanceId);
    for (const [id, cursor] of roster.cursorsOf(instanceId)) {
      if (!streams.has(cursor.number)) continue;
      const left = waiting.filter(({ stream }) => stream === cursor.number);
      if (confirm(cursor, left)) durable(instanceId, id, cursor.durableSeq);
    }
  }
}

/** Readings of a row of the journal; those of an older version have long names. */
function readBack(metrics: PackedReadings) {
  const { keys, values } = columnsOf(metrics);
  return { keys: keys.map(packKey), values };
}
