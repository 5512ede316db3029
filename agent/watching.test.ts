import { describe, expect, it } from "vitest";
import { agentWatchedSchema, type AgentWatched } from "../contract/agent-link.ts";
import { ManualClock } from "./clock-for-tests.ts";
import { fixtureRoot } from "./collectors/fixture-for-tests.ts";
import { createCollectors } from "./collectors/index.ts";
import { EVERY_NAME } from "./name-list.ts";
import { Watching } from "./watching.ts";

function parts(intervalMs = 30_000) {
  const clock = new ManualClock();
  const root = fixtureRoot("debian-vm");
  const settings = { clock, nics: EVERY_NAME, filesystems: EVERY_NAME, includeNetworkFilesystems: false };
  let made = 0;
  let reads = 0;
  const watching = new Watching({
    root,
    clock,
    intervalMs,
    createCollectors: () => {
      made++;
      // All that answer at once: filesystems are asked by the real clock.
      return createCollectors(settings, root).filter(({ name }) => name !== "filesystem");
    },
    queueReadings: () => {
      reads++;
      return { agent_samples_waiting: 0 };
    },
  });
  const sent: AgentWatched[] = [];
  const state = { isTaken: true };
  const watch = (everyMs: number, forMs: number) =>
    watching.watch(everyMs, forMs, (watched) => {
      if (state.isTaken) sent.push(watched);
      return state.isTaken;
    });
  return { clock, watching, watch, sent, state, made: () => made, reads: () => reads };
}

describe("watching", () => {
  it("sends a whole reading every second, with rates from the first on, in words the contract takes", async () => {
    const { clock, watch, sent } = parts();
    watch(1_000, 300_000);
    await clock.pass(5_000);
    expect(sent).toHaveLength(5);
    for (const watched of sent) expect(agentWatchedSchema.parse(watched)).toEqual(watched);
    expect(sent[0]!.metrics).toHaveProperty("network_receive_bytes_per_second");
    expect(sent[1]!.at - sent[0]!.at).toBe(1_000);
    expect(sent[0]!.metrics).not.toHaveProperty("health_up");
  });

  it.each([
    [0, 30_000, 1_000],
    [1, 30_000, 1_000],
    [86_400_000, 30_000, 30_000],
    [1_000, 1_000, 1_000],
  ])("asked for every %d ms by an agent of %d ms it reads every %d", async (askedMs, ownMs, everyMs) => {
    const { clock, watch, sent } = parts(ownMs);
    watch(askedMs, 300_000);
    await clock.pass(60_000);
    expect(sent).toHaveLength(60_000 / everyMs);
  });

  it("ends by itself, after ten minutes at the latest, unless it is asked for again", async () => {
    const { clock, watch, sent, watching, made } = parts();
    watch(1_000, 5_000);
    await clock.pass(3_000);
    watch(1_000, 5_000);
    await clock.pass(100_000);
    expect([sent.length, watching.isOn, made()]).toEqual([7, false, 1]);
    watch(1_000, Number.MAX_SAFE_INTEGER);
    await clock.pass(3_600_000);
    expect([sent.length, watching.isOn]).toEqual([7 + 599, false]);
  });

  it("ends when nobody takes it, and when it is told to", async () => {
    const { clock, watch, sent, watching, state } = parts();
    watch(1_000, 300_000);
    await clock.pass(2_000);
    watching.end();
    await clock.pass(10_000);
    expect(sent).toHaveLength(2);
    watch(1_000, 300_000);
    state.isTaken = false;
    await clock.pass(10_000);
    expect([watching.isOn, clock.nextDelayMs]).toEqual([false, undefined]);
  });

  it("is not made to read faster by being asked again and again, or ended and begun", async () => {
    const { clock, watch, watching, made, reads } = parts();
    for (let round = 0; round < 100; round++) {
      if (round % 3 === 0) watching.end();
      watch(round % 2 ? 1_000 : 2_000, 300_000);
      await clock.pass(100);
    }
    expect(made()).toBeGreaterThan(10);
    expect(reads()).toBeLessThanOrEqual(11);
  });
});
