import { expect, test } from "vitest";
import { bandEnd, foretoldAt } from "./band.ts";

const band = { from: 100, stepMs: 10, middle: [1, 3, null], lower: [0, 2, null], upper: [2, null, null] };

test("between two steps it is the line between them", () => {
  expect(foretoldAt(band, 105)).toEqual({ middle: 2, lower: 1, upper: 2 });
});

test("nothing is foretold before, beyond, or where there is none", () => {
  expect([foretoldAt(band, 99), foretoldAt(band, 115), foretoldAt(band, 131)]).toEqual([null, null, null]);
});

test("its last step is its end", () => {
  expect(bandEnd(band)).toBe(120);
  expect(bandEnd({ ...band, middle: [] })).toBe(100);
});
