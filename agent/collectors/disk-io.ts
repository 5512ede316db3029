import { Counters, type CounterRates } from "../counters.ts";
import type { Procfs } from "../procfs.ts";
import { dimensionKey, sumOf, worstOf, type Collected, type Collector } from "./collector.ts";

type Counter = "reads" | "readBytes" | "writes" | "writtenBytes" | "busyMs";
export type DiskCounters = Record<Counter, number>;

/** /proc/diskstats counts sectors of this size, whatever the disk's own are (kernel: include/linux/blk_types.h). */
const SECTOR_BYTES = 512;
/** Not disks, and the inner paths of a multipath NVMe, which its outer device counts again. */
const NOT_A_DISK = /^(z?ram|loop|fd|sr|nbd)\d+$|^nvme\d+c\d+n\d+/;
/** How partitions are called, for where /sys/block does not tell. */
const PARTITION = /^((h|s|v|xv)d[a-z]+\d+|(nvme\d+n\d+|mmcblk\d+|md\d+)p\d+)$/;
/** A machine of more disks than this tells its whole and the first ones. */
const DISKS_MAX = 32;

export function readDiskIo(procfs: Procfs): Map<string, DiskCounters> {
  const disks = parseDiskIo(procfs.need("/proc/diskstats"));
  // Only whole devices stand in /sys/block; a "/" in a device's name is a "!" there.
  const whole = procfs.list("/sys/block");
  for (const name of disks.keys()) {
    const isPartition = whole?.length ? !whole.includes(name.replaceAll("/", "!")) : PARTITION.test(name);
    if (NOT_A_DISK.test(name) || isPartition) disks.delete(name);
  }
  return disks;
}

/**
 * kernel: Documentation/admin-guide/iostats.rst. 14 fields, 18 since discards (4.18), 20 since flushes (5.5); partitions of
 * Linux 2.6 had 7 and are left out. Devices that never moved a byte are empty drives and spare loops: left out too.
 */
export function parseDiskIo(text: string): Map<string, DiskCounters> {
  const disks = new Map<string, DiskCounters>();
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/);
    if (fields.length < 14) continue;
    const value = (index: number) => Number(fields[index]);
    const counters: DiskCounters = {
      reads: value(3),
      readBytes: value(5) * SECTOR_BYTES,
      writes: value(7),
      writtenBytes: value(9) * SECTOR_BYTES,
      busyMs: value(12),
    };
    const sum = counters.reads + counters.writes + counters.busyMs + counters.readBytes + counters.writtenBytes;
    if (sum > 0) disks.set(fields[2]!, counters);
  }
  return disks;
}

/** LVM, encryption and RAID stand on other disks (`slaves`), which count the same bytes again. */
function standsOnAnother(name: string, procfs: Procfs): boolean {
  return (procfs.list(`/sys/block/${name.replaceAll("/", "!")}/slaves`)?.length ?? 0) > 0;
}

export function diskIoCollector(): Collector {
  const counters = new Counters<Counter>();
  return {
    name: "disk-io",
    collect: ({ procfs, monotonicMs }) => {
      const disks = readDiskIo(procfs);
      const rates = counters.ratesOf(disks, monotonicMs);
      const collected: Collected = {};
      for (const name of [...disks.keys()].slice(0, DISKS_MAX)) {
        const rate = rates.get(name);
        if (!rate) continue;
        collected[dimensionKey("disk_read_bytes_per_second", name)] = rate.readBytes;
        collected[dimensionKey("disk_write_bytes_per_second", name)] = rate.writtenBytes;
        collected[dimensionKey("disk_read_operations_per_second", name)] = rate.reads;
        collected[dimensionKey("disk_write_operations_per_second", name)] = rate.writes;
        collected[dimensionKey("disk_util_ratio", name)] = utilOf(rate);
      }
      const lowest = [...disks.keys()].filter((name) => !standsOnAnother(name, procfs)).map((name) => rates.get(name));
      return {
        ...collected,
        disk_read_bytes_per_second: sumOf(lowest.map((rate) => rate?.readBytes)),
        disk_write_bytes_per_second: sumOf(lowest.map((rate) => rate?.writtenBytes)),
        disk_read_operations_per_second: sumOf(lowest.map((rate) => rate?.reads)),
        disk_write_operations_per_second: sumOf(lowest.map((rate) => rate?.writes)),
        disk_util_ratio: worstOf(lowest.map((rate) => rate && utilOf(rate))),
      };
    },
  };
}

/** Milliseconds with something in flight per second. The kernel samples it by jiffies, so it may pass the whole by a hair. */
function utilOf(rate: CounterRates<Counter>): number | undefined {
  return rate.busyMs === undefined ? undefined : Math.min(1, rate.busyMs / 1_000);
}
