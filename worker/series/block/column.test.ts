import { describe, expect, it } from "vitest";
import { Chance } from "../../../tests/chance.ts";
import { seeds } from "../../testing/seeds.ts";
import { decodeColumn, encodeColumn, scaleOf, UnreadableColumn } from "./column.ts";
import { RangeEncoder } from "./range-coder.ts";

type Values = (number | null)[];

/** What a machine may say, and what nobody should: each kind fills a column of its own. */
const KINDS: Record<string, (chance: Chance) => (row: number) => number> = {
  constant: (chance) => {
    const value = chance.pick([0, 1, 0.5, -3, 8_589_934_592, 1e18, 2 ** 63]);
    return () => value;
  },
  counter: (chance) => {
    let value = chance.below(2 ** 31);
    return () => (value += chance.below(1_000_000));
  },
  "counter that begins anew": (chance) => {
    let value = 1e12;
    return () => (value = chance.happens(0.05) ? 0 : value + chance.below(1e9));
  },
  "64-bit counter": (chance) => {
    const base = 2 ** 63 - 2 ** 53;
    return () => base + chance.below(2 ** 20) * 2 ** 12;
  },
  "very large": (chance) => () => (chance.next() - 0.5) * 2e18,
  "about the largest whole number": (chance) => () => (chance.happens(0.5) ? 1 : -1) * (2 ** 51 - chance.below(4)),
  "beyond the largest whole number": (chance) => () => 2 ** 51 + chance.below(4) - 2,
  ratio: (chance) => () => Math.round(chance.next() * 1e5) / 1e5,
  seconds: (chance) => () => Math.round(chance.next() * 1e9) / 1e6,
  "tiny and negative decimals": (chance) => () => (chance.below(2_001) - 1_000) / 1e9,
  pages: (chance) => () => chance.below(4_000_000) * 4_096,
  "any double": (chance) => () => (chance.next() - 0.5) * Math.PI * 10 ** (chance.below(40) - 20),
  "the edges of doubles": (chance) => () =>
    chance.pick([Number.MIN_VALUE, -Number.MIN_VALUE, 2 ** -1_022, Number.EPSILON, 0, 1 / 3, -1e18, 1e18, 2 ** 63]),
  "levels with jumps": (chance) => {
    let level = 0;
    return () => (level = chance.happens(0.1) ? chance.below(1e9) : level + chance.below(3) - 1);
  },
};

const ROWS = [0, 1, 2, 3, 10, 59, 60, 61, 120, 400];

function columnOf(kind: string, chance: Chance, rows: number, missing: number): Values {
  const next = KINDS[kind]!(chance);
  return Array.from({ length: rows }, (_, row) => {
    const value = next(row);
    return chance.happens(missing) ? null : value;
  });
}

describe.each(seeds(3))("a column, seed %i", (seed) => {
  it.each(Object.keys(KINDS))("of the kind '%s' comes back as it was, bit by bit", (kind) => {
    const chance = new Chance(seed);
    for (const rows of ROWS) {
      for (const missing of [0, 0.02, 0.5, 1]) {
        const values = columnOf(kind, chance, rows, missing);
        for (const decimals of [undefined, 0, 2, 5, 6]) {
          expect(decodeColumn(encodeColumn(values, decimals), rows)).toEqual(values);
        }
      }
    }
  });

  it("of an hour of seconds comes back as it was", () => {
    const chance = new Chance(seed);
    for (const kind of Object.keys(KINDS)) {
      const values = columnOf(kind, chance, 3_600, 0.01);
      expect(decodeColumn(encodeColumn(values, undefined), 3_600)).toEqual(values);
    }
  });

  it("with a byte that is another is noticed, and where a check sum happens to fit is read as other numbers", () => {
    const chance = new Chance(seed);
    let [damaged, unnoticed] = [0, 0];
    for (const kind of Object.keys(KINDS)) {
      const rows = 60;
      const bytes = encodeColumn(columnOf(kind, chance, rows, 0.1), undefined);
      for (let at = 0; at < bytes.length; at++) {
        const broken = bytes.slice();
        broken[at]! ^= 1 + chance.below(255);
        damaged++;
        if (readOrRefused(broken, rows)) unnoticed++;
      }
    }
    expect(damaged).toBeGreaterThan(1_000);
    expect(unnoticed).toBeLessThanOrEqual(3);
  });

  it("cut short or made longer is noticed", () => {
    const chance = new Chance(seed);
    let unnoticed = 0;
    for (const kind of Object.keys(KINDS)) {
      const bytes = encodeColumn(columnOf(kind, chance, 60, 0), undefined);
      for (let length = 0; length < bytes.length; length++)
        if (readOrRefused(bytes.subarray(0, length), 60)) unnoticed++;
      if (readOrRefused(Uint8Array.of(...bytes, 0), 60)) unnoticed++;
    }
    expect(unnoticed).toBeLessThanOrEqual(3);
  });

  it("of bytes nobody wrote, with a check sum that fits, ends and is numbers or refused", () => {
    const chance = new Chance(seed);
    for (let tries = 0; tries < 2_000; tries++) {
      const bytes = Uint8Array.from({ length: chance.below(80) }, () => chance.below(256));
      readOrRefused(sealed(bytes, 60), 60);
    }
  });
});

describe("a column", () => {
  it("read as of another count is refused", () => {
    const bytes = encodeColumn([1, 2, 3], 0);
    for (const count of [0, 2, 4, 3_600]) expect(() => decodeColumn(bytes, count)).toThrow(UnreadableColumn);
  });

  it.each([2, 3])("of kind %i, which a later version writes, is refused by name", (kind) => {
    const encoder = new RangeEncoder();
    encoder.even(kind, 2);
    encoder.even(0b1111, 4);
    expect(() => decodeColumn(sealed(encoder.finish(), 60), 60)).toThrow(`kind ${kind}, of a later version`);
  });

  it("with a prediction that a later version knows is refused", () => {
    const encoder = new RangeEncoder();
    // Whole numbers, none missing, no decimals; the first is 0 (6 even bits are near enough), not all the same, prediction 3.
    for (const [value, bits] of [
      [0, 2],
      [0, 1],
      [0, 4],
      [0, 6],
      [0, 1],
      [3, 2],
    ] as const)
      encoder.even(value, bits);
    expect(() => decodeColumn(sealed(encoder.finish(), 60), 60)).toThrow("prediction of a later version");
  });

  it("that says the same in every row is some ten bytes, whatever the hour held", () => {
    expect(encodeColumn(Array(3_600).fill(8_589_934_592), 0).length).toBeLessThan(12);
    expect(encodeColumn(Array(3_600).fill(null), 0).length).toBeLessThan(12);
  });

  it("has the fewest decimals that are exact, or the metric's own", () => {
    expect(scaleOf([0.1, 0.25], undefined)).toBe(2);
    expect(scaleOf([0.1, 0.25], 5)).toBe(5);
    expect(scaleOf([1e-9], undefined)).toBe(9);
    expect(scaleOf([1e-10], undefined)).toBeUndefined();
    expect(scaleOf([Math.PI], 5)).toBeUndefined();
    expect(scaleOf([2 ** 52], 0)).toBeUndefined();
  });
});

/** True where it was read; anything but numbers, nulls and `UnreadableColumn` fails. */
function readOrRefused(bytes: Uint8Array, count: number): boolean {
  try {
    const values = decodeColumn(bytes, count);
    expect(values).toHaveLength(count);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(UnreadableColumn);
    return false;
  }
}

/** With the check sum that fits: by trying, as whoever damages bytes by chance does. */
function sealed(bytes: Uint8Array, count: number): Uint8Array {
  let hash = Math.imul(0x811c9dc5 ^ count, 0x01000193);
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  const sum = ((hash >>> 16) ^ hash) & 0xffff;
  return Uint8Array.of(...bytes, sum >> 8, sum & 0xff);
}
