import { expect, test } from "vitest";
import { PAGE_ROWS, pagesOf, withPage } from "./pages.ts";

const rows = (from: number, count: number) => Array.from({ length: count }, (_, index) => ({ id: `r${from + index}` }));

test("a page stands at its place among rows that are not loaded", () => {
  const places = withPage([], 250, PAGE_ROWS, rows(100, 100));
  expect(places).toHaveLength(250);
  expect(places[99]).toBeUndefined();
  expect(places[100]).toEqual({ id: "r100" });
  expect(places[200]).toBeUndefined();
});

test("a row that moved between two calls is never in two places", () => {
  const first = withPage([], 200, 0, rows(0, 100));
  // The row that was first has recovered, and now stands on the second page.
  const both = withPage(first, 200, 100, [{ id: "r0" }, ...rows(101, 99)]);
  expect(both[0]).toBeUndefined();
  expect(both[100]).toEqual({ id: "r0" });
  expect(both.filter((row) => row?.id === "r0")).toHaveLength(1);
});

test("what was deleted meanwhile is gone, and the list as long as it is", () => {
  const places = withPage(withPage([], 120, 0, rows(0, 100)), 3, 0, rows(0, 3));
  expect(places).toEqual(rows(0, 3));
});

test("the rows in sight say which pages they are on", () => {
  expect(pagesOf(95, 105)).toEqual([0, 1]);
  expect(pagesOf(100, 200)).toEqual([1]);
  expect(pagesOf(5, 5)).toEqual([]);
});
