import { describe, expect, it } from "vitest";
import { downsample } from "./downsample.ts";

const key = "load_1m";
const window = (at: number[], values: (number | null)[], to = 1_000_000) => ({
  from: 0,
  to,
  keys: [key],
  at,
  columns: [values],
});

describe("few samples", () => {
  it("go out as they are", () => {
    const columns = downsample(window([0, 30_000, 60_000], [1, 2, 3]), 10, 30_000);
    expect(columns).toMatchObject({ stepMs: 0, at: [0, 30_000, 60_000], series: { load_1m: { mean: [1, 2, 3] } } });
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

  it("leave a step without samples null, never zero", () => {
    const kept = at.filter((t) => t < 30_000 || t >= 60_000);
    const { mean } = downsample(
      window(
        kept,
        kept.map(() => 1),
        100_000,
      ),
      10,
      1_000,
    ).series[key]!;
    expect(mean.slice(0, 7)).toEqual([1, 1, 1, null, null, null, 1]);
  });
});
