import { statfs } from "node:fs/promises";
import type { DurationMs } from "../../contract/units.ts";
import type { Clock } from "../clock.ts";
import type { Procfs } from "../procfs.ts";
import { dimensionKey, sumOf, worstOf, type Collected, type Collector } from "./collector.ts";
import { parseMountinfo, readOnlyOf, watchedMounts, type Mount, type MountRules } from "./mountinfo.ts";

/** What statfs(2) tells, in blocks of `bsize` bytes and in inodes. */
export interface StatFs {
  bsize: number;
  blocks: number;
  bfree: number;
  bavail: number;
  files: number;
  ffree: number;
}
export type ReadStatFs = (path: string) => Promise<StatFs>;

export interface FilesystemSpace {
  totalBytes: number;
  usedBytes: number;
  availableBytes: number;
  usedRatio: number | undefined;
  inodesUsedRatio: number | undefined;
}

const STATFS_LIMIT_MS: DurationMs = 1_500;
/** Each hung statfs holds one of libuv's four threads, which name look-ups need too. */
const HUNG_MAX = 2;
const FILESYSTEMS_MAX = 32;

export function readMounts(procfs: Procfs): Mount[] {
  return parseMountinfo(procfs.need("/proc/self/mountinfo"));
}

/**
 * Space as `df` tells it: the share in use is of what ordinary users can have, because a share of blocks is kept for root.
 * A filesystem without blocks has no share, one without fixed inodes (btrfs) no share of inodes.
 */
export function parseStatFs(stat: StatFs): FilesystemSpace {
  const usedBytes = Math.max(0, stat.blocks - stat.bfree) * stat.bsize;
  const availableBytes = Math.max(0, stat.bavail) * stat.bsize;
  return {
    totalBytes: stat.blocks * stat.bsize,
    usedBytes,
    availableBytes,
    usedRatio: usedBytes + availableBytes > 0 ? usedBytes / (usedBytes + availableBytes) : undefined,
    inodesUsedRatio: stat.files > 0 ? Math.min(1, Math.max(0, stat.files - stat.ffree) / stat.files) : undefined,
  };
}

export function filesystemCollector(rules: MountRules & { clock: Clock }, read: ReadStatFs = statfs): Collector {
  const hung = new Set<string>();

  // A statfs that does not answer cannot be called back; its mount is left alone until it does.
  async function spaceOf(path: string): Promise<FilesystemSpace | undefined> {
    if (hung.has(path)) return undefined;
    if (hung.size >= HUNG_MAX) throw new Error(`statfs hangs on ${[...hung].join(", ")}`);
    hung.add(path);
    const answer = read(path).finally(() => hung.delete(path));
    answer.catch(() => {});
    const stat = await firstWithin(answer, STATFS_LIMIT_MS, rules.clock);
    return stat && stat.blocks > 0 ? parseStatFs(stat) : undefined;
  }

  return {
    name: "filesystem",
    collect: async ({ procfs }) => {
      const mounts = readMounts(procfs);
      const isReadOnly = readOnlyOf(mounts);
      const spaces: { mount: Mount; space: FilesystemSpace; isReadOnly: boolean }[] = [];
      for (const mount of watchedMounts(mounts, rules).slice(0, FILESYSTEMS_MAX)) {
        const space = await spaceOf(procfs.root + mount.mountPoint).catch(absentWhereForbidden);
        if (space) spaces.push({ mount, space, isReadOnly: isReadOnly(mount) });
      }
      return { ...perMount(spaces), ...wholeOf(spaces) };
    },
  };
}

type Watched = readonly { mount: Mount; space: FilesystemSpace; isReadOnly: boolean }[];

function perMount(spaces: Watched): Collected {
  const collected: Collected = {};
  for (const { mount, space, isReadOnly } of spaces) {
    const key = mount.mountPoint;
    collected[dimensionKey("filesystem_total_bytes", key)] = space.totalBytes;
    collected[dimensionKey("filesystem_used_bytes", key)] = space.usedBytes;
    collected[dimensionKey("filesystem_available_bytes", key)] = space.availableBytes;
    collected[dimensionKey("filesystem_used_ratio", key)] = space.usedRatio;
    collected[dimensionKey("filesystem_inodes_used_ratio", key)] = space.inodesUsedRatio;
    collected[dimensionKey("filesystem_read_only", key)] = isReadOnly ? 1 : 0;
  }
  return collected;
}

function wholeOf(spaces: Watched): Collected {
  // The datasets of one ZFS pool each count the pool's free space as theirs: it is added once.
  const pools = new Map<string, { usedBytes: number; availableBytes: number; totalBytes: number }>();
  for (const { mount, space } of spaces) {
    if (mount.type !== "zfs") {
      pools.set(mount.device, space);
      continue;
    }
    const key = `zfs:${mount.source.split("/")[0]}`;
    const usedBytes = (pools.get(key)?.usedBytes ?? 0) + space.usedBytes;
    const availableBytes = Math.max(pools.get(key)?.availableBytes ?? 0, space.availableBytes);
    pools.set(key, { usedBytes, availableBytes, totalBytes: usedBytes + availableBytes });
  }
  const whole = [...pools.values()];
  return {
    filesystem_total_bytes: sumOf(whole.map((pool) => pool.totalBytes)),
    filesystem_used_bytes: sumOf(whole.map((pool) => pool.usedBytes)),
    filesystem_available_bytes: sumOf(whole.map((pool) => pool.availableBytes)),
    filesystem_used_ratio: worstOf(spaces.map(({ space }) => space.usedRatio)),
    filesystem_inodes_used_ratio: worstOf(spaces.map(({ space }) => space.inodesUsedRatio)),
    filesystem_read_only: worstOf(spaces.map(({ isReadOnly }) => (isReadOnly ? 1 : 0))),
  };
}

/** A mount this user may not look at, or one that went away since it was listed, is absent; it does not hide the others. */
function absentWhereForbidden(error: NodeJS.ErrnoException): undefined {
  if (error.code === undefined) throw error;
}

function firstWithin<Value>(answer: Promise<Value>, limitMs: DurationMs, clock: Clock): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () => resolve(undefined));
    answer.then(resolve, reject).finally(cancel);
  });
}
