import type { Readings } from "../../../../contract/metric.ts";

export interface Mount {
  path: string;
  usedRatio: number | undefined;
  usedBytes: number | undefined;
  totalBytes: number | undefined;
  availableBytes: number | undefined;
  inodesUsedRatio: number | undefined;
  isReadOnly: boolean;
}

/** The filesystems in the last sample, the fullest first. */
export function mountsOf(latest: Readings): Mount[] {
  const paths = new Set<string>();
  for (const key of Object.keys(latest)) {
    const colon = key.indexOf(":");
    if (colon > 0 && key.startsWith("filesystem_")) paths.add(key.slice(colon + 1));
  }
  const mounts = [...paths].map((path) => ({
    path,
    usedRatio: latest[`filesystem_used_ratio:${path}`],
    usedBytes: latest[`filesystem_used_bytes:${path}`],
    totalBytes: latest[`filesystem_total_bytes:${path}`],
    availableBytes: latest[`filesystem_available_bytes:${path}`],
    inodesUsedRatio: latest[`filesystem_inodes_used_ratio:${path}`],
    isReadOnly: (latest[`filesystem_read_only:${path}`] ?? 0) >= 0.5,
  }));
  return mounts.sort((a, b) => (b.usedRatio ?? -1) - (a.usedRatio ?? -1) || (a.path < b.path ? -1 : 1));
}
