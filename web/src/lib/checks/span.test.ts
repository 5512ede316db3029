import { expect, test } from "vitest";
import { formatSpan, parseSpan } from "./span.ts";

test.each([
  ["800 ms", 800],
  ["5s", 5_000],
  ["1.5 h", 5_400_000],
  ["1,5 h", 5_400_000],
  ["1 d 12 h", 129_600_000],
  ["2 hours 5 minutes", 7_500_000],
  ["90 secs", 90_000],
  ["15 m", 900_000],
])("“%s” is a span", (text, span) => expect(parseSpan(text)).toBe(span));

test.each(["", "5", "five minutes", "5 parsecs", "5 s or so", "-5 s", "5 s!"])("“%s” is none", (text) =>
  expect(parseSpan(text)).toBeUndefined(),
);

test("a span is written so that it can be typed back to the millisecond", () => {
  for (const span of [
    1, 999, 1_000, 1_500, 60_000, 90_000, 3_600_000, 5_400_000, 86_400_000, 129_600_000, 90_061_500,
  ]) {
    expect(parseSpan(formatSpan(span)), formatSpan(span)).toBe(span);
  }
});
