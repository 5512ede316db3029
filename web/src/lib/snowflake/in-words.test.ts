import { expect, test } from "vitest";
import { everyInWords, monthInWords, spentInWords, streamInWords, tokens, usd } from "./in-words.ts";

const spent = { month: "2026-11", usd: 2.5, requests: 1, inputTokens: 2_310_000, outputTokens: 950 };

test("what was spent stands against the budget", () => {
  expect(spentInWords(spent, 10)).toEqual({
    ratio: 0.25,
    text: "$2.50 of $10",
    detail: "1 request, 2.3 M tokens read, 950 written",
  });
});

test("without a budget there is no share of it", () => {
  expect(spentInWords(spent, 0)).toMatchObject({ ratio: undefined, text: expect.stringContaining("the budget is 0") });
});

test.each([
  [0, "$0"],
  [0.00001, "less than $0.0001"],
  [0.0042, "$0.0042"],
  [0.14, "$0.14"],
  [36.5, "$36.50"],
])("%d dollars are told as %s", (amount, words) => expect(usd(amount)).toBe(words));

test("months, steps and counts read as they are said", () => {
  expect([monthInWords("2026-11"), everyInWords(1), everyInWords(6), everyInWords(24), tokens(12_300)]).toEqual([
    "November 2026",
    "Every hour",
    "Every 6 hours",
    "Once a day",
    "12,300",
  ]);
});

test("a stream says how far it has come", () => {
  expect(streamInWords({ doneTo: null, rows: 0 }, 0)).toBe("Nothing sent yet");
  expect(streamInWords({ doneTo: 0, rows: 1_204 }, 1_200_000)).toBe("Up to 20 min ago, 1,204 rows in all");
});
