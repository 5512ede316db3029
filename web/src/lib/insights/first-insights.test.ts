import { expect, test } from "vitest";
import { firstInsightsInWords } from "./first-insights.ts";

const HOUR = 3_600_000;

test("a young fleet is told when the first insights come", () => {
  expect(firstInsightsInWords(0, 5 * HOUR)).toBe(
    "There is too little history to say what is usual. Expected: the first anomalies and forecasts in 43 h, daily patterns in 7 d, weekly ones in 28 d.",
  );
});

test("where they could have come, nothing is promised", () => {
  expect(firstInsightsInWords(0, 48 * HOUR)).toBeUndefined();
  expect(firstInsightsInWords(null, 5 * HOUR)).toBeUndefined();
});
