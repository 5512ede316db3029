import { expect, test } from "vitest";
import { cloudOf, judgementOf } from "../live/testing.ts";
import { conditionInWords, instanceHref, statusInWords } from "./status-in-words.ts";

test("a silent instance is told as silence, never as down", () => {
  expect(statusInWords(0, 30_000, 240_000)).toBe("No data for 4 min");
});
test("an instance without a sample waits", () => expect(statusInWords(null, 30_000, 0)).toBe("Waiting for data"));
test("a verdict is told with how long it has been so, but for what is well", () => {
  const judged = (verdict: "down" | "up") => ({ judgement: judgementOf(verdict), intervalMs: 30_000, cloud: null });
  expect(conditionInWords(judged("down"), null, 12 * 60_000)).toBe("Down for 12 min");
  expect(conditionInWords(judged("up"), null, 12 * 60_000)).toBe("Up");
});
test("without a verdict it is what the agent's data says", () => {
  expect(conditionInWords({ judgement: null, intervalMs: 30_000, cloud: null }, 0, 240_000)).toBe("No data for 4 min");
});
test("the last verdict of a machine that is gone is no verdict any more", () => {
  const gone = { judgement: judgementOf("up"), intervalMs: 30_000, cloud: cloudOf({ goneAt: 60_000 }) };
  expect(conditionInWords(gone, null, 7 * 60_000)).toBe("Gone for 6 min");
  expect(conditionInWords(gone, 7 * 60_000, 7 * 60_000)).toBe("Up");
});
test("an id with reserved characters is one segment of the address", () => {
  expect(instanceHref("aws:i-1@eu")).toBe("/instances/aws%3Ai-1%40eu");
});
