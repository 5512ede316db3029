import type { EpochMs } from "../../contract/units.ts";
import type { HistorySample } from "../series/block/samples.ts";
import type { WaitingSamples } from "../series/query.ts";

/** A sample that has been taken and is not in a block yet. */
export interface WaitingSample extends HistorySample {
  takenAt: EpochMs;
  /** Durable in the journal already: forgetting it here would leave it there, unseen. */
  isJournaled: boolean;
}

interface Tail {
  samples: WaitingSample[];
  /** Readings in them: what they weigh. */
  values: number;
}

/** What every instance has sent since its last block. Memory only: an agent has it too, or the journal has. */
export class Tails {
  readonly #tails = new Map<string, Tail>();
  #values = 0;
  #journaled = 0;

  /** Readings in memory, over all instances; each is some ten bytes. */
  get values(): number {
    return this.#values;
  }

  get hasJournaled(): boolean {
    return this.#journaled > 0;
  }

  get count(): number {
    let count = 0;
    for (const { samples } of this.#tails.values()) count += samples.length;
    return count;
  }

  get instanceIds(): string[] {
    return [...this.#tails.keys()];
  }

  add(instanceId: string, samples: readonly WaitingSample[]): void {
    if (samples.length === 0) return;
    let tail = this.#tails.get(instanceId);
    if (!tail) this.#tails.set(instanceId, (tail = { samples: [], values: 0 }));
    for (const sample of samples) {
      tail.samples.push(sample);
      this.#weigh(tail, sample, 1);
    }
  }

  of(instanceId: string): readonly WaitingSample[] {
    return this.#tails.get(instanceId)?.samples ?? [];
  }

  /** By its time, not by its arrival. */
  newestOf(instanceId: string): WaitingSample | undefined {
    const samples = this.of(instanceId);
    return samples.reduce((newest, sample) => (sample.at > newest.at ? sample : newest), samples[0]!);
  }

  valuesOf(instanceId: string): number {
    return this.#tails.get(instanceId)?.values ?? 0;
  }

  /** These are in blocks, or will never be. */
  drop(instanceId: string, isDone: (sample: WaitingSample) => boolean): void {
    const tail = this.#tails.get(instanceId);
    if (!tail) return;
    const left: WaitingSample[] = [];
    for (const sample of tail.samples) {
      if (isDone(sample)) this.#weigh(tail, sample, -1);
      else left.push(sample);
    }
    tail.samples = left;
    if (left.length === 0) this.#tails.delete(instanceId);
  }

  /** As {@link waiting}, of those of these instances of which something waits. */
  waitingOf(instanceIds: readonly string[], keys: readonly string[]): Map<string, WaitingSamples> {
    const waiting = new Map<string, WaitingSamples>();
    for (const id of instanceIds) {
      const samples = this.waiting(id, keys);
      if (samples) waiting.set(id, samples);
    }
    return waiting;
  }

  /** The asked series of what waits, by time; undefined where nothing does. */
  waiting(instanceId: string, keys: readonly string[]): WaitingSamples | undefined {
    const samples = this.of(instanceId);
    if (samples.length === 0) return undefined;
    const ordered = [...samples].sort((a, b) => a.at - b.at);
    return {
      at: ordered.map(({ at }) => at),
      stream: ordered.map(({ stream }) => stream),
      seq: ordered.map(({ seq }) => seq),
      columns: keys.map((key) => ordered.map((sample) => valueOf(sample, key))),
    };
  }

  #weigh(tail: Tail, { values, isJournaled }: WaitingSample, sign: 1 | -1): void {
    tail.values += sign * values.length;
    this.#values += sign * values.length;
    if (isJournaled) this.#journaled += sign;
  }
}

function valueOf({ keys, values }: HistorySample, key: string): number | null {
  const index = keys.indexOf(key);
  return index === -1 ? null : values[index]!;
}
