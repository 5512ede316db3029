import { describe, expect, test } from "vitest";
import type { SeriesColumns } from "../../../../contract/series.ts";
import { chartDataOf, mergeColumns, stacked, trimBefore } from "./columns.ts";

const columnsOf = (at: number[], series: SeriesColumns["series"]): SeriesColumns => ({
  from: 0,
  to: 100,
  stepMs: 0,
  tier: "raw",
  blocksUnreadable: 0,
  at,
  series,
});

describe("taking the columns of a chart", () => {
  test("a key without history is a gap throughout, not a zero", () => {
    expect(chartDataOf(columnsOf([1, 2], {}), ["load_1m"]).lines[0]!.mean).toEqual([null, null]);
  });
  test("where nothing was merged, the band is the line itself", () => {
    const data = chartDataOf(columnsOf([1], { load_1m: { mean: [3] } }), ["load_1m"]);
    expect(data.lines[0]).toEqual({ mean: [3], min: [3], max: [3] });
  });
});

test("trimming keeps one point outside the window, so that the line reaches the edge", () => {
  const data = chartDataOf(columnsOf([1, 2, 3, 4], { a: { mean: [1, 2, 3, 4] } }), ["a"]);
  trimBefore(data, 3);
  expect(data.at).toEqual([2, 3, 4]);
  expect(data.lines[0]!.max).toEqual([2, 3, 4]);
});

test("a stack has no height where one of its parts is not known", () => {
  expect(stacked([{ mean: [1, null, 1] }, { mean: [2, 2, null] }])).toEqual([
    [1, null, 1],
    [3, null, null],
  ]);
});

describe("merging replies", () => {
  test("equal axes are kept", () => {
    const merged = mergeColumns([
      columnsOf([1, 2], { a: { mean: [1, 2] } }),
      columnsOf([1, 2], { b: { mean: [3, 4] } }),
    ]);
    expect(merged.at).toEqual([1, 2]);
    expect(Object.keys(merged.series)).toEqual(["a", "b"]);
  });
  test("the coarser of both says how closely the window is shown", () => {
    const fine = columnsOf([1], { a: { mean: [1] } });
    const merged = mergeColumns([fine, { ...fine, stepMs: 60, tier: "hour", blocksUnreadable: 1 }]);
    expect(merged).toMatchObject({ stepMs: 60, tier: "hour", blocksUnreadable: 1 });
  });
  test("a sample only one reply knows is a gap in the other", () => {
    const merged = mergeColumns([
      columnsOf([1, 2], { a: { mean: [1, 2] } }),
      columnsOf([2, 3], { b: { mean: [3, 4] } }),
    ]);
    expect(merged.at).toEqual([1, 2, 3]);
    expect(merged.series["a"]!.mean).toEqual([1, 2, null]);
    expect(merged.series["b"]!.mean).toEqual([null, 3, 4]);
  });
});
