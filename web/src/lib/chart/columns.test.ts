import { describe, expect, test } from "vitest";
import type { SeriesColumns } from "../../../../contract/series.ts";
import { appendSample, chartDataOf, mergeColumns, stacked, trimBefore } from "./columns.ts";

const columnsOf = (at: number[], series: SeriesColumns["series"]): SeriesColumns => ({
  from: 0,
  to: 100,
  stepMs: 0,
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

describe("appending a sample", () => {
  const fresh = () => chartDataOf(columnsOf([1_000], { a: { mean: [1] }, b: { mean: [2] } }), ["a", "b"]);

  test("what the sample does not carry is a gap", () => {
    const data = fresh();
    expect(appendSample(data, ["a", "b"], 2_000, { a: 5 }, 3_000)).toBe(true);
    expect(data.lines.map(({ mean }) => mean)).toEqual([
      [1, 5],
      [2, null],
    ]);
  });
  test("a sample that is there already is not drawn twice", () => {
    const data = fresh();
    expect(appendSample(data, ["a", "b"], 1_000, { a: 5 }, 3_000)).toBe(false);
    expect(data.at).toEqual([1_000]);
  });
  test("a pause before it is drawn as a gap", () => {
    const data = fresh();
    appendSample(data, ["a", "b"], 9_000, { a: 5, b: 5 }, 3_000);
    expect(data.lines[0]!.mean).toEqual([1, null, 5]);
    expect(data.at).toHaveLength(3);
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
