import { expect, test } from "vitest";
import { RETENTION_DAYS, SERIES_WINDOW_MAX_MS } from "../../../../contract/limits.ts";
import { WINDOW_NAMES, windowOf, WINDOWS, windowShortcuts } from "./windows.ts";

test("windows grow, and the server gives the longest", () => {
  const spans = WINDOWS.map(({ span }) => span);
  expect(spans).toEqual(spans.toSorted((a, b) => a - b));
  expect(spans.at(-1)).toBeLessThanOrEqual(SERIES_WINDOW_MAX_MS);
  expect(spans.at(-1)).toBe(RETENTION_DAYS.hour.default * 86_400_000);
});

test("keys 1 to 9 choose the first nine", () => {
  const chosen: string[] = [];
  const keys = windowShortcuts((name) => chosen.push(name));
  for (const act of Object.values(keys)) act();
  expect(Object.keys(keys).join("")).toBe("123456789");
  expect(chosen).toEqual(WINDOW_NAMES.slice(0, 9));
});

test("a name that is no window is none", () => {
  expect(windowOf("30d")?.words).toBe("30 days");
  expect(windowOf("31d")).toBeUndefined();
  expect(windowOf(null)).toBeUndefined();
});
