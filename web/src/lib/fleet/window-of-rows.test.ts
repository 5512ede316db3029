import { expect, test } from "vitest";
import { columnsIn, rowsInSight } from "./window-of-rows.ts";

test("a screen of five thousand rows holds a few dozen", () => {
  const { first, end } = rowsInSight(40_000, 900, 40, 5_000);
  expect(first).toBeLessThanOrEqual(1_000);
  expect(end).toBeGreaterThanOrEqual(1_023);
  expect(end - first).toBeLessThan(60);
});

test("it never names a row that does not exist", () => {
  expect(rowsInSight(-500, 900, 40, 3)).toEqual({ first: 0, end: 3 });
  expect(rowsInSight(1e9, 900, 40, 3)).toEqual({ first: 3, end: 3 });
  expect(rowsInSight(0, 900, 40, 0)).toEqual({ first: 0, end: 0 });
});

test("cards take the width there is, and a phone has one column", () => {
  expect(columnsIn(320, 280, 12)).toBe(1);
  expect(columnsIn(1360, 280, 12)).toBe(4);
  expect(columnsIn(0, 280, 12)).toBe(1);
});
