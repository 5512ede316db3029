import { describe, expect, it } from "vitest";
import { diskIoCollector, parseDiskIo, readDiskIo } from "./disk-io.ts";
import { fixture, readingsOf, textsAsProcfs, told } from "./fixture-for-tests.ts";

describe("the disk collector", () => {
  it("takes whole disks: no partitions, loops or memory", () => {
    expect([...readDiskIo(fixture("raid-and-bond")).keys()]).toEqual(["sda", "sdb", "md0", "dm-0", "nvme0n1"]);
  });

  it("knows partitions by their name where /sys does not tell, and leaves out drives that never moved a byte", () => {
    expect([...readDiskIo(fixture("linux-3.10")).keys()]).toEqual(["sda"]);
  });

  it.each([
    ["14 fields", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11"],
    ["18 fields", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15"],
    ["20 fields", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"],
  ])("reads %s, in sectors of 512 bytes", (_, line) => {
    expect(parseDiskIo(line).get("sda")).toEqual({
      reads: 1,
      readBytes: 1_536,
      writes: 5,
      writtenBytes: 3_584,
      busyMs: 10,
    });
  });

  it("does not count RAID and LVM again in the whole, but shows them", async () => {
    const before = fixture("raid-and-bond");
    const after = fixture("raid-and-bond");
    const grown = before
      .need("/proc/diskstats")
      .replace(/^( *\d+ +\d+ (?:sda|sdb|md0|dm-0)) (\d+)/gm, (_, name, reads) => {
        return `${name} ${Number(reads) + 10}`;
      });
    const text = after.text.bind(after);
    after.text = (path) => (path === "/proc/diskstats" ? grown : text(path));
    const [, second] = await readingsOf(diskIoCollector(), before, after);
    expect(second).toMatchObject({
      disk_read_operations_per_second: 20,
      "disk_read_operations_per_second:md0": 10,
      "disk_read_operations_per_second:dm-0": 10,
    });
  });

  it("caps the busy share at the whole, and counts on over a wrap of its milliseconds", async () => {
    const at = (busyMs: number) => textsAsProcfs({ "/proc/diskstats": `8 0 sda 1 0 1 0 1 0 1 0 0 ${busyMs} 0\n` });
    const [, second, third] = await readingsOf(diskIoCollector(), at(2 ** 32 - 200), at(300), at(1_400));
    expect(second).toMatchObject({ disk_util_ratio: 0.5 });
    expect(third).toMatchObject({ disk_util_ratio: 1 });
  });

  it("tells nothing at the first reading", async () => {
    const [first] = await readingsOf(diskIoCollector(), fixture("debian-vm"));
    expect(told(first)).toEqual({});
  });
});
