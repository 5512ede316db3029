import { describe, expect, it } from "vitest";
import { downsample as downsampleAs } from "./downsample.ts";
import type { Window } from "./window.ts";

const key = "load_1m";
const window = (at: number[], values: (number | null)[], to = 1_000_000): Window => ({
  from: 0,
  to,
  keys: [key],
  stepMs: 0,
  at,
  points: [{ count: values.map((value) => (value === null ? null : 1)), mean: values, min: values, max: values }],
});
const downsample = (shown: Window, points: number, intervalMs: number) =>
  downsampleAs(shown, points, intervalMs, { tier: "raw", blocksUnreadable: 0 });

describe("few samples", () => {
  it("go out as they are", () => {
    const columns = downsample(window([0, 30_000, 60_000], [1, 2, 3]), 10, 30_000);
    expect(columns).toMatchObject({ stepMs: 0, at: [0, 30_000, 60_000], series: { load_1m: { mean: [1, 2, 3] } } });
  });

  it("of a time when the interval was longer are no gaps, and a gap among them is one", () => {
    const slow = [0, 30_000, 60_000, 90_000, 300_000, 330_000, 360_000, 390_000];
    const fast = Array.from({ length: 10 }, (_, i) => 420_000 + i * 5_000);
    const at = [...slow, ...fast, 520_000, 525_000];
    const columns = downsample(window(at, at), 100, 5_000);
    const nulls = columns.at.filter((_, i) => columns.series[key]!.mean[i] === null);
    expect(nulls).toEqual([195_000, 492_500]);
  });

  it("show a gap as a null, and one late sample as none", () => {
    const columns = downsample(window([0, 60_000, 300_000], [1, 2, 3]), 10, 30_000);
    expect(columns.at).toEqual([0, 60_000, 180_000, 300_000]);
    expect(columns.series[key]!.mean).toEqual([1, 2, null, 3]);
  });
});

describe("many samples", () => {
  const at = Array.from({ length: 100 }, (_, i) => i * 1_000);

  it("are merged with their extremes, so that a peak stays seen", () => {
    const values = at.map((_, i) => (i === 55 ? 100 : 1));
    const { mean, min, max } = downsample(window(at, values, 100_000), 10, 1_000).series[key]!;
    expect(max![5]).toBe(100);
    expect(min![5]).toBe(1);
    expect(mean[5]).toBeCloseTo((9 + 100) / 10);
    expect(mean[4]).toBeCloseTo(1);
  });

  it("show a gap as a null, never as zero and never as a line across", () => {
    const kept = at.filter((t) => t < 30_000 || t >= 60_000);
    const columns = downsample(
      window(
        kept,
        kept.map(() => 1),
        100_000,
      ),
      10,
      1_000,
    );
    expect(columns.at.slice(0, 5)).toEqual([0, 10_000, 20_000, 40_000, 60_000]);
    expect(columns.series[key]!.mean.slice(0, 5)).toEqual([1, 1, 1, null, 1]);
  });

  it("stay in order of time, whatever their pauses", () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    console.log(`seed ${seed}`);
    let state = seed;
    const next = () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
    for (let run = 0; run < 100; run++) {
      let time = 0;
      const times = Array.from({ length: 200 }, () => (time += next() < 0.1 ? next() * 60_000 : 1 + next() * 3_000));
      const { at: points, series } = downsample(window(times, times, time + 1), 40, 1_000);
      expect(points.every((point, i) => i === 0 || point > points[i - 1]!)).toBe(true);
      expect(series[key]!.mean).toHaveLength(points.length);
    }
  });

  it("of a time when the interval was longer than a step are drawn as one line", () => {
    const slow = Array.from({ length: 60 }, (_, i) => i * 30_000);
    const fast = Array.from({ length: 600 }, (_, i) => 1_800_000 + i * 3_000);
    const times = [...slow, ...fast];
    const { at: points, series } = downsample(window(times, times, 3_600_000), 300, 3_000);
    expect(series[key]!.mean).not.toContain(null);
    expect(points).toEqual([...points].sort((a, b) => a - b));
  });
});

describe("points of a coarser tier", () => {
  const five = 300_000;
  const day = Array.from({ length: 288 }, (_, i) => i * five);
  const points = (at: number[]) => ({
    count: at.map((_, i) => (i % 2 === 0 ? 10 : 30)),
    mean: at.map((_, i) => (i % 2 === 0 ? 1 : 5)),
    min: at.map(() => 0),
    max: at.map((_, i) => i),
  });
  const rolled = (at: number[], to = 288 * five): Window => ({
    from: 0,
    to,
    keys: [key],
    stepMs: five,
    at,
    points: [points(at)],
  });

  it("go out with their band where there are few, and are no gaps for being five minutes apart", () => {
    const columns = downsample(rolled(day), 300, 30_000);
    expect(columns.stepMs).toBe(five);
    expect(columns.at).toEqual(day);
    expect(columns.series[key]).toMatchObject({ max: day.map((_, i) => i) });
  });

  it("are weighed by how many samples each stands for, in steps that span them wholly", () => {
    const { stepMs, at, series } = downsample(rolled(day), 100, 30_000);
    expect(stepMs).toBe(3 * five);
    expect(at).toHaveLength(96);
    expect(series[key]!.mean[0]).toBeCloseTo((10 * 1 + 30 * 5 + 10 * 1) / 50);
    expect(series[key]!.max![0]).toBe(2);
  });

  it("show a gap where points are missing", () => {
    const kept = day.filter((at) => at < 50 * five || at >= 60 * five);
    const { at, series } = downsample(rolled(kept), 300, 30_000);
    expect(at[50]).toBeGreaterThan(49 * five);
    expect(series[key]!.mean[50]).toBeNull();
    expect(series[key]!.mean.filter((mean) => mean === null)).toHaveLength(1);
  });
});
