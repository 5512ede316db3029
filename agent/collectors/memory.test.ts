import { describe, expect, it } from "vitest";
import { fixture } from "./fixture-for-tests.ts";
import { parseArcstats, parseMemory, readMemory } from "./memory.ts";

const KIB = 1_024;

describe("the memory collector", () => {
  it("takes what is available from the kernel", () => {
    const memory = parseMemory(readMemory(fixture("debian-vm")));
    expect(memory.memory_total_bytes).toBe(24_684_084 * KIB);
    expect(memory.memory_used_bytes).toBe(memory.memory_total_bytes! - memory.memory_available_bytes!);
    expect(memory.memory_used_ratio).toBeGreaterThan(0);
    expect(memory.memory_zfs_arc_bytes).toBeUndefined();
  });

  it("estimates what is available where the kernel does not say: free and cached, without shared memory", () => {
    expect(parseMemory(readMemory(fixture("linux-3.10")))).toMatchObject({
      memory_available_bytes: (200_000 + 50_000 + 300_000 + 60_000 - 30_000) * KIB,
      memory_used_bytes: 420_000 * KIB,
    });
  });

  it("tells a container its own limit, and counts as used what cannot be given back", () => {
    expect(parseMemory(readMemory(fixture("lxc-container")))).toEqual({
      memory_total_bytes: 536_870_912,
      memory_used_bytes: 314_572_800 - 104_857_600,
      memory_available_bytes: 536_870_912 - 209_715_200,
      memory_used_ratio: 209_715_200 / 536_870_912,
      memory_free_bytes: 536_870_912 - 314_572_800,
      memory_cached_bytes: 120_000_000,
    });
  });

  it.each(["max\n", "99999999999999999\n", "0\n"])("keeps the machine's own figures under a limit of %j", (max) => {
    const texts = readMemory(fixture("debian-vm"));
    expect(parseMemory({ ...texts, cgroup: { max, current: "1\n", stat: "" } })).toEqual(parseMemory(texts));
  });

  it("does not count the ZFS cache as used, down to what ZFS keeps", () => {
    const arcstats = "c_min 4 100000\nsize 4 30100000\n";
    expect(parseArcstats(arcstats)).toEqual({ sizeBytes: 30_100_000, shrinkableBytes: 30_000_000 });
    const meminfo = "MemTotal: 100000 kB\nMemFree: 10000 kB\nMemAvailable: 20000 kB\n";
    expect(parseMemory({ meminfo, arcstats })).toMatchObject({
      memory_zfs_arc_bytes: 30_100_000,
      memory_available_bytes: 20_000 * KIB + 30_000_000,
    });
  });

  it("never tells of less than nothing used", () => {
    const meminfo = "MemTotal: 1000 kB\nMemFree: 900 kB\nMemAvailable: 1200 kB\n";
    expect(parseMemory({ meminfo })).toMatchObject({ memory_used_bytes: 0, memory_used_ratio: 0 });
  });

  it("has no value for a text that is no meminfo", () => {
    expect(parseMemory({ meminfo: "" })).toEqual({});
  });
});
