import type { Sample } from "../contract/ingest.ts";
import type { EpochMs } from "../contract/units.ts";
import { unpack, type Packed } from "./packed.ts";

/** What is kept of one stream, oldest first, and what the edge has of it. */
export class Queue {
  entries: Packed[] = [];
  /** The highest number that was ever handed over. */
  sentSeq = 0;
  /** The highest number the edge called durable. */
  durableSeq = 0;
  /** How many of the oldest entries are handed over. */
  #handedOver = 0;

  get waiting(): number {
    return this.entries.length - this.#handedOver;
  }

  get lastSeq(): number {
    return this.entries.at(-1)?.seq ?? 0;
  }

  /** When the next sample to be sent was taken. */
  get nextAt(): EpochMs | undefined {
    return this.entries[this.#handedOver]?.at;
  }

  unsent(count: number): { after: number; oldest: boolean; samples: Sample[] } {
    const from = this.#handedOver;
    return {
      // The sample that was sent before, or else what is durable: a number that was given up has never been at the edge.
      after: this.entries[from - 1]?.seq ?? this.durableSeq,
      oldest: from === 0,
      samples: this.entries.slice(from, from + count).map(unpack),
    };
  }

  handOver(seq: number): void {
    while ((this.entries[this.#handedOver]?.seq ?? Infinity) <= seq) this.#handedOver++;
    this.sentSeq = Math.max(this.sentSeq, this.entries[this.#handedOver - 1]?.seq ?? 0);
  }

  handBack(after: number): number {
    while (this.#handedOver > 0 && this.entries[this.#handedOver - 1]!.seq > after) this.#handedOver--;
    return this.waiting;
  }

  removeThrough(seq: number): Packed[] {
    let count = 0;
    while ((this.entries[count]?.seq ?? Infinity) <= seq) count++;
    this.#handedOver = Math.max(0, this.#handedOver - count);
    return this.entries.splice(0, count);
  }

  /** Takes one out of the middle. */
  take(seq: number): Packed | undefined {
    const index = this.entries.findIndex((entry) => entry.seq === seq);
    if (index === -1) return undefined;
    if (index < this.#handedOver) this.#handedOver--;
    return this.entries.splice(index, 1)[0];
  }

  forgetEdge(): void {
    this.#handedOver = 0;
    this.sentSeq = 0;
    this.durableSeq = 0;
  }
}
