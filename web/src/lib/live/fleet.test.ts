import { beforeEach, describe, expect, test } from "vitest";
import type { FleetInstance, Instance } from "../../../../contract/instance.ts";
import { countsOf, Fleet } from "./fleet.svelte.ts";
import { conditionOf, CONDITIONS, isWithoutAgent, statusOf } from "./status.ts";
import { TAIL_STEP_MS, TAIL_WINDOW_MS } from "../../../../contract/limits.ts";
import { appendToTail, emptyTail } from "./tail.ts";
import { cloudOf, instanceOf, judgementOf } from "./testing.ts";

const factsOf = ({ latest: _latest, tail: _tail, ...instance }: FleetInstance): Instance => instance;

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
  fleet.apply({ type: "instance", now: 6_000, instance: factsOf(instanceOf("a", { name: "renamed" })) }, 5_000);
  expect(fleet.entries.get("a")!.instance.name).toBe("renamed");
  expect(fleet.entries.get("a")!.reading.latest).toEqual({ cpu_busy_ratio: 0.1 });
});

test("a new instance waits for its first sample", () => {
  fleet.apply({ type: "instance", now: 6_000, instance: factsOf(instanceOf("c", { lastSampleAt: null })) }, 5_000);
  expect(countsOf(fleet.entries.values(), 6_000)).toMatchObject({ live: 2, stale: 0, waiting: 1 });
});

test("what a discovery found comes at once, and the lists that follow are made anew once", () => {
  const before = fleet.membership;
  const found = Array.from({ length: 1_500 }, (_, index) =>
    factsOf(instanceOf(`vultr:${index}`, { lastSampleAt: null, cloud: cloudOf() })),
  );
  fleet.apply({ type: "instances", now: 6_000, instances: [...found, factsOf(instanceOf("a", { name: "x" }))] }, 5_000);
  expect(fleet.entries.size).toBe(1_502);
  expect(fleet.entries.get("a")!.instance.name).toBe("x");
  expect(fleet.entries.get("a")!.reading.latest).toEqual({ cpu_busy_ratio: 0.1 });
  expect(fleet.membership).toBe(before + 1);
});

test("an instance is found by what its provider knows of it", () => {
  const cloud = cloudOf({ plan: "VX1-2C", publicAddresses: ["2001:DB8::7"], tags: ["team:blue"] });
  fleet.apply({ type: "instances", now: 6_000, instances: [factsOf(instanceOf("a", { cloud }))] }, 5_000);
  for (const word of ["vultr", "vx1-2c", "2001:db8::7", "frankfurt", "team:blue", "ubuntu"]) {
    expect(fleet.entries.get("a")!.searchText).toContain(word);
  }
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

describe("condition", () => {
  const judged = { judgement: judgementOf("degraded"), intervalMs: 30_000, cloud: null };
  test("the verdict stands before what the agent's data says", () => {
    expect(conditionOf(judged, 0, 1e9)).toBe("degraded");
    expect(conditionOf({ ...judged, judgement: null }, 0, 1e9)).toBe("stale");
  });
  test("what its provider no longer lists is gone, unless its agent speaks", () => {
    const gone = { ...judged, cloud: cloudOf({ goneAt: 500 }) };
    expect(conditionOf(gone, null, 1_000)).toBe("gone");
    expect(conditionOf(gone, 900, 1e9)).toBe("gone");
    expect(conditionOf(gone, 900, 1_000)).toBe("degraded");
  });
  test("each is counted once, and every one has its place in the order", () => {
    fleet.apply({ type: "instances", now: 6_000, instances: [factsOf(instanceOf("a", judged))] }, 5_000);
    const counts = countsOf(fleet.entries.values(), 6_000);
    expect(counts).toEqual({ down: 0, unsure: 0, degraded: 1, stale: 0, waiting: 0, live: 1, up: 0, gone: 0 });
    expect(Object.keys(counts)).toEqual(CONDITIONS);
  });
});

test("without an agent is what is known by others alone, and never what an agent is awaited of", () => {
  const silent = { agentVersion: null, cloud: null, judgement: null };
  expect(isWithoutAgent(silent, null)).toBe(false);
  expect(isWithoutAgent({ ...silent, cloud: cloudOf() }, null)).toBe(true);
  expect(isWithoutAgent({ ...silent, judgement: judgementOf("up") }, null)).toBe(true);
  expect(isWithoutAgent({ ...silent, cloud: cloudOf() }, 1_000)).toBe(false);
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
