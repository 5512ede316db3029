import { expect, test } from "vitest";
import { jsonValueOf, typedJson } from "./json-value.ts";

test.each([
  ["42", 42],
  ["true", true],
  ["null", null],
  ['"42"', "42"],
  ["ok", "ok"],
  ["{}", "{}"],
])("%s is what it looks like", (typed, value) => expect(jsonValueOf(typed)).toBe(value));

test("every value can be typed back", () => {
  for (const value of [42, true, null, "42", "ok", "", "null", "[]"]) expect(jsonValueOf(typedJson(value))).toBe(value);
});
