import { expect, it } from "vitest";
import { decodedCell } from "./decode.ts";

it.each([
  ["fixed", "42", 42],
  ["fixed", "-1.50", -1.5],
  ["fixed", "12345678901234567890123456789012345678", "12345678901234567890123456789012345678"],
  ["real", "1.5e3", 1_500],
  ["real", "NaN", null],
  ["real", "inf", null],
  ["boolean", "true", true],
  ["boolean", "false", false],
  ["date", "20783", Date.UTC(2026, 10, 26)],
  ["date", "-1", -86_400_000],
  ["time", "45296.123456789", 45_296_123],
  ["timestamp_ntz", "1795701600.123456789", 1_795_701_600_123],
  ["timestamp_ntz", "-1.500000000", -1_500],
  ["timestamp_ltz", "1795701600.000000000", 1_795_701_600_000],
  ["timestamp_tz", "1795701600.500000000 1860", 1_795_701_600_500],
  ["variant", '{"a":[1,"b"]}', { a: [1, "b"] }],
  ["variant", "undefined", "undefined"],
  ["array", "[1,2]", [1, 2]],
  ["text", "plain", "plain"],
  ["text", null, null],
  ["binary", "DEADBEEF", "DEADBEEF"],
])("a cell of the type %s that reads %s is %s", (type, text, value) => {
  expect(decodedCell(text, { type })).toEqual(value);
});
