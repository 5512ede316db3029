import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { log, messageOf } from "../log.ts";
import {
  journalText,
  packJournal,
  readJournalEnds,
  readJournalHead,
  takeJournal,
  writeJournal,
  type JournalHead,
  type SampleRow,
  type StreamEnd,
} from "../series/journal-store.ts";
import { JOURNAL_BYTES_MAX, JOURNAL_SLOTS_MAX, PACK_AGAIN_AFTER_MS } from "../settings.ts";

/**
 * The way into the history. What is appended is durable when the promise resolves; packing makes blocks of it later, many
 * samples of an instance at once. One thing at a time, and by one shard object only: the database holds whose turn it is.
 */
export class Journal {
  readonly #db: Database;
  readonly #onLost: () => void;
  readonly #life = crypto.randomUUID();
  #isTaken = false;
  /** Unknown at first, and after a failure of which nobody knows how far it came. */
  #head: JournalHead | undefined;
  #ends: Promise<Map<string, StreamEnd>> | undefined;
  #packNotBefore: EpochMs = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /** `onLost` is called once another shard object has taken over. */
  constructor(db: Database, onLost: () => void) {
    this.#db = db;
    this.#onLost = onLost;
  }

  append(rows: readonly SampleRow[], now: EpochMs): Promise<void> {
    return this.#inTurn(async () => {
      const { slots, bytes } = await this.#open();
      const isFull = slots >= JOURNAL_SLOTS_MAX || bytes >= JOURNAL_BYTES_MAX;
      if (isFull && now >= this.#packNotBefore) await this.#tryToPack(now);
      const head = await this.#open();
      const samples = journalText(rows);
      this.#head = undefined;
      const isOurs = await writeJournal(this.#db, this.#life, { cycle: head.cycle, slot: head.slots }, samples);
      if (!isOurs) this.#lost();
      this.#head = { cycle: head.cycle, slots: head.slots + 1, bytes: head.bytes + samples.length };
    });
  }

  /**
   * Where this stream ended when this shard object took the journal; what came since, its writers know themselves. Read for
   * all at once: after a start the whole fleet asks within one interval.
   */
  async endOf(instanceId: string, stream: number): Promise<StreamEnd | undefined> {
    this.#ends ??= this.#inTurn(async () => {
      await this.#open();
      const ends = await readJournalEnds(this.#db);
      return new Map(ends.map((end) => [keyOf(end.instanceId, end.stream), end]));
    });
    try {
      return (await this.#ends).get(keyOf(instanceId, stream));
    } catch (error) {
      this.#ends = undefined;
      throw error;
    }
  }

  pack(now: EpochMs): Promise<void> {
    return this.#inTurn(() => this.#pack(now));
  }

  /** A journal that cannot be packed only grows: no reason to refuse samples. */
  async #tryToPack(now: EpochMs): Promise<void> {
    try {
      await this.#pack(now);
    } catch (error) {
      this.#packNotBefore = now + PACK_AGAIN_AFTER_MS;
      log({ event: "pack_failed", message: messageOf(error) });
    }
  }

  async #pack(now: EpochMs): Promise<void> {
    const { cycle, slots } = await this.#open();
    if (slots === 0) return;
    this.#head = undefined;
    if (!(await packJournal(this.#db, this.#life, cycle, now))) this.#lost();
    this.#head = { cycle: cycle + 1, slots: 0, bytes: 0 };
  }

  async #open(): Promise<JournalHead> {
    if (this.#head) return this.#head;
    if (this.#isTaken) {
      const head = await readJournalHead(this.#db, this.#life);
      if (!head) this.#lost();
      return (this.#head = head);
    }
    this.#head = await takeJournal(this.#db, this.#life);
    this.#isTaken = true;
    return this.#head;
  }

  #lost(): never {
    this.#onLost();
    throw new Error("Another shard has taken over; this one writes no more.");
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => {});
    return result;
  }
}

const keyOf = (instanceId: string, stream: number) => `${instanceId} ${stream}`;
