import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import {
  endCycle,
  journalAge,
  journalText,
  readJournal,
  readJournalHead,
  takeJournal,
  writeJournal,
  type JournalHead,
  type SampleRow,
} from "../series/journal-store.ts";
import { JOURNAL_BYTES_MAX, JOURNAL_PAGES_PER_EVENT_MAX, JOURNAL_SLOTS_MAX } from "../settings.ts";

/** What the journal is kept for. */
export interface JournalOwner {
  /** Rows are durable: in the journal, and from now on waiting for their blocks. Comes in the same turn as the write. */
  written(rows: readonly SampleRow[]): void;
  /** Rows that were written before this object began. */
  recovered(rows: readonly SampleRow[]): void;
  /** Whether memory has room for more of them now. */
  hasRoom(): boolean;
  /** Everything that is in the journal goes into blocks. */
  flush(): Promise<void>;
  /** Whether anything that is in the journal still waits for its block. */
  isWaiting(): boolean;
  /** Another shard object has taken over. */
  lost(): void;
}

/**
 * Where samples are durable at once, of senders that keep nothing themselves: one row for a group of them, until their blocks are
 * written. One thing at a time, and by one shard object only: the database holds whose turn it is.
 */
export class Journal {
  readonly #db: Database;
  readonly #owner: JournalOwner;
  readonly #life = crypto.randomUUID();
  #isTaken = false;
  /** Unknown at first, and after a failure of which nobody knows how far it came. */
  #head: JournalHead | undefined;
  /** Slots that were written before this object began, as far as they have been read; the rest is read by and by. */
  #old: { read: number; slots: number } | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(db: Database, owner: JournalOwner) {
    this.#db = db;
    this.#owner = owner;
  }

  append(rows: readonly SampleRow[], now: EpochMs): Promise<void> {
    return this.#inTurn(async () => {
      const { slots, bytes } = await this.#open();
      if (slots >= JOURNAL_SLOTS_MAX || bytes >= JOURNAL_BYTES_MAX) await this.#begin(now);
      const head = await this.#open();
      const samples = journalText(rows);
      this.#head = undefined;
      const isOurs = await writeJournal(this.#db, this.#life, { cycle: head.cycle, slot: head.slots }, samples);
      if (!isOurs) this.#lost();
      this.#head = { cycle: head.cycle, slots: head.slots + 1, bytes: head.bytes + samples.length };
      this.#owner.written(rows);
    });
  }

  /**
   * Reads what an earlier object left: all of it as a rule, and of very much as much as one event may take and memory has room for,
   * the rest with the next calls. Costs nothing but a look where there is nothing.
   */
  recover(): Promise<void> {
    if (this.#isRecovered) return Promise.resolve();
    return this.#inTurn(async () => {
      if (!this.#old) {
        if ((await journalAge(this.#db)).isEmpty) this.#old = { read: 0, slots: 0 };
        else await this.#open();
      }
      const old = this.#old!;
      for (
        let pages = 0;
        old.read < old.slots && pages < JOURNAL_PAGES_PER_EVENT_MAX && this.#owner.hasRoom();
        pages++
      ) {
        const page = (await readJournal(this.#db, old.read)).filter(({ slot }) => slot < old.slots);
        this.#owner.recovered(page.flatMap(({ samples }) => samples));
        old.read = page.length > 0 ? page.at(-1)!.slot + 1 : old.slots;
      }
    });
  }

  get #isRecovered(): boolean {
    return this.#old !== undefined && this.#old.read >= this.#old.slots;
  }

  /** Begins anew where all that is in the journal has reached its blocks. */
  settle(now: EpochMs): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#isTaken || !this.#isRecovered || this.#owner.isWaiting()) return;
      const head = await this.#open();
      if (head.slots > 0) await this.#end(head, now);
    });
  }

  /** Makes room: what is in the journal goes into its blocks. A journal that cannot be emptied only grows: no reason to refuse. */
  async #begin(now: EpochMs): Promise<void> {
    if (!this.#isRecovered) return;
    try {
      await this.#owner.flush();
    } catch {
      return;
    }
    if (!this.#owner.isWaiting()) await this.#end(await this.#open(), now);
  }

  async #end({ cycle, slots }: JournalHead, now: EpochMs): Promise<void> {
    this.#head = undefined;
    if (!(await endCycle(this.#db, this.#life, { cycle, slots }, now))) this.#lost();
    this.#head = { cycle: cycle + 1, slots: 0, bytes: 0 };
  }

  async #open(): Promise<JournalHead> {
    if (this.#head) return this.#head;
    if (this.#isTaken) {
      const head = await readJournalHead(this.#db, this.#life);
      if (!head) this.#lost();
      return (this.#head = head);
    }
    const head = await takeJournal(this.#db, this.#life);
    this.#old ??= { read: 0, slots: head.slots };
    this.#isTaken = true;
    return (this.#head = head);
  }

  #lost(): never {
    this.#owner.lost();
    throw new Error("Another shard has taken over; this one writes no more.");
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => {});
    return result;
  }
}
