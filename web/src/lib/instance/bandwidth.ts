import type { Bandwidth } from "../../../../contract/providers.ts";
import { formatBytes } from "../format/bytes.ts";
import { formatRatio } from "../format/ratio.ts";

/** Undefined where either side is not known, or nothing is included. */
export function bandwidthRatio({ usedBytes, allowedBytes }: Bandwidth): number | undefined {
  return usedBytes === null || !allowedBytes ? undefined : usedBytes / allowedBytes;
}

/** `312 GiB of 1 TiB included · 30 %`, as far as it is known. */
export function bandwidthInWords(bandwidth: Bandwidth): string {
  const { usedBytes, allowedBytes } = bandwidth;
  const ratio = bandwidthRatio(bandwidth);
  if (usedBytes === null) {
    return allowedBytes === null ? "Not told" : `${formatBytes(allowedBytes)} included; what is used is not told`;
  }
  if (allowedBytes === null) return `${formatBytes(usedBytes)} used`;
  return `${formatBytes(usedBytes)} of ${formatBytes(allowedBytes)} included${ratio === undefined ? "" : ` · ${formatRatio(ratio)}`}`;
}
