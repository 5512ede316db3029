import { describe, expect, it } from "vitest";
import { parseLoad } from "./load.ts";
import { readBootAt, readBootId, parseUptime } from "./uptime.ts";
import { parseProcesses, readProcesses } from "./processes.ts";
import { fixture } from "./fixture-for-tests.ts";

describe("the load collector", () => {
  it("takes the three averages", () => {
    expect(parseLoad("0.01 0.11 2.10 1/82 6384\n")).toEqual({ load_1m: 0.01, load_5m: 0.11, load_15m: 2.1 });
  });

  it.each(["", "x y z", "0.1 0.2"])("fails on %j rather than tell of no load", (text) => {
    expect(() => parseLoad(text)).toThrow("three numbers");
  });
});

describe("the uptime collector", () => {
  it("takes the first figure", () => {
    expect(parseUptime("897.22 1635.44\n")).toBe(897.22);
    expect(parseUptime("nonsense")).toBeUndefined();
  });

  it("reckons the start from the uptime, to the second", () => {
    expect(readBootAt(fixture("lxc-container"), 1_800_000_000_600)).toBe(1_800_000_000_000 - 86_400_000);
  });

  it("knows the boot by its id, and not where there is none", () => {
    expect(readBootId(fixture("debian-vm"))).toMatch(/^[0-9a-f-]{36}$/);
    expect(readBootId(fixture("linux-3.10"))).toBeUndefined();
  });
});

describe("the processes collector", () => {
  it("counts processes, not threads", () => {
    expect(readProcesses(fixture("debian-vm")).processes_total).toBe(2);
  });

  it("tells of none rather than of zero where /proc hides them", () => {
    expect(readProcesses(fixture("linux-3.10")).processes_total).toBeUndefined();
  });

  it("tells what runs and what waits", () => {
    expect(parseProcesses("procs_running 3\nprocs_blocked 1\n")).toEqual({
      processes_running: 3,
      processes_blocked: 1,
    });
  });
});
