import { describe, expect, it } from "vitest";
import { judgeHeartbeat } from "./heartbeat.ts";

const HOUR = 3_600_000;
const NOW = 1_790_000_000_000;
/** Every day, an hour late at most. */
const daily = { name: "backup", periodMs: 24 * HOUR, graceMs: HOUR, createdAt: NOW - 100 * HOUR };

describe("a job that calls every day", () => {
  it.each<[says: string, beat: number | null, fail: number | null, verdict: string | null, reason?: string]>([
    ["is up after a call", 1, null, "up", "calls in time"],
    ["is up until its period and grace have passed", 25, null, "up"],
    [
      "is down after that, on its own word alone",
      25 + 1 / 3_600,
      null,
      "down",
      "no call for 25 h; expected every 24 h",
    ],
    ["is down for as long as it does not call", 400, null, "down", "no call for 16 days; expected every 24 h"],
    ["is down when its last call said it failed", 5, 2, "down", "the job said it failed"],
    ["is up when it called again after a failure", 2, 5, "up"],
    ["is down when its only call said it failed", null, 2, "down", "the job said it failed"],
    ["is still the job that failed when it has been silent since", 80, 60, "down", "the job said it failed"],
    ["is up after a call from the future: the clock was set back", -3, null, "up"],
  ])("%s", (_, beat, fail, verdict, reason) => {
    const ago = (hours: number | null) => (hours === null ? null : NOW - hours * HOUR);
    const found = judgeHeartbeat({ ...daily, lastBeatAt: ago(beat), lastFailAt: ago(fail) }, NOW)!;
    expect(found.verdict).toBe(verdict);
    if (reason !== undefined) expect(found.reason).toBe(reason);
    expect(found.witnesses).toEqual([
      { kind: "heartbeat", name: "backup", says: verdict, words: found.reason, at: expect.any(Number) },
    ]);
    expect(found.witnesses[0]!.at).toBeLessThanOrEqual(NOW);
  });

  it("waits for its first call as long as it would for any other, and then never called", () => {
    const silent = { ...daily, lastBeatAt: null, lastFailAt: null };
    expect(judgeHeartbeat({ ...silent, createdAt: NOW - 25 * HOUR }, NOW)).toBeNull();
    expect(judgeHeartbeat({ ...silent, createdAt: NOW + HOUR }, NOW)).toBeNull();
    expect(judgeHeartbeat({ ...silent, createdAt: NOW - 25 * HOUR - 1 }, NOW)).toMatchObject({
      verdict: "down",
      reason: "never called; expected every 24 h",
    });
  });
});
