import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Check } from "../../../../contract/checks.ts";
import { REFRESH_EVERY_MS } from "./check-list.svelte.ts";
import { CheckPage } from "./check-page.svelte.ts";

/** The server as far as the page asks it. */
const server = { check: {} as Partial<Check> };
const JUDGED = { verdict: "up", since: 1, reason: "/ answers", witnesses: [] } as const;
const WAITING: Partial<Check> = { judgement: null, isPaused: false, lastRoundAt: null, intervalMs: 120_000 };

beforeEach(() => {
  server.check = { ...WAITING, target: { kind: "tcp", host: "192.0.2.1", port: 22 } };
  vi.stubGlobal("fetch", async () =>
    Response.json({ now: 1_000, check: server.check, uptime: { spans: {}, days: [] }, seriesKeys: [], changes: [] }),
  );
});
afterEach(() => void vi.unstubAllGlobals());

test("a check that waits for its first round is asked for often, until it is judged", async () => {
  const page = new CheckPage("check:1", 3_600_000, 1_000);
  await page.load();
  expect(page.refreshEveryMs).toBeLessThanOrEqual(1_000);
  server.check = { ...server.check, judgement: { ...JUDGED, witnesses: [] } };
  await page.load();
  expect(page.refreshEveryMs).toBe(REFRESH_EVERY_MS);
});

test("one whose round does not come is not asked for often for ever", async () => {
  const page = new CheckPage("check:1", 3_600_000, 1_000);
  for (let loads = 0; loads < 20; loads++) await page.load();
  expect(page.refreshEveryMs).toBe(REFRESH_EVERY_MS);
});

test.each<[string, Partial<Check>]>([
  ["is paused", { isPaused: true }],
  ["waits for a job to call", { target: { kind: "heartbeat", periodMs: 60_000, graceMs: 60_000 } }],
])("one that %s is in no hurry", async (_what, change) => {
  server.check = { ...server.check, ...change };
  const page = new CheckPage("check:1", 3_600_000, 1_000);
  await page.load();
  expect(page.refreshEveryMs).toBe(REFRESH_EVERY_MS);
});
