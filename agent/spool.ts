import type { Sample } from "../contract/ingest.ts";
import type { DurationMs, EpochMs } from "../contract/units.ts";
import { Losses, type GivenUp } from "./losses.ts";
import { KeyLists, type Packed } from "./packed.ts";
import { Queue } from "./queue.ts";

/** Samples of one stream, oldest first. */
export interface Batch {
  stream: string;
  /** Nothing is kept of the stream between this number and the first sample. */
  after?: number;
  /** Nor below the first sample, ever. */
  oldest?: boolean;
  samples: Sample[];
}

export interface SpoolBounds {
  samplesMax: number;
  /** All readings of all samples: eight bytes each. */
  readingsMax?: number;
  ageMaxMs?: DurationMs;
}

/** Is told of everything that happens to what is kept, in order. */
export interface SpoolJournal {
  appended(stream: string, entry: Packed): void;
  /** Everything of this stream up to here is durable, or given up. */
  forgotten(stream: string, through: number): void;
  discarded(stream: string, seq: number): void;
  renamed(from: string, to: string): void;
}

/**
 * The samples the edge has not written for certain, in the order they were taken, bounded: the oldest give way and are
 * counted. A sample goes only when the edge said it is durable. Until then it may be *handed over*: taken by the edge, not yet
 * written there, which is the ordinary state of the last half hour.
 *
 * A day of samples as objects would be some 25 MB; packed as numbers that share their list of keys it is about 3 MB.
 */
export class Spool {
  readonly #bounds: Required<SpoolBounds>;
  readonly #losses: Losses;
  readonly #queues = new Map<string, Queue>();
  readonly #keyLists = new KeyLists();
  #journal: SpoolJournal | undefined;
  #size = 0;
  #readings = 0;

  constructor(bounds: SpoolBounds, tell: (given: GivenUp) => void = () => {}) {
    this.#bounds = { readingsMax: Infinity, ageMaxMs: Infinity, ...bounds };
    this.#losses = new Losses(tell);
  }

  get size(): number {
    return this.#size;
  }

  /** Samples the edge has not taken yet. */
  get waiting(): number {
    let count = 0;
    for (const queue of this.#queues.values()) count += queue.waiting;
    return count;
  }

  /** Samples that will never be sent: pushed out by newer ones, or refused by the edge. */
  get dropped(): number {
    return this.#losses.count;
  }

  waitingOf(stream: string): number {
    return this.#queues.get(stream)?.waiting ?? 0;
  }

  /** The highest number of this stream that was ever handed over. */
  sentSeqOf(stream: string): number {
    return this.#queues.get(stream)?.sentSeq ?? 0;
  }

  /** From now on whatever happens here is told to it. */
  attach(journal: SpoolJournal): void {
    this.#journal = journal;
  }

  append(stream: string, sample: Sample): void {
    const entry = this.#keyLists.pack(sample);
    this.#add(stream, entry);
    this.#journal?.appended(stream, entry);
    this.#makeRoom(entry.at);
  }

  /** One of an earlier run. Answers whether it was not there yet. */
  restore(stream: string, entry: Packed): boolean {
    if (entry.seq <= (this.#queues.get(stream)?.lastSeq ?? 0)) return false;
    this.#add(stream, { ...entry, keys: this.#keyLists.shared(entry.keys) });
    // That run may have sent it, so the edge may know it to be durable.
    this.#queues.get(stream)!.sentSeq = entry.seq;
    return true;
  }

  /** Everything that is kept, stream by stream. */
  *all(): Generator<[stream: string, entry: Packed], void, void> {
    for (const [stream, queue] of this.#queues) for (const entry of queue.entries) yield [stream, entry];
  }

  /** The oldest samples of this stream that are not handed over. */
  unsent(stream: string, count: number): Batch | undefined {
    const queue = this.#queues.get(stream);
    return queue && queue.waiting > 0 ? { stream, ...queue.unsent(count) } : undefined;
  }

  /** Of the other streams the one whose next sample is the oldest, unless it is of a time that is yet to come. */
  oldestWaiting(except: string, until: EpochMs): string | undefined {
    let oldest: { stream: string; at: EpochMs } | undefined;
    for (const [stream, queue] of this.#queues) {
      const at = stream === except ? undefined : queue.nextAt;
      if (at !== undefined && at <= until && at < (oldest?.at ?? Infinity)) oldest = { stream, at };
    }
    return oldest?.stream;
  }

  /** The edge took everything of this stream up to here. */
  handOver(stream: string, seq: number): void {
    this.#queues.get(stream)?.handOver(seq);
  }

  /** The edge asks for what comes after this number again. Answers how many are unsent then. */
  handBack(stream: string, after: number): number {
    return this.#queues.get(stream)?.handBack(after) ?? 0;
  }

  /** Nobody knows what the edge still has of what was handed over. */
  handBackAll(except: readonly string[] = []): void {
    for (const [stream, queue] of this.#queues) if (!except.includes(stream)) queue.handBack(0);
  }

  /** Everything of this stream up to here is durable at the edge. What was never sent cannot be, whatever is said. */
  durable(stream: string, seq: number): void {
    const queue = this.#queues.get(stream);
    if (!queue) return;
    const through = Math.min(seq, queue.sentSeq);
    queue.durableSeq = Math.max(queue.durableSeq, through);
    if (this.#remove(stream, queue, through).length > 0) this.#journal?.forgotten(stream, through);
  }

  /** The edge will never take this sample. */
  discard(stream: string, seq: number): void {
    if (!this.withdraw(stream, seq)) return;
    this.#losses.count++;
    this.#journal?.discarded(stream, seq);
  }

  /** As an earlier run wrote it down: this one is not to be sent. */
  withdraw(stream: string, seq: number): boolean {
    const queue = this.#queues.get(stream);
    const gone = queue?.take(seq);
    if (!queue || !gone) return false;
    this.#forget(stream, queue, [gone]);
    return true;
  }

  /** As an earlier run wrote it down: nothing up to here is to be sent. */
  settle(stream: string, through: number): void {
    const queue = this.#queues.get(stream);
    if (queue) this.#remove(stream, queue, through);
  }

  /** Is anything kept of this stream up to here? */
  keeps(stream: string, through: number): boolean {
    return (this.#queues.get(stream)?.entries[0]?.seq ?? Infinity) <= through;
  }

  /** Whoever keeps them on disk has no room for these any more. */
  giveUp(throughOf: ReadonlyMap<string, number>): void {
    const gone = [...throughOf].flatMap(([stream, through]) => {
      const queue = this.#queues.get(stream);
      return queue ? this.#remove(stream, queue, through) : [];
    });
    this.#losses.gaveUp("full", gone, this.#size);
  }

  /** The same samples under another id; the edge knows none of them under it. */
  renameStream(from: string, to: string): void {
    if (this.#queues.has(to)) return;
    const queues = [...this.#queues];
    this.#queues.clear();
    for (const [stream, queue] of queues) this.#queues.set(stream === from ? to : stream, queue);
    this.#queues.get(to)?.forgetEdge();
    this.#journal?.renamed(from, to);
  }

  #add(stream: string, entry: Packed): void {
    let queue = this.#queues.get(stream);
    if (!queue) {
      for (const [other, { entries }] of this.#queues) if (entries.length === 0) this.#queues.delete(other);
      this.#queues.set(stream, (queue = new Queue()));
    }
    queue.entries.push(entry);
    this.#size++;
    this.#readings += entry.values.length;
  }

  #remove(stream: string, queue: Queue, through: number): Packed[] {
    const gone = queue.removeThrough(through);
    this.#forget(stream, queue, gone);
    this.#losses.sizeIs(this.#size);
    return gone;
  }

  #forget(stream: string, queue: Queue, gone: readonly Packed[]): void {
    this.#size -= gone.length;
    for (const { values } of gone) this.#readings -= values.length;
    // What is known of the newest stream is needed for its next sample.
    if (queue.entries.length === 0 && [...this.#queues.keys()].at(-1) !== stream) this.#queues.delete(stream);
  }

  #makeRoom(nowAt: EpochMs): void {
    const { samplesMax, readingsMax, ageMaxMs } = this.#bounds;
    const isFull = () => this.#size > samplesMax || (this.#readings > readingsMax && this.#size > 1);
    this.#giveUpOldest("old", (entry) => entry.at < nowAt - ageMaxMs);
    this.#giveUpOldest("full", isFull);
  }

  #giveUpOldest(why: GivenUp["why"], isToGo: (entry: { at: EpochMs }) => boolean): void {
    const gone: Packed[] = [];
    for (let oldest = this.#oldest(); oldest && isToGo(oldest.entry); oldest = this.#oldest()) {
      const { stream, queue, entry } = oldest;
      gone.push(...this.#remove(stream, queue, entry.seq));
      this.#journal?.forgotten(stream, entry.seq);
    }
    this.#losses.gaveUp(why, gone, this.#size);
  }

  #oldest() {
    let oldest: { stream: string; queue: Queue; entry: Packed } | undefined;
    for (const [stream, queue] of this.#queues) {
      const entry = queue.entries[0];
      if (entry && entry.at < (oldest?.entry.at ?? Infinity)) oldest = { stream, queue, entry };
    }
    return oldest;
  }
}
