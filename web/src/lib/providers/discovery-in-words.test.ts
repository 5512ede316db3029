import { expect, test } from "vitest";
import type { DiscoveryReport } from "../../../../contract/providers.ts";
import { discoveryInWords, foundInWords, newsInWords, removalInWords } from "./discovery-in-words.ts";

const report = (over: Partial<DiscoveryReport> = {}): DiscoveryReport => ({
  account: { name: "Work" } as DiscoveryReport["account"],
  found: 1_500,
  added: 0,
  changed: 0,
  gone: 0,
  isPartial: false,
  tookMs: 2_134,
  ...over,
});

test("what was found is told with how long it took", () => {
  expect(foundInWords(report())).toBe("Found 1,500 instances in 2.1 s");
  expect(foundInWords(report({ found: 1, tookMs: 412 }))).toBe("Found 1 instance in 412 ms");
  expect(foundInWords(report({ found: 0 }))).toBe("Found no instances in 2.1 s");
});

test("what changed is told, and what did not is left out", () => {
  expect(newsInWords(report({ added: 3, gone: 1_000 }))).toBe("3 new, 1,000 gone");
  expect(newsInWords(report())).toBeUndefined();
});

test("a list that is not whole yet says so", () => {
  expect(discoveryInWords(report({ isPartial: true, added: 2 }))).toBe(
    "Work: found 1,500 instances in 2.1 s, 2 new. More is being listed.",
  );
});

test("before an account is removed it is said what stays and what goes", () => {
  expect(removalInWords(12, 1_488)).toBe(
    "Its key is forgotten here; at the provider nothing changes. 12 instances with an agent stay, with all history. 1,488 instances without one go, with checks and history, for good.",
  );
  expect(removalInWords(0, 1)).toContain("1 instance without one goes");
  expect(removalInWords(0, 0)).toBe("Its key is forgotten here; at the provider nothing changes.");
});
