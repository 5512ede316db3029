import type { SeriesKey } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import { decodeColumn } from "./block/column.ts";
import { unpackSeries, type Points } from "./block/points.ts";
import type { BlockColumns } from "./column-store.ts";
import type { WaitingSamples } from "./query.ts";
import { startOf } from "./roll.ts";
import { logUnreadable } from "./store.ts";
import { bucketOf, TIER_SPECS, type TierSpec } from "./tiers.ts";
import { mergeSteps, type Window } from "./window.ts";

/** Puts together what was read of one instance. A block that cannot be read is said in the log and left out. */
export class Assembly {
  readonly #leftOut = new Set<string>();
  readonly #id: string;
  readonly #keys: readonly SeriesKey[];
  readonly #from: EpochMs;
  readonly #to: EpochMs;
  #rows: {
    at: EpochMs;
    stream: number;
    seq: number;
    columns: readonly (readonly (number | null)[] | undefined)[];
    row: number;
  }[] = [];
  #points: { at: EpochMs; series: (Points | undefined)[]; row: number }[] = [];
  #pointAt = new Set<EpochMs>();

  constructor(id: string, keys: readonly SeriesKey[], from: EpochMs, to: EpochMs) {
    this.#id = id;
    this.#keys = keys;
    this.#from = from;
    this.#to = to;
  }

  /** Blocks of which something could not be read. */
  get unreadable(): number {
    return this.#leftOut.size;
  }

  addSamples(block: BlockColumns): void {
    this.#reading(block, ([atBytes, streamBytes, seqBytes, ...rest]) => {
      const numbers = (bytes: Uint8Array | undefined) =>
        decodeColumn(bytes ?? new Uint8Array(), block.count) as number[];
      const [at, stream, seq] = [numbers(atBytes), numbers(streamBytes), numbers(seqBytes)];
      const columns = rest.map((bytes) => bytes && this.#column(block, () => decodeColumn(bytes, block.count)));
      at.forEach((time, row) => {
        if (time < this.#from || time > this.#to) return;
        this.#rows.push({ at: time, stream: stream[row]!, seq: seq[row]!, columns, row });
      });
    });
  }

  addWaiting(waiting: WaitingSamples | undefined): void {
    waiting?.at.forEach((at, row) => {
      if (at < this.#from || at > this.#to) return;
      this.#rows.push({ at, stream: waiting.stream[row]!, seq: waiting.seq[row]!, columns: waiting.columns, row });
    });
  }

  /** Samples in order of time, each once; those of one moment as one, for two senders may each speak of their own series. */
  samples(): Window {
    const rows = this.#rows.sort((a, b) => a.at - b.at || a.stream - b.stream || a.seq - b.seq);
    const at: EpochMs[] = [];
    const values = this.#keys.map((): (number | null)[] => []);
    for (const { at: time, columns, row } of rows) {
      const isNew = at.at(-1) !== time;
      if (isNew) at.push(time);
      values.forEach((column, index) => {
        const value = columns[index]?.[row] ?? null;
        if (isNew) column.push(value);
        else column[column.length - 1] ??= value;
      });
    }
    const points = values.map((mean) => ({
      count: mean.map((value) => (value === null ? null : 1)),
      mean,
      min: mean,
      max: mean,
    }));
    return { from: this.#from, to: this.#to, keys: this.#keys, stepMs: 0, at, points };
  }

  addPoints(block: BlockColumns, leftOut: ReadonlySet<number>): void {
    this.#reading(block, ([atBytes, samplesBytes, ...rest]) => {
      const numbers = (bytes: Uint8Array | undefined) =>
        decodeColumn(bytes ?? new Uint8Array(), block.count) as number[];
      const [at, samples] = [numbers(atBytes), numbers(samplesBytes)];
      const series = rest.map((bytes) => bytes && this.#column(block, () => unpackSeries(bytes, samples)));
      at.forEach((time, row) => {
        if (time < this.#from - TIER_SPECS.hour.stepMs || time > this.#to) return;
        // Of two generations of a ring the newer one comes first, and is what holds.
        if (leftOut.has(bucketOf(TIER_SPECS.raw, time)) || this.#pointAt.has(time)) return;
        this.#pointAt.add(time);
        this.#points.push({ at: time, series, row });
      });
    });
  }

  /** The points that were read, and of the samples beside them points of the same width. */
  merged(samples: Window, spec: TierSpec): Window {
    const since = startOf(this.#from, spec.stepMs);
    const rows = this.#points.filter(({ at }) => at >= since).sort((a, b) => a.at - b.at);
    const rolled = mergeSteps(samples, spec.stepMs);
    const points = this.#keys.map((_, index): Points => {
      const column = (field: keyof Points) => {
        const read = rows.map(({ series, row }) => series[index]?.[field][row] ?? null);
        return rolled.at.length === 0 ? read : [...read, ...rolled.points[index]![field]];
      };
      return { count: column("count"), mean: column("mean"), min: column("min"), max: column("max") };
    });
    const window = { ...samples, stepMs: spec.stepMs, at: [...rows.map(({ at }) => at), ...rolled.at], points };
    // Where no step is in both there is nothing to put together.
    return window.at.every((at, row) => row === 0 || at > window.at[row - 1]!)
      ? window
      : mergeSteps(window, spec.stepMs);
  }

  #reading(block: BlockColumns, read: (columns: (Uint8Array | undefined)[]) => void): void {
    try {
      read(block.columns);
    } catch (error) {
      this.#leaveOut(block, error);
    }
  }

  #column<Value>(block: BlockColumns, decode: () => Value): Value | undefined {
    try {
      return decode();
    } catch (error) {
      this.#leaveOut(block, error);
      return undefined;
    }
  }

  /** Said once for a block, however many of its series are asked for. */
  #leaveOut({ bucket, columns }: BlockColumns, error: unknown): void {
    const name = `${bucket} of ${columns.length}`;
    if (this.#leftOut.has(name)) return;
    this.#leftOut.add(name);
    logUnreadable({ instanceId: this.#id, bucket }, (error as Error).message);
  }
}
