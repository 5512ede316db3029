import { describe, expect, it } from "vitest";
import { Chance } from "../../tests/chance.ts";
import { seeds } from "../testing/seeds.ts";
import { levelAt, median, slopesOf } from "./slope.ts";

const START = 1_790_000_000_000;
const points = (values: number[]) => values.map((value, index) => ({ at: START + index * 1_000, value }));

describe("median", () => {
  it.each([
    [[3], 3],
    [[3, 1], 2],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
    [[-1, 1e9, 0], 0],
  ])("of %o is %d", (values, middle) => {
    expect(median(values)).toBe(middle);
    expect(median(values.toReversed())).toBe(middle);
  });
});

describe("slopesOf", () => {
  it("of a line is its slope, for certain", () => {
    const { middle, least, most } = slopesOf(points([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]));
    for (const slope of [middle, least, most]) expect(slope).toBeCloseTo(0.002, 10);
  });

  it("of what stays is nothing", () => {
    expect(slopesOf(points([5, 5, 5, 5, 5, 5]))).toEqual({ middle: 0, least: 0, most: 0 });
  });

  it("is moved by no few wild readings", () => {
    const wild = Array.from({ length: 40 }, (_, index) => (index % 10 === 4 ? 1e6 : index));
    const { middle, least, most } = slopesOf(points(wild));
    expect(middle).toBeCloseTo(0.001, 4);
    expect(least).toBeLessThanOrEqual(middle);
    expect(most).toBeGreaterThanOrEqual(middle);
  });

  it("takes two readings of one moment for no slope", () => {
    const twice = [...points([0, 1, 2, 3, 4]), { at: START + 4_000, value: 50 }];
    expect(Number.isFinite(slopesOf(twice).most)).toBe(true);
    expect(slopesOf(twice).middle).toBeCloseTo(0.001, 10);
  });
});

describe.each(seeds(3))("with noise, seed %i", (seed) => {
  it("the true slope is between the least and the most in some 95 of 100 cases", () => {
    const chance = new Chance(seed);
    let within = 0;
    for (let run = 0; run < 400; run++) {
      const { least, most } = slopesOf(
        points(Array.from({ length: 30 }, (_, index) => index + chance.between(-20, 20))),
      );
      if (least <= 0.001 && most >= 0.001) within++;
    }
    expect(within / 400).toBeGreaterThan(0.9);
    expect(within / 400).toBeLessThan(0.995);
  });
});

it("levelAt is where a line through the middle of the points is at a moment", () => {
  expect(levelAt(points([0, 2, 4, 100, 8]), 0.002, START + 10_000)).toBeCloseTo(20, 6);
  expect(levelAt(points([7]), 0, START)).toBe(7);
});
