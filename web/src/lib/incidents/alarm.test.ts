import { expect, test } from "vitest";
import { badgeText, callingInWords, faviconOf, TitleMark } from "./alarm.ts";

test("the title says how many wait, whichever page sets it", () => {
  const mark = new TitleMark();
  expect(mark.show("Fleet · Nephos", 2)).toBe("(2) Fleet · Nephos");
  expect(mark.show("(2) Fleet · Nephos", 3)).toBe("(3) Fleet · Nephos");
  expect(mark.show("Checks · Nephos", 3)).toBe("(3) Checks · Nephos");
  expect(mark.show("(3) Checks · Nephos", 0)).toBe("Checks · Nephos");
});

test("a page whose own title begins with a number in brackets keeps it", () => {
  const mark = new TitleMark();
  expect(mark.show("(2) web · Nephos", 1)).toBe("(1) (2) web · Nephos");
  expect(mark.show("(1) (2) web · Nephos", 0)).toBe("(2) web · Nephos");
});

test("the icon carries its mark only while something critical waits", () => {
  expect(faviconOf(0)).toBe("/favicon.svg");
  expect(faviconOf(3)).toBe("/favicon-critical.svg");
});

test("the badge stays small, and is read out in words", () => {
  expect([7, 99, 100].map(badgeText)).toEqual(["7", "99", "99+"]);
  expect(callingInWords({ critical: 2, warning: 1 })).toBe("2 critical, 1 warning");
  expect(callingInWords({ critical: 0, warning: 0 })).toBe("");
});
