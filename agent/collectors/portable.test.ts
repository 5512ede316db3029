import { describe, expect, it } from "vitest";
import { portableCpuShares, portableLoad, portableMemory } from "./portable.ts";

const times = (user: number, idle: number) => ({ user, nice: 0, sys: 0, idle, irq: 0 });

describe("what Node knows of a machine without /proc", () => {
  it("gives shares of processor time between two readings", () => {
    expect(portableCpuShares(times(0, 0), times(25, 75))).toMatchObject({ cpu_busy_ratio: 0.25 });
  });

  it("gives none when a processor went away", () => {
    expect(portableCpuShares(times(100, 100), times(60, 70))).toEqual({});
  });

  it("does not call memory used on macOS, where free means something else", () => {
    expect(portableMemory("darwin", 100, 1)).toEqual({ memory_total_bytes: 100, memory_free_bytes: 1 });
    expect(portableMemory("win32", 100, 25)).toMatchObject({ memory_used_ratio: 0.75 });
  });

  it("has no load on Windows", () => {
    expect(portableLoad("win32", [0, 0, 0])).toEqual({});
    expect(portableLoad("darwin", [1, 2, 3])).toEqual({ load_1m: 1, load_5m: 2, load_15m: 3 });
  });
});
