import { expect, test } from "vitest";
import type { ProviderAccount } from "../../../../contract/providers.ts";
import { countsInWords, freshnessInWords, stateOf } from "./account-in-words.ts";

const account = (over: Partial<ProviderAccount> = {}): ProviderAccount => ({
  id: "1",
  kind: "vultr",
  name: "Work",
  keyHint: "a1b2c3",
  endpoint: null,
  regions: [],
  isPaused: false,
  createdAt: 0,
  lastAttemptAt: 60_000,
  lastDiscoveredAt: 60_000,
  problem: null,
  instances: 1_500,
  running: 1_488,
  healthy: 1_480,
  monthlyCost: {},
  ...over,
});
const problem = { code: "key_refused", message: "No.", remedy: "A new key.", since: 0 } as const;

test("an account that nobody lists is paused, whatever went wrong before", () => {
  expect(stateOf(account())).toBe("well");
  expect(stateOf(account({ problem }))).toBe("troubled");
  expect(stateOf(account({ problem, isPaused: true }))).toBe("paused");
  expect(stateOf(account({ lastDiscoveredAt: null }))).toBe("waiting");
});

test("what is known is told with its age, in trouble and in a pause as well", () => {
  expect(freshnessInWords(account(), 60_000 + 240_000)).toBe("Listed 4 min ago");
  expect(freshnessInWords(account({ isPaused: true }), 60_000 + 240_000)).toBe("Paused. Listed 4 min ago");
  expect(freshnessInWords(account({ lastDiscoveredAt: null }), 0)).toBe("Not listed yet");
});

test("what an account lists is counted", () => {
  expect(countsInWords(account())).toBe("1,500 instances · 1,488 running · 1,480 up");
  expect(countsInWords(account({ instances: 1, running: 1, healthy: 0 }))).toBe("1 instance · 1 running · 0 up");
  expect(countsInWords(account({ instances: 0, running: 0, healthy: 0 }))).toBe("No instances");
});
