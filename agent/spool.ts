import type { Sample } from "../contract/ingest.ts";

/** Samples of one stream, oldest first. */
export interface Batch {
  stream: string;
  samples: Sample[];
}

interface Packed {
  stream: string;
  seq: number;
  at: number;
  keys: readonly string[];
  values: Float64Array;
}

/**
 * The samples the edge does not have for certain, in the order they were taken, bounded: the oldest give way and are counted.
 * A sample goes only when the edge said it is durable. Until then it may be *handed over*: taken by the edge, not yet written
 * there. It is kept, and offered again in the next round.
 *
 * A day of samples as objects would be some 25 MB; packed as numbers that share their list of keys it is about 3 MB.
 */
export class Spool {
  readonly #samplesMax: number;
  #entries: Packed[] = [];
  /** How many of the oldest entries are handed over. */
  #handedOver = 0;
  #dropped = 0;

  constructor(samplesMax: number) {
    this.#samplesMax = samplesMax;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Samples that will never be sent: pushed out by newer ones, or refused by the edge. */
  get dropped(): number {
    return this.#dropped;
  }

  get hasUnsent(): boolean {
    return this.#handedOver < this.#entries.length;
  }

  append(stream: string, sample: Sample): void {
    this.#entries.push(packed(stream, sample, this.#entries.at(-1)?.keys));
    while (this.#entries.length > this.#samplesMax) {
      this.#entries.shift();
      this.#handedOver = Math.max(0, this.#handedOver - 1);
      this.#dropped++;
    }
  }

  /** The oldest samples that are not handed over, of one stream, at most so many. */
  oldest(count: number): Batch | undefined {
    const first = this.#entries[this.#handedOver];
    if (!first) return undefined;
    let end = this.#handedOver;
    while (end - this.#handedOver < count && this.#entries[end]?.stream === first.stream) end++;
    return { stream: first.stream, samples: this.#entries.slice(this.#handedOver, end).map(unpacked) };
  }

  /** The edge took everything of this stream up to here. */
  handOver(stream: string, seq: number): void {
    while (this.#isNextUnsent(stream, seq)) this.#handedOver++;
  }

  /** What is handed over and still here goes back to the unsent. */
  handBack(): void {
    this.#handedOver = 0;
  }

  /** Everything of this stream up to here is durable at the edge. */
  dropThrough(stream: string, seq: number): void {
    const isDurable = (entry: Packed) => entry.stream === stream && entry.seq <= seq;
    this.#handedOver -= this.#entries.slice(0, this.#handedOver).filter(isDurable).length;
    this.#entries = this.#entries.filter((entry) => !isDurable(entry));
  }

  /** The edge will never take this sample. */
  discard(stream: string, seq: number): void {
    const index = this.#entries.findIndex((entry) => entry.stream === stream && entry.seq === seq);
    if (index === -1) return;
    this.#entries.splice(index, 1);
    if (index < this.#handedOver) this.#handedOver--;
    this.#dropped++;
  }

  /** The same samples under another id; the edge knows none of them under it. */
  renameStream(from: string, to: string): void {
    for (const entry of this.#entries) if (entry.stream === from) entry.stream = to;
    this.handBack();
  }

  #isNextUnsent(stream: string, seq: number): boolean {
    const next = this.#entries[this.#handedOver];
    return next !== undefined && next.stream === stream && next.seq <= seq;
  }
}

function packed(stream: string, { seq, at, metrics }: Sample, lastKeys: readonly string[] | undefined): Packed {
  const keys = Object.keys(metrics);
  const isSame = lastKeys?.length === keys.length && keys.every((key, index) => key === lastKeys[index]);
  return { stream, seq, at, keys: isSame ? lastKeys : keys, values: Float64Array.from(Object.values(metrics)) };
}

function unpacked({ seq, at, keys, values }: Packed): Sample {
  return { seq, at, metrics: Object.fromEntries(keys.map((key, index) => [key, values[index]!])) };
}
