import { describe, expect, it } from "vitest";
import { sinceLastDrop, teethOf, thinned } from "./filling.ts";

const START = 1_790_000_000_000;
const MINUTE = 60_000;
const points = (values: number[]) => values.map((value, minute) => ({ at: START + minute * MINUTE, value }));
const at = (minute: number) => START + minute * MINUTE;

describe("thinned", () => {
  it("leaves few points as they are", () => {
    const few = points([1, 2, 3]);
    expect(thinned(few)).toBe(few);
  });

  it("makes many few, in their order, without wild readings", () => {
    const many = points(Array.from({ length: 1_000 }, (_, minute) => (minute % 50 === 3 ? 1e9 : minute)));
    const few = thinned(many);
    expect(few.length).toBeLessThanOrEqual(120);
    for (let index = 1; index < few.length; index++) {
      expect(few[index]!.at).toBeGreaterThan(few[index - 1]!.at);
      expect(few[index]!.value).toBeLessThan(1_010);
    }
  });

  it("keeps an edge", () => {
    const values = thinned(points(Array.from({ length: 960 }, (_, minute) => (minute < 480 ? 0.9 : 0.2))));
    expect(new Set(values.map(({ value }) => value))).toEqual(new Set([0.9, 0.2]));
  });
});

describe("sinceLastDrop", () => {
  it("is all where nothing dropped", () => {
    const all = points([0.1, 0.2, 0.3, 0.27, 0.4]);
    expect(sinceLastDrop(all, 1)).toEqual({ filling: all, drops: [] });
  });

  it("is what came after it", () => {
    const all = points([0.7, 0.8, 0.9, 0.3, 0.35, 0.4]);
    expect(sinceLastDrop(all, 1)).toEqual({ filling: all.slice(3), drops: [at(3)] });
  });

  it("knows every drop, oldest first", () => {
    const { drops, filling } = sinceLastDrop(points([0.8, 0.9, 0.3, 0.4, 0.8, 0.2, 0.3, 0.4]), 1);
    expect(drops).toEqual([at(2), at(5)]);
    expect(filling[0]!.at).toBe(at(5));
  });

  it("a drop is measured by what is full", () => {
    const all = points([70, 80, 90, 30, 35, 40]);
    expect(sinceLastDrop(all, 100).drops).toEqual([at(3)]);
    expect(sinceLastDrop(all, 10_000).drops).toEqual([]);
    expect(sinceLastDrop(points([70, 80, 90, 87]), 100).filling).toHaveLength(4);
  });

  it("one reading that stands out alone is none", () => {
    expect(sinceLastDrop(points([0.5, 0.6, 0.1, 0.7, 0.8]), 1).drops).toEqual([]);
    expect(sinceLastDrop(points([0.5, 0.5, 1, 0.5, 0.5]), 1).drops).toEqual([]);
  });

  it("one at the very end is none until the next tells the same", () => {
    expect(sinceLastDrop(points([0.5, 0.6, 0.7, 0.1]), 1)).toEqual({ filling: points([0.5, 0.6, 0.7]), drops: [] });
    expect(sinceLastDrop(points([0.5, 0.6, 0.7, 0.1, 0.1]), 1).drops).toEqual([at(3)]);
  });

  it.each([3_318, 3_333, 3_358])("meets one at %d within a hundredth of all, and keeps nothing before it", (dropAt) => {
    const all = points(Array.from({ length: 5_000 }, (_, minute) => (minute < dropAt ? 0.9 : 0.2)));
    const { filling } = sinceLastDrop(all, 1);
    expect(filling.every(({ value }) => value === 0.2)).toBe(true);
    expect(filling.length).toBeGreaterThan(5_000 - dropAt - 50);
  });
});

describe("teethOf", () => {
  it.each([
    [[], null],
    [[5], null],
    [[5, 9], 13],
    [[0, 10, 14], 24],
    [[0, 4, 14], 24],
  ])("after drops at %o the next is due at %s", (drops, due) => {
    expect(teethOf(drops)).toBe(due);
  });
});
