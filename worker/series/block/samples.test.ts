import { describe, expect, it } from "vitest";
import { METRICS, type MetricName } from "../../../contract/metric.ts";
import { UNIT_DECIMALS } from "../../../contract/units.ts";
import { Chance } from "../../../tests/chance.ts";
import { seeds } from "../../testing/seeds.ts";
import { packKey } from "../packed.ts";
import { AT, BlockReader, type PackedBlock } from "./directory.ts";
import { packSamples, SampleColumns, unpackSamples, type HistorySample } from "./samples.ts";

const T0 = 1_790_000_000_000;
const KNOWN = Object.keys(METRICS) as MetricName[];

function sample(at: number, stream: number, seq: number, readings: Record<string, number>): HistorySample {
  return { at, stream, seq, keys: Object.keys(readings), values: Float64Array.from(Object.values(readings)) };
}

/** As an instance says it: known metrics at their digits, custom ones at any, some of them now and then only. */
function readings(chance: Chance): Record<string, number> {
  const said: Record<string, number> = {};
  for (const metric of KNOWN) {
    if (chance.happens(0.1)) continue;
    const { unit } = METRICS[metric];
    const scale = 10 ** UNIT_DECIMALS[unit];
    const value = unit === "bool" ? chance.below(2) : unit === "ratio" ? chance.next() : chance.next() * 1e9;
    said[packKey(metric)] = Math.round(value * scale) / scale;
  }
  said["queue.depth"] = chance.below(100);
  if (chance.happens(0.3)) said["a_custom_one:/mnt/a b"] = (chance.next() - 0.5) * Math.PI;
  if (chance.happens(0.05)) said[`came_late:${chance.below(3)}`] = -(1 + chance.below(1_000)) / 1_000;
  return said;
}

function hourOf(chance: Chance, count: number): HistorySample[] {
  const streams = [0, 1, 2, 7];
  const seqs = new Map<number, number>();
  let at = T0;
  return Array.from({ length: count }, () => {
    // Now and then two streams speak at one moment; one stream never twice.
    const stream = chance.pick(streams);
    if (!chance.happens(0.1) || seqs.get(stream) === at) at += 1 + chance.below(60_000);
    seqs.set(stream, at);
    return sample(at, stream, stream === 0 ? 0 : at - T0 + 1, readings(chance));
  });
}

/** Two streams of one moment stand in no order, and neither do series; all else does. */
function told(columns: SampleColumns) {
  return columns
    .samples()
    .map(({ at, stream, seq, keys, values }) => {
      const said = keys.map((key, index): [string, number] => [key, values[index]!]);
      return { at, stream, seq, readings: said.sort(([a], [b]) => (a < b ? -1 : 1)) };
    })
    .sort((a, b) => a.at - b.at || a.stream - b.stream || a.seq - b.seq);
}

function columnsOf(samples: readonly HistorySample[]): SampleColumns {
  const columns = new SampleColumns();
  columns.merge(samples);
  return columns;
}

const unpacked = (block: PackedBlock) =>
  unpackSamples(block, (series) => {
    throw new Error(`${series} cannot be read`);
  });

describe.each(seeds(3))("samples of an hour, seed %i", (seed) => {
  it("come back from their block as they were, every reading exact", () => {
    const chance = new Chance(seed);
    for (const count of [0, 1, 2, 60, 360]) {
      const samples = hourOf(chance, count);
      const block = packSamples(columnsOf(samples));
      expect(block.count).toBe(count);
      expect(told(unpacked(block))).toEqual(told(columnsOf(samples)));
      expect(unpacked(block).at).toEqual([...unpacked(block).at].sort((a, b) => a - b));
    }
  });

  it("are the same whatever order they came in, in how many parts, and how often", () => {
    const chance = new Chance(seed);
    for (let tries = 0; tries < 20; tries++) {
      const samples = hourOf(chance, 1 + chance.below(80));
      let columns = new SampleColumns();
      let added = 0;
      const repeated = samples.filter(() => chance.happens(0.3));
      for (let left = chance.shuffled([...samples, ...repeated]); left.length > 0;) {
        added += columns.merge(left.splice(0, 1 + chance.below(30)));
        // As from one flush to the next.
        if (chance.happens(0.3)) columns = unpacked(packSamples(columns));
      }
      expect(added).toBe(samples.length);
      expect(told(columns)).toEqual(told(columnsOf(samples)));
      expect(columns.merge(chance.shuffled(samples))).toBe(0);
    }
  });

  it("with one damaged byte lose the series that lie there, are told which, and keep every other", () => {
    const chance = new Chance(seed);
    const samples = hourOf(chance, 60);
    const block = packSamples(columnsOf(samples));
    const whole = unpacked(block);
    const isVital = (name: string) => name.startsWith(".");
    let unnoticed = 0;
    for (let tries = 0; tries < 200; tries++) {
      const at = chance.below(block.data.length);
      const data = block.data.slice();
      data[at]! ^= 1 + chance.below(255);
      const lie = Object.entries(block.directory)
        .filter(([, [offset, length]]) => at >= offset && at < offset + length)
        .map(([name]) => name);
      const lost: string[] = [];
      const read = readOrUndefined({ ...block, data }, (series) => lost.push(series));
      expect(lost.filter((name) => !lie.includes(name))).toEqual([]);
      if (read ? lost.length === 0 : !lie.some(isVital)) unnoticed++;
      for (const [key, column] of read?.series ?? [])
        if (!lie.includes(key)) expect(column).toEqual(whole.series.get(key));
      if (read) expect(read.series.size + lost.length).toBe(whole.series.size);
    }
    // A check sum of 16 bits fits once in 65,536 by chance.
    expect(unnoticed).toBeLessThanOrEqual(2);
  });
});

function readOrUndefined(block: PackedBlock, unreadable: (series: string) => void): SampleColumns | undefined {
  try {
    return unpackSamples(block, unreadable);
  } catch {
    return undefined;
  }
}

describe("a block of samples", () => {
  it("holds columns of the same numbers once", () => {
    const one = columnsOf(
      [1, 2, 3].map((seq) => sample(T0 + seq, 1, seq, { "D4:sda": seq, "D4:sdb": seq, "D4:sdc": 9 - seq })),
    );
    const { directory, data } = packSamples(one);
    expect(directory["D4:sdb"]).toEqual(directory["D4:sda"]);
    expect(directory["D4:sdc"]).not.toEqual(directory["D4:sda"]);
    const places = new Map(Object.values(directory).map(([offset, length]) => [offset, length]));
    expect([...places.values()].reduce((sum, length) => sum + length, 0)).toBe(data.length);
  });

  it("read again and added to keeps apart what lay in one place", () => {
    const columns = unpacked(packSamples(columnsOf([sample(T0, 1, 1, { "D4:sda": 1, "D4:sdb": 1 })])));
    columns.merge([sample(T0 + 1, 1, 2, { "D4:sda": 2, "D4:sdb": 3 })]);
    expect([columns.series.get("D4:sda"), columns.series.get("D4:sdb")]).toEqual([
      [1, 2],
      [1, 3],
    ]);
  });

  it("whose directory points outside of it refuses that column only", () => {
    const block = packSamples(columnsOf([sample(T0, 1, 1, { L0: 1, L1: 2 })]));
    for (const place of [
      [-1, 3],
      [0, 1e9],
      [block.data.length, 1],
      [Number.NaN, 2],
    ] as [number, number][]) {
      const lost: string[] = [];
      const read = unpackSamples({ ...block, directory: { ...block.directory, L0: place } }, (key) => lost.push(key));
      expect(lost).toEqual(["L0"]);
      expect(read.series.get("L1")).toEqual([2]);
    }
  });

  it("does not take what objects inherit for a column", () => {
    const reader = new BlockReader(packSamples(columnsOf([sample(T0, 1, 1, { constructor: 1 })])));
    expect(reader.column("constructor")).toEqual([1]);
    expect(reader.column("toString")).toBeUndefined();
    expect(reader.column("__proto__")).toBeUndefined();
    expect(reader.numbers(AT)).toEqual([T0]);
  });
});

describe("samples of one moment", () => {
  it("of two streams are two, and of one stream's number one", () => {
    const columns = columnsOf([sample(T0, 1, 5, { L0: 1 }), sample(T0, 2, 5, { L0: 2 }), sample(T0, 1, 5, { L0: 3 })]);
    expect(told(columns).map(({ stream, readings }) => [stream, readings])).toEqual([
      [1, [["L0", 1]]],
      [2, [["L0", 2]]],
    ]);
  });

  it("of senders without numbers are joined, and what was said first stays", () => {
    const columns = columnsOf([
      sample(T0 - 1, 0, 0, { L2: 9 }),
      sample(T0, 0, 0, { L0: 1 }),
      sample(T0 + 1, 0, 0, { L2: 8 }),
    ]);
    expect(columns.merge([sample(T0, 0, 0, { L0: 7, L1: 2 })])).toBe(1);
    expect(columns.merge([sample(T0, 0, 0, { L0: 6, L1: 5 })])).toBe(0);
    expect(columns.at).toEqual([T0 - 1, T0, T0 + 1]);
    expect(columns.series.get("L0")).toEqual([null, 1, null]);
    expect(columns.series.get("L1")).toEqual([null, 2, null]);
    expect(columns.series.get("L2")).toEqual([9, null, 8]);
  });

  it("of a numbered stream and of an unnumbered sender stay apart", () => {
    const columns = columnsOf([sample(T0, 1, 1, { L0: 1 }), sample(T0, 0, 0, { L0: 2 })]);
    expect(columns.count).toBe(2);
  });
});
