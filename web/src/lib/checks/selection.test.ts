import { expect, test } from "vitest";
import { Selection } from "./selection.svelte.ts";

const rows = [{ id: "a" }, { id: "b" }, undefined, { id: "c" }, { id: "d" }];

test("a row is chosen and given up again", () => {
  const selection = new Selection();
  selection.toggle("a", rows);
  selection.toggle("b", rows);
  selection.toggle("a", rows);
  expect([...selection.ids]).toEqual(["b"]);
});

test("with Shift all between two are chosen, in either direction, but for those that are not loaded", () => {
  const selection = new Selection();
  selection.toggle("d", rows);
  selection.toggle("b", rows, true);
  expect([...selection.ids].sort()).toEqual(["b", "c", "d"]);
  selection.clear();
  selection.toggle("a", rows);
  selection.toggle("c", rows, true);
  expect([...selection.ids].sort()).toEqual(["a", "b", "c"]);
});

test("with Shift and nothing chosen before it is one row", () => {
  const selection = new Selection();
  selection.toggle("c", rows, true);
  expect([...selection.ids]).toEqual(["c"]);
});
