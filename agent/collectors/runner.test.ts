import { describe, expect, it } from "vitest";
import { ManualClock } from "../clock-for-tests.ts";
import type { Log } from "../log.ts";
import { Procfs } from "../procfs.ts";
import { COLLECTOR_LIMIT_MS, dimensionKey, type Collector } from "./collector.ts";
import { Runner } from "./runner.ts";

function runnerOf(...collectors: Collector[]) {
  const clock = new ManualClock();
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log: Log = { info: write, warn: write, debug: write };
  const runner = new Runner(collectors, clock, log);
  const tick = async (passMs = 0) => {
    const answer = runner.collectAll({ monotonicMs: clock.monotonic, procfs: new Procfs("/") });
    await clock.pass(passMs);
    return answer;
  };
  return { clock, lines, tick };
}

const load: Collector = { name: "load", collect: () => ({ load_1m: 1 }) };

describe("the runner", () => {
  it("lets one collector fail alone, and tells it once when it begins and once when it ends", async () => {
    let isBroken = true;
    const cpu: Collector = {
      name: "cpu",
      collect: () => {
        if (isBroken) throw new Error("/proc/stat does not exist");
        return {};
      },
    };
    const { lines, tick } = runnerOf(cpu, load);
    for (let count = 0; count < 3; count++) {
      expect(await tick()).toMatchObject({
        load_1m: 1,
        "agent_collector_failed:cpu": 1,
        "agent_collector_failed:load": 0,
        agent_collector_failed: 1,
      });
    }
    isBroken = false;
    expect(await tick()).toMatchObject({ "agent_collector_failed:cpu": 0, agent_collector_failed: 0 });
    expect(lines).toEqual([
      expect.stringContaining("Collector cpu failed: /proc/stat does not exist"),
      "Collector cpu works again",
    ]);
  });

  it("times each collector and the whole", async () => {
    const clockTaker: Collector = { name: "cpu", collect: () => ((parts.clock.monotonic += 20), {}) };
    const parts = runnerOf(clockTaker, load);
    expect(await parts.tick()).toMatchObject({
      "agent_collect_seconds:cpu": 0.02,
      "agent_collect_seconds:load": 0,
      agent_collect_seconds: 0.02,
    });
  });

  it("leaves a collector behind that does not answer, and skips it until it does", async () => {
    let answer: (collected: object) => void = () => {};
    let calls = 0;
    const hanging: Collector = {
      name: "filesystem",
      collect: () => new Promise((resolve) => (calls++, (answer = resolve))),
    };
    const { tick, clock } = runnerOf(hanging, load);
    expect(await tick(COLLECTOR_LIMIT_MS)).toMatchObject({ "agent_collector_failed:filesystem": 1, load_1m: 1 });
    expect(await tick()).toMatchObject({ "agent_collector_failed:filesystem": 1, load_1m: 1 });
    expect(calls).toBe(1);
    answer({});
    await clock.pass(0);
    const third = tick();
    answer({});
    expect(await third).toMatchObject({ "agent_collector_failed:filesystem": 0 });
  });
});

describe("a key with a dimension", () => {
  it("is always one the wire takes", () => {
    expect(dimensionKey("filesystem_used_ratio", `/a"b',c\\d\ne`)).toBe("filesystem_used_ratio:/a_b__c_d_e");
    expect(dimensionKey("disk_util_ratio", "")).toBe("disk_util_ratio:_");
    expect(dimensionKey("disk_util_ratio", "ä".repeat(200))).toBe(`disk_util_ratio:${"ä".repeat(96)}`);
  });
});
