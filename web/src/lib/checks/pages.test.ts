import { expect, test } from "vitest";
import { PAGE_ROWS, pagesOf, withPage } from "./pages.ts";

const rows = (from: number, count: number) => Array.from({ length: count }, (_, index) => ({ id: `r${from + index}` }));

test("a page stands at its place among rows that are not loaded", () => {
  const places = withPage([], 100, PAGE_ROWS, rows(40, 40));
  expect(places).toHaveLength(100);
  expect(places[39]).toBeUndefined();
  expect(places[40]).toEqual({ id: "r40" });
  expect(places[80]).toBeUndefined();
});

test("a row that moved between two calls is never in two places", () => {
  const first = withPage([], 80, 0, rows(0, 40));
  // The row that was first has recovered, and now stands on the second page.
  const both = withPage(first, 80, 40, [{ id: "r0" }, ...rows(41, 39)]);
  expect(both[0]).toBeUndefined();
  expect(both[40]).toEqual({ id: "r0" });
  expect(both.filter((row) => row?.id === "r0")).toHaveLength(1);
});

test("what was deleted meanwhile is gone, and the list as long as it is", () => {
  const places = withPage(withPage([], 60, 0, rows(0, 40)), 3, 0, rows(0, 3));
  expect(places).toEqual(rows(0, 3));
});

test("the rows in sight say which pages they are on", () => {
  expect(pagesOf(35, 45)).toEqual([0, 1]);
  expect(pagesOf(40, 80)).toEqual([1]);
  expect(pagesOf(5, 5)).toEqual([]);
});
