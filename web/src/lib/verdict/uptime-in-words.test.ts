import { expect, test } from "vitest";
import { formatUptime, lostInWords, uptimeInWords } from "./uptime-in-words.ts";

const uptime = (over: object) => ({ upSeconds: 0, degradedSeconds: 0, downSeconds: 0, unknownSeconds: 0, ...over });

test.each([
  [1, "100 %"],
  [0.999, "99.9 %"],
  [0.99995, "99.995 %"],
  [0.9999999, "99.999 %"],
  [0.98765, "98.76 %"],
  [0.5, "50 %"],
  [0, "0 %"],
  [null, "–"],
])("a ratio of %s is %s", (ratio, words) => expect(formatUptime(ratio)).toBe(words));

test("what was lost is told with its time, and so is what nobody knows", () => {
  expect(lostInWords(uptime({ upSeconds: 86_400 }))).toBeUndefined();
  expect(uptimeInWords(uptime({ upSeconds: 86_220, downSeconds: 180, unknownSeconds: 7_200 }))).toBe(
    "99.79 % up: down 3 min, 2 h unknown",
  );
});

test("time in which nobody could tell is neither up nor down", () => {
  expect(uptimeInWords(uptime({ unknownSeconds: 7_200 }))).toBe("Nobody could tell: 2 h unknown");
  expect(uptimeInWords(uptime({}))).toBe("No data");
  expect(uptimeInWords(uptime({ upSeconds: 10, unknownSeconds: 86_390 }))).toMatch(/^100 % up: .* unknown$/);
});
