import { describe, expect, it } from "vitest";
import { linear, naive, seasonalNaive, seasonsOf } from "./naive.ts";

const HOUR = 3_600_000;
const values = Float64Array.of(1, 2, 3, 4, Number.NaN, 6, 7, 8, 99, 99);

function written(by: (into: Float64Array) => void, steps = 5): number[] {
  const into = new Float64Array(steps);
  by(into);
  return [...into];
}

describe("a guess without thinking", () => {
  it("stays as it is, and knows nothing of what comes later", () => {
    expect(written((into) => naive(values, 8, into))).toEqual([8, 8, 8, 8, 8]);
    expect(written((into) => naive(values, 5, into))).toEqual([4, 4, 4, 4, 4]);
    expect(written((into) => naive(values, 0, into), 1)).toEqual([Number.NaN]);
  });

  it("repeats a season, and where that was silent the last reading", () => {
    expect(written((into) => seasonalNaive(values, 8, 4, into))).toEqual([8, 6, 7, 8, 8]);
    expect(written((into) => seasonalNaive(values, 4, 2, into))).toEqual([3, 4, 3, 4, 3]);
    expect(written((into) => seasonalNaive(values, 8, 1, into))).toEqual([8, 8, 8, 8, 8]);
  });

  it("goes on in the line of all there was", () => {
    expect(written((into) => linear(values, 8, into), 2).map(Math.round)).toEqual([9, 10]);
    expect(written((into) => linear(values, 1, into), 2)).toEqual([1, 1]);
  });
});

describe("seasons", () => {
  it("are those that a series is long enough for, twice", () => {
    expect(seasonsOf(47, HOUR)).toEqual({ hour: null, day: null, week: null });
    expect(seasonsOf(48, HOUR)).toEqual({ hour: null, day: 24, week: null });
    expect(seasonsOf(336, HOUR)).toEqual({ hour: null, day: 24, week: 168 });
    expect(seasonsOf(4_032, HOUR / 12)).toEqual({ hour: 12, day: 288, week: 2_016 });
  });

  it("are none where a step does not go into them", () => {
    expect(seasonsOf(10_000, 7 * 60_000)).toEqual({ hour: null, day: null, week: 1_440 });
    expect(seasonsOf(10_000, 24 * HOUR)).toEqual({ hour: null, day: null, week: 7 });
  });
});
