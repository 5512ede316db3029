import { beforeEach, describe, expect, test } from "vitest";
import type { FleetInstance } from "../../../../contract/instance.ts";
import { countsOf, Fleet } from "./fleet.svelte.ts";
import { statusOf } from "./status.ts";
import { TAIL_STEP_MS, TAIL_WINDOW_MS } from "../../../../contract/limits.ts";
import { appendToTail, emptyTail } from "./tail.ts";

const instanceOf = (id: string, over: Partial<FleetInstance> = {}): FleetInstance => ({
  id,
  name: id,
  region: "fra",
  type: null,
  hostname: null,
  os: null,
  kernel: null,
  arch: null,
  cpuModel: null,
  cpuCount: 2,
  memoryTotalBytes: null,
  bootAt: null,
  healthEndpoint: null,
  agentVersion: null,
  intervalMs: 30_000,
  clockOffsetMs: 0,
  tags: [],
  clonedAt: null,
  firstSeenAt: 0,
  lastSampleAt: 1_000,
  latest: { cpu_busy_ratio: 0.1 },
  tail: emptyTail(),
  ...over,
});

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
  fleet.apply({ type: "snapshot", version: 1, now: 5_000, instances: [instanceOf("a"), instanceOf("b")] }, 4_000);
});

test("before the first snapshot the fleet is not known, which is not the same as empty", () => {
  expect(new Fleet().isKnown).toBe(false);
  expect(fleet.isKnown).toBe(true);
});

test("the difference between the clocks is learnt from the server", () => expect(fleet.offsetMs).toBe(1_000));

test("a frame changes the instances it names and no other", () => {
  const before = fleet.entries.get("b")!.reading;
  const samples = [{ instanceId: "a", at: 2_000, metrics: { cpu_busy_ratio: 0.9 } }];
  fleet.apply({ type: "frame", now: 6_000, samples }, 5_000);
  expect(fleet.entries.get("a")!.reading).toMatchObject({ lastSampleAt: 2_000, latest: { cpu_busy_ratio: 0.9 } });
  expect(fleet.entries.get("b")!.reading).toBe(before);
});

test("a sample older than the last one changes nothing", () => {
  fleet.apply({ type: "frame", now: 6_000, samples: [{ instanceId: "a", at: 900, metrics: {} }] }, 5_000);
  expect(fleet.entries.get("a")!.reading.latest).toEqual({ cpu_busy_ratio: 0.1 });
});

test("a sample of an unknown instance is no reason to fail", () => {
  fleet.apply({ type: "frame", now: 6_000, samples: [{ instanceId: "x", at: 1, metrics: {} }] }, 5_000);
  expect(fleet.entries.size).toBe(2);
});

test("changed facts keep the readings", () => {
  const { latest: _latest, tail: _tail, ...instance } = instanceOf("a", { name: "renamed" });
  fleet.apply({ type: "instance", now: 6_000, instance }, 5_000);
  expect(fleet.entries.get("a")!.instance.name).toBe("renamed");
  expect(fleet.entries.get("a")!.reading.latest).toEqual({ cpu_busy_ratio: 0.1 });
});

test("a new instance waits for its first sample", () => {
  const { latest: _latest, tail: _tail, ...instance } = instanceOf("c", { lastSampleAt: null });
  fleet.apply({ type: "instance", now: 6_000, instance }, 5_000);
  expect(countsOf(fleet.entries.values(), 6_000)).toEqual({ live: 2, stale: 0, waiting: 1 });
});

test("a snapshot after a reconnect replaces the fleet but keeps the entries that stay", () => {
  const kept = fleet.entries.get("a");
  fleet.apply({ type: "snapshot", version: 1, now: 9_000, instances: [instanceOf("a", { name: "x" })] }, 8_000);
  expect([...fleet.entries.keys()]).toEqual(["a"]);
  expect(fleet.entries.get("a")).toBe(kept);
  expect(kept!.instance.name).toBe("x");
});

test("a removed instance is gone", () => {
  fleet.apply({ type: "removed", now: 6_000, instanceId: "a" }, 5_000);
  expect([...fleet.entries.keys()]).toEqual(["b"]);
});

test("a later version of the messages is noticed", () => {
  fleet.apply({ type: "snapshot", version: 2 as never, now: 6_000, instances: [] }, 5_000);
  expect(fleet.isOutdated).toBe(true);
});

describe("status", () => {
  test("three missed intervals make an instance stale, and not one earlier", () => {
    expect(statusOf(0, 30_000, 90_000)).toBe("live");
    expect(statusOf(0, 30_000, 90_001)).toBe("stale");
  });
  test("an instance that never sent a sample waits", () => expect(statusOf(null, 30_000, 1e12)).toBe("waiting"));
});

describe("tail", () => {
  test("what the sample did not carry is a gap", () => {
    const tail = appendToTail(emptyTail(), 1_000, { cpu_busy_ratio: 0.5 });
    expect(tail.values.cpu_busy_ratio).toEqual([0.5]);
    expect(tail.values.memory_used_ratio).toEqual([null]);
  });

  test("samples of every second do not grow it faster than its step", () => {
    let tail = emptyTail();
    for (let at = 0; at <= 10 * TAIL_STEP_MS; at += 1_000) tail = appendToTail(tail, at, { memory_used_ratio: at });
    expect(tail.at.length).toBeLessThanOrEqual(13);
    expect(tail.at.at(-1)).toBe(10 * TAIL_STEP_MS);
    expect(tail.values.memory_used_ratio.at(-1)).toBe(10 * TAIL_STEP_MS);
  });

  test("it reaches back its window and no further", () => {
    let tail = emptyTail();
    for (let at = 0; at <= 3 * TAIL_WINDOW_MS; at += TAIL_STEP_MS) tail = appendToTail(tail, at, {});
    expect(tail.at[0]).toBe(2 * TAIL_WINDOW_MS);
    expect(tail.values.memory_used_ratio).toHaveLength(tail.at.length);
  });
});
