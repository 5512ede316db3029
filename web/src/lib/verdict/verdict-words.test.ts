import { expect, test } from "vitest";
import { standingOf, witnessName } from "./verdict-words.ts";

test("what is paused is told as paused, whatever was true of it before", () => {
  expect(standingOf("down", true)).toBe("paused");
  expect(standingOf("down")).toBe("down");
  expect(standingOf(null)).toBe("waiting");
});

test("a region is told by its name, and one of a later version by its code", () => {
  expect(witnessName({ kind: "region", name: "weur" })).toBe("Western Europe");
  expect(witnessName({ kind: "region", name: "moon" })).toBe("moon");
  expect(witnessName({ kind: "agent", name: "web-1" })).toBe("Agent: web-1");
});
