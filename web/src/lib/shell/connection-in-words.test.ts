import { expect, test } from "vitest";
import { connectionInWords } from "./connection-in-words.ts";

test("a loss is told with its age and the next attempt", () => {
  expect(connectionInWords({ state: "lost", lostAt: 0, retryAt: 15_000 }, 12_000)).toBe(
    "Connection lost 12 s ago – showing the last known state; trying again in 3 s.",
  );
});
test("a loss that heals at once is not worth a word", () => {
  expect(connectionInWords({ state: "lost", lostAt: 0, retryAt: 500 }, 400)).toBeUndefined();
  expect(connectionInWords({ state: "open" }, 0)).toBeUndefined();
});
test("the first connection of a page is no loss", () => {
  expect(connectionInWords({ state: "connecting", lostAt: null }, 1e6)).toBeUndefined();
});
