import { definitionOf, metricOf } from "../../../contract/metric.ts";
import { UNIT_DECIMALS, type EpochMs } from "../../../contract/units.ts";
import { unpackKey } from "../packed.ts";
import { LaterVersion } from "./column.ts";
import { AT, BlockReader, BlockWriter, SEQ, STREAM, type PackedBlock } from "./directory.ts";

/**
 * A sample on its way into a block: `keys` are packed series keys, shared by all samples that have the same ones, and `values`
 * stand beside them. Samples are told apart by stream and number; those of stream 0, which numbers nothing, by their time.
 */
export interface HistorySample {
  at: EpochMs;
  stream: number;
  seq: number;
  keys: readonly string[];
  values: Float64Array;
}

/** The samples of one block as columns, by time. A missing reading is null. */
export class SampleColumns {
  readonly at: number[] = [];
  readonly stream: number[] = [];
  readonly seq: number[] = [];
  readonly series = new Map<string, (number | null)[]>();

  get count(): number {
    return this.at.length;
  }

  /** Takes samples in, in any order; one that is there already changes nothing. Says how many were new. */
  merge(samples: readonly HistorySample[]): number {
    let added = 0;
    const ordered = [...samples].sort((a, b) => a.at - b.at || a.stream - b.stream || a.seq - b.seq);
    for (const sample of ordered) if (this.#add(sample)) added++;
    return added;
  }

  /** As samples again, those that carry the same series sharing one list of them. */
  samples(): HistorySample[] {
    const lists = new Map<string, string[]>();
    return this.at.map((at, row) => {
      const carried = [...this.series].filter(([, column]) => column[row] !== null);
      const name = carried.map(([key]) => key).join(",");
      let keys = lists.get(name);
      if (!keys) lists.set(name, (keys = carried.map(([key]) => key)));
      const values = Float64Array.from(carried, ([, column]) => column[row]!);
      return { at, stream: this.stream[row]!, seq: this.seq[row]!, keys, values };
    });
  }

  /** Every second sample, from the first on. */
  everySecond(): SampleColumns {
    const half = new SampleColumns();
    const isKept = (_: unknown, row: number) => row % 2 === 0;
    half.at.push(...this.at.filter(isKept));
    half.stream.push(...this.stream.filter(isKept));
    half.seq.push(...this.seq.filter(isKept));
    for (const [key, column] of this.series) half.series.set(key, column.filter(isKept));
    return half;
  }

  #add(sample: HistorySample): boolean {
    let row = this.count;
    while (row > 0 && this.at[row - 1]! > sample.at) row--;
    for (let same = row; same > 0 && this.at[same - 1] === sample.at; same--) {
      if (this.stream[same - 1] !== sample.stream) continue;
      if (sample.stream === 0) return this.#join(same - 1, sample);
      if (this.seq[same - 1] === sample.seq) return false;
    }
    this.#insert(row, sample);
    return true;
  }

  /** Two unnumbered reports of one moment are one sample; what both hold stays as it came first. */
  #join(row: number, { keys, values }: HistorySample): boolean {
    let isNew = false;
    keys.forEach((key, index) => {
      const column = this.#columnOf(key);
      if (column[row] !== null) return;
      column[row] = values[index]!;
      isNew = true;
    });
    return isNew;
  }

  #insert(row: number, { at, stream, seq, keys, values }: HistorySample): void {
    const isLast = row === this.count;
    const put = (column: (number | null)[], value: number | null) => {
      if (isLast) column.push(value);
      else column.splice(row, 0, value);
    };
    // Columns that this sample does not carry stay one shorter until all are made even below.
    keys.forEach((key, index) => put(this.#columnOf(key), values[index]!));
    put(this.at, at);
    put(this.stream, stream);
    put(this.seq, seq);
    for (const column of this.series.values()) if (column.length < this.count) put(column, null);
  }

  #columnOf(key: string): (number | null)[] {
    let column = this.series.get(key);
    if (!column) this.series.set(key, (column = Array<null>(this.count).fill(null)));
    return column;
  }
}

const decimalsByKey = new Map<string, number | undefined>();

/** Digits after the point that a series is worth, by its packed key; undefined for a custom one. */
export function decimalsOf(packedKey: string): number | undefined {
  if (decimalsByKey.has(packedKey)) return decimalsByKey.get(packedKey);
  const definition = definitionOf(metricOf(unpackKey(packedKey)));
  const decimals = definition && UNIT_DECIMALS[definition.unit];
  if (decimalsByKey.size > 20_000) decimalsByKey.clear();
  decimalsByKey.set(packedKey, decimals);
  return decimals;
}

export function packSamples(columns: SampleColumns): PackedBlock {
  const writer = new BlockWriter();
  writer.addColumn(AT, columns.at, 0);
  writer.addColumn(STREAM, columns.stream, 0);
  writer.addColumn(SEQ, columns.seq, 0);
  for (const [key, column] of columns.series) writer.addColumn(key, column, decimalsOf(key));
  return writer.finish(columns.count);
}

/** Every column of a block of samples; one that cannot be read is left out, and `unreadable` is told its name. */
export function unpackSamples(block: PackedBlock, unreadable: (series: string) => void): SampleColumns {
  const reader = new BlockReader(block);
  const columns = new SampleColumns();
  columns.at.push(...reader.numbers(AT));
  columns.stream.push(...reader.numbers(STREAM));
  columns.seq.push(...reader.numbers(SEQ));
  for (const name of reader.names) {
    if (name.startsWith(".")) continue;
    try {
      // A copy: columns that lie in one place would otherwise be one array, and grow together.
      columns.series.set(name, [...reader.column(name)!]);
    } catch (error) {
      if (error instanceof LaterVersion) throw error;
      unreadable(name);
    }
  }
  return columns;
}
