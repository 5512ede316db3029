import { describe, expect, test } from "vitest";
import type { SeriesColumns } from "../../../../contract/series.ts";
import { figuresOf, linesOf, sortedFigures } from "./lines.ts";

const reply = (at: number[], column: SeriesColumns["series"][string], key = "load_1m"): SeriesColumns => {
  const window = { from: 0, to: 2_000_000, stepMs: 0, tier: "raw" as const, blocksUnreadable: 0 };
  return { ...window, at, series: { [key]: column } };
};

describe("figures", () => {
  test("last, mean, lowest and highest over the window, gaps left out", () => {
    const instances = { a: reply([0, 1_000, 2_000], { mean: [1, null, 3], min: [0, null, 2], max: [2, null, 9] }) };
    expect(figuresOf({ instances }, ["a"], "load_1m")).toEqual([{ id: "a", last: 3, mean: 2, min: 0, max: 9 }]);
  });
  test("an instance nothing is known of has no figures, not zeros", () => {
    expect(figuresOf({ instances: {} }, ["gone"], "load_1m")).toEqual([
      { id: "gone", last: null, mean: null, min: null, max: null },
    ]);
  });
  test("a counter has no mean", () => {
    const instances = { a: reply([0, 1_000], { mean: [10, 20] }, "uptime_seconds") };
    expect(figuresOf({ instances }, ["a"], "uptime_seconds")[0]).toMatchObject({ last: 20, mean: null, max: 20 });
  });
});

describe("one axis for all", () => {
  test("a line goes on past the times of others, and breaks at its own gaps", () => {
    const instances = {
      a: reply([0, 2_000, 4_000], { mean: [1, null, 3] }),
      b: reply([1_000, 3_000], { mean: [7, 8] }),
    };
    expect(linesOf({ instances }, ["a", "b", "gone"], "load_1m")).toEqual({
      at: [0, 1_000, 2_000, 3_000, 4_000],
      values: [
        [1, undefined, null, undefined, 3],
        [undefined, 7, undefined, 8, undefined],
        [undefined, undefined, undefined, undefined, undefined],
      ],
    });
  });
  test("a gap right behind a sample is not lost where both have one place on the grid", () => {
    const instances = { a: reply([0, 1, 9_000], { mean: [1, null, 3] }) };
    expect(linesOf({ instances }, ["a"], "load_1m")).toEqual({ at: [0, 1_000, 9_000], values: [[1, null, 3]] });
  });
  test("fifty instances that each have their own second share a grid as fine as a screen", () => {
    const instances = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => {
        const at = Array.from({ length: 720 }, (_unused, row) => row * 2_700 + n * 31);
        return [`i${n}`, reply(at, { mean: at.map(() => n) })];
      }),
    );
    const lines = linesOf({ instances }, Object.keys(instances), "load_1m");
    expect(lines.at.length).toBeLessThanOrEqual(2_000);
    expect(lines.values[49]!.filter((value) => value === 49)).toHaveLength(720);
  });
});

test("the legend is sorted by any figure; what is not known stays last", () => {
  const row = (name: string, last: number | null) => ({ id: name, name, last, mean: last, min: last, max: last });
  const rows = [row("web-10", 1), row("web-9", null), row("web-2", 5)];
  const names = (...by: [Parameters<typeof sortedFigures>[1], boolean]) =>
    sortedFigures(rows, ...by).map(({ name }) => name);
  expect(names("last", false)).toEqual(["web-2", "web-10", "web-9"]);
  expect(names("last", true)).toEqual(["web-10", "web-2", "web-9"]);
  expect(names("name", true)).toEqual(["web-2", "web-9", "web-10"]);
});
