import { expect, test } from "vitest";
import { Shortcuts } from "./shortcuts.ts";

const press = (key: string, over = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...over });
const fleet = () => {};
const add = () => {};
const own = () => {};

test("two keys in a row are one shortcut, within a second", () => {
  const shortcuts = new Shortcuts();
  shortcuts.add({ "g f": fleet, a: add });
  expect(shortcuts.press(press("g"), 0)).toBeUndefined();
  expect(shortcuts.press(press("f"), 900)).toBe(fleet);
  shortcuts.press(press("g"), 2_000);
  expect(shortcuts.press(press("f"), 3_500)).toBeUndefined();
});

test("a key that does not end the sequence still does its own", () => {
  const shortcuts = new Shortcuts();
  shortcuts.add({ "g f": fleet, a: add });
  shortcuts.press(press("g"), 0);
  expect(shortcuts.press(press("a"), 100)).toBe(add);
});

test("the browser's own combinations are left alone", () => {
  const shortcuts = new Shortcuts();
  shortcuts.add({ a: add });
  expect(shortcuts.press(press("a", { ctrlKey: true }), 0)).toBeUndefined();
  expect(shortcuts.press(press("a", { metaKey: true }), 0)).toBeUndefined();
});

test("the page opened last wins, and gives the key back when it goes", () => {
  const shortcuts = new Shortcuts();
  shortcuts.add({ a: add });
  const leave = shortcuts.add({ a: own });
  expect(shortcuts.press(press("a"), 0)).toBe(own);
  leave();
  expect(shortcuts.press(press("a"), 0)).toBe(add);
});

test("what every page shares steps back for the page, even where it was added later", () => {
  const shortcuts = new Shortcuts();
  const asked: string[] = [];
  shortcuts.add({ a: () => asked.push("page") });
  const leave = shortcuts.addBelow({ a: () => asked.push("everywhere"), t: () => asked.push("theme") });
  shortcuts.press(press("a"), 0)?.();
  shortcuts.press(press("t"), 0)?.();
  expect(asked).toEqual(["page", "theme"]);
  leave();
  expect(shortcuts.press(press("t"), 0)).toBeUndefined();
});
