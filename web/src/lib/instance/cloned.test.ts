import { expect, test } from "vitest";
import { isClonedLately } from "./cloned.ts";
import { knownTagsOf } from "./known-tags.ts";

const HOUR = 3_600_000;

test("a clone is warned of for a day", () => {
  expect(isClonedLately({ clonedAt: null }, 0)).toBe(false);
  expect(isClonedLately({ clonedAt: 0 }, 23 * HOUR)).toBe(true);
  expect(isClonedLately({ clonedAt: 0 }, 24 * HOUR)).toBe(false);
});

test("the tags of the fleet are each named once", () => {
  const entries = [["eu", "web"], ["eu"], []].map((tags) => ({ instance: { tags } }));
  expect(knownTagsOf(entries)).toEqual(["eu", "web"]);
});
