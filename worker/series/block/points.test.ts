import { describe, expect, it } from "vitest";
import { definitionOf, METRICS, metricOf, type MetricName } from "../../../contract/metric.ts";
import { UNIT_DECIMALS } from "../../../contract/units.ts";
import { Chance } from "../../../tests/chance.ts";
import { seeds } from "../../testing/seeds.ts";
import { packKey, unpackKey } from "../packed.ts";
import { emptyPoints, replacePoints, roll } from "../roll.ts";
import { mergeSteps } from "../window.ts";
import { packPoints, unpackPoints, unpackSeries, type PointColumns, type Points } from "./points.ts";
import { SampleColumns, type HistorySample } from "./samples.ts";

const STEP = 300_000;
const T0 = Math.floor(1_790_000_000_000 / STEP) * STEP;
const KNOWN = Object.keys(METRICS) as MetricName[];

function valueOf(metric: string, chance: Chance): number {
  const definition = definitionOf(metric);
  if (!definition)
    return chance.pick([chance.below(9), chance.next() / 7, -(1 + chance.below(1e6)) / 1e3, 1e18, -2.5e13]);
  const { unit } = definition;
  if (unit === "bytes")
    return chance.happens(0.1) ? 2 ** 62 + chance.below(9) * 2 ** 20 : chance.below(2 ** 31) * 4_096;
  if (unit === "bool") return chance.below(2);
  const scale = 10 ** UNIT_DECIMALS[unit];
  return Math.round(chance.next() * (unit === "ratio" ? 1 : 1e6) * scale) / scale;
}

function samplesOf(chance: Chance, count: number): SampleColumns {
  const metrics = [...KNOWN, "custom_one", "custom_two:a b"];
  let at = T0;
  const samples = Array.from({ length: count }, (_, index): HistorySample => {
    at += chance.happens(0.05) ? 1 + chance.below(3_000_000) : 1 + chance.below(60_000);
    const carried = metrics.filter(() => chance.happens(0.9));
    const values = Float64Array.from(carried, (metric) => valueOf(metric, chance));
    return { at, stream: 1, seq: index + 1, keys: carried.map(packKey), values };
  });
  const columns = new SampleColumns();
  columns.merge(samples);
  return columns;
}

const unpacked = (points: PointColumns) =>
  unpackPoints(packPoints(points), (series) => {
    throw new Error(`${series} cannot be read`);
  });

/** By how much a mean may be another after it was stored. */
function meanIsWorth(key: string): number {
  const definition = definitionOf(metricOf(unpackKey(key)));
  if (!definition) return 0;
  return 0.5 * 10 ** -(definition.unit === "bool" ? 4 : UNIT_DECIMALS[definition.unit]);
}

describe.each(seeds(3))("points, seed %i", (seed) => {
  it("come back from their block: lowest, highest and counts exact, means at the digits of their metric", () => {
    const chance = new Chance(seed);
    for (const count of [0, 1, 5, 60, 600]) {
      const points = roll(samplesOf(chance, count), STEP);
      const read = unpacked(points);
      expect([read.at, read.samples]).toEqual([points.at, points.samples]);
      expect([...read.series.keys()].sort()).toEqual([...points.series.keys()].sort());
      for (const [key, { mean, ...band }] of points.series) {
        const { mean: readMean, ...readBand } = read.series.get(key)!;
        expect({ key, ...readBand }).toEqual({ key, ...band });
        const isCustom = definitionOf(metricOf(unpackKey(key))) === undefined;
        mean.forEach((value, row) => {
          if (value === null) return expect(readMean[row]).toBeNull();
          // A custom mean has two digits more than its readings, or all of them.
          const digits = isCustom ? 0.5 * 10 ** -2 : meanIsWorth(key);
          expect(Math.abs(readMean[row]! - value)).toBeLessThanOrEqual(digits + Math.abs(value) * 1e-15);
        });
      }
    }
  });

  it("once stored and read are the same when stored again", () => {
    const chance = new Chance(seed);
    const once = unpacked(roll(samplesOf(chance, 300), STEP));
    expect(unpacked(once)).toEqual(once);
  });

  it("of an hour made anew stand in its place, whatever else there is", () => {
    const chance = new Chance(seed);
    const all = samplesOf(chance, 400);
    const whole = roll(all, STEP);
    const hour = (at: number) => Math.floor(at / 3_600_000);
    const chosen = hour(all.at[chance.below(all.count)]!);
    const part = new SampleColumns();
    part.merge(all.samples().filter(({ at }) => hour(at) === chosen));
    const spoiled = { ...whole, samples: whole.samples.map((n, row) => (hour(whole.at[row]!) === chosen ? 99 : n)) };
    const replaced = replacePoints(spoiled, (at) => hour(at) === chosen, roll(part, STEP));
    expect(replaced.at).toEqual(whole.at);
    expect(replaced.samples).toEqual(whole.samples);
    for (const [key, points] of whole.series) expect(replaced.series.get(key)).toEqual(points);
  });
});

function columnsOf(...samples: [at: number, readings: Record<string, number>][]): SampleColumns {
  const columns = new SampleColumns();
  columns.merge(
    samples.map(([at, readings], index) => ({
      at,
      stream: 1,
      seq: index + 1,
      keys: Object.keys(readings),
      values: Float64Array.from(Object.values(readings)),
    })),
  );
  return columns;
}

describe("a roll", () => {
  it("has the mean of the readings there were, not of the samples", () => {
    const rolled = roll(columnsOf([T0, { L0: 1 }], [T0 + 1, { L1: 5 }], [T0 + 2, { L0: 4 }]), STEP);
    expect(rolled).toMatchObject({ at: [T0], samples: [3] });
    expect(rolled.series.get("L0")).toEqual({ count: [2], mean: [2.5], min: [1], max: [4] });
    expect(unpacked(rolled).series.get("L1")).toEqual({ count: [1], mean: [5], min: [5], max: [5] });
  });

  it("has a counter's last value, also where the machine started anew within the step", () => {
    const uptime = packKey("uptime_seconds");
    const rolled = roll(columnsOf([T0, { [uptime]: 9_000 }], [T0 + 60_000, { [uptime]: 12 }]), STEP);
    expect(rolled.series.get(uptime)).toEqual({ count: [2], mean: [12], min: [12], max: [9_000] });
    expect(unpacked(rolled).series.get(uptime)!.mean).toEqual([12]);
  });

  it("has no point where no sample was, and a null where a sample did not carry the series", () => {
    const rolled = roll(columnsOf([T0, { L0: 1 }], [T0 + 4 * STEP, { L1: 2 }], [T0 + 9 * STEP, { L0: 3 }]), STEP);
    const read = unpacked(rolled);
    expect(read.at).toEqual([T0, T0 + 4 * STEP, T0 + 9 * STEP]);
    expect(read.series.get("L0")!.mean).toEqual([1, null, 3]);
    expect(read.series.get("L0")!.count).toEqual([1, null, 1]);
  });

  it("leaves out what is worth single samples only", () => {
    const keys = ["agent_collect_seconds:disk", "agent_collector_failed:disk", "agent_cpu_ratio"].map(packKey);
    const rolled = roll(columnsOf([T0, Object.fromEntries(keys.map((key) => [key, 0]))]), STEP);
    expect([...rolled.series.keys()]).toEqual([packKey("agent_cpu_ratio")]);
  });
});

describe("points merged into wider ones", () => {
  it("weigh by their readings, keep the extremes, and of a counter the last", () => {
    const points = (mean: number[]): Points => ({ count: [3, 1], mean, min: mean, max: mean });
    const window = { from: 0, to: 2 * STEP, keys: ["load_1m", "uptime_seconds"], stepMs: STEP, at: [STEP, 0] };
    // Newest first: the order must not matter.
    const merged = mergeSteps({ ...window, points: [points([8, 4]), points([50, 90])] }, 2 * STEP);
    expect(merged.at).toEqual([0]);
    expect(merged.points[0]).toEqual({ count: [4], mean: [7], min: [4], max: [8] });
    expect(merged.points[1]).toEqual({ count: [4], mean: [50], min: [50], max: [90] });
  });
});

describe("a series of points", () => {
  const bytesOf = (points: Points) => {
    const { directory, data } = packPoints({ at: [T0], samples: [1], series: new Map([["L0", points]]) });
    const [offset, length] = directory["L0"]!;
    return data.slice(offset, offset + length);
  };

  it("cut short, of a later version or without its parts is refused", () => {
    const bytes = bytesOf({ count: [1], mean: [2], min: [1], max: [3] });
    expect(unpackSeries(bytes, [1])).toEqual({ count: [1], mean: [2], min: [1], max: [3] });
    for (let length = 0; length < bytes.length; length++)
      expect(() => unpackSeries(bytes.subarray(0, length), [1])).toThrow();
    expect(() => unpackSeries(Uint8Array.of(8, ...bytes.subarray(1)), [1])).toThrow("later version");
  });

  it("that never was is no series", () => {
    const merged = replacePoints({ at: [], samples: [], series: new Map() }, () => false, {
      at: [T0],
      samples: [1],
      series: new Map([["L0", emptyPoints(1)]]),
    });
    expect(merged).toEqual({ at: [T0], samples: [1], series: new Map() });
  });

  it("of custom readings far apart keeps its lowest and highest exactly", () => {
    const [low, high] = [-2.2e13, 2.2e13 - 1];
    const readings = [low, ...Array<number>(98).fill(high)];
    const rolled = roll(columnsOf(...readings.map((x, i): [number, Record<string, number>] => [T0 + i, { x }])), STEP);
    expect(unpacked(rolled).series.get("x")).toMatchObject({ min: [low], max: [high] });
  });
});
