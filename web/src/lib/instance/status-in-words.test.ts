import { expect, test } from "vitest";
import { instanceHref, statusInWords } from "./status-in-words.ts";

test("a silent instance is told as silence, never as down", () => {
  expect(statusInWords(0, 30_000, 240_000)).toBe("No data for 4 min");
});
test("an instance without a sample waits", () => expect(statusInWords(null, 30_000, 0)).toBe("Waiting for data"));
test("an id with reserved characters is one segment of the address", () => {
  expect(instanceHref("aws:i-1@eu")).toBe("/instances/aws%3Ai-1%40eu");
});
