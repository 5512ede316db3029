import type { EpochMs } from "../../../../contract/units.ts";
import { formatDuration, formatDurationShort } from "./duration.ts";

/** How long ago something was. A moment slightly ahead of us is a clock's difference, not the future. */
export function formatAgo(at: EpochMs, now: EpochMs): string {
  const ms = now - at;
  return ms < 2_000 ? "now" : `${formatDurationShort(ms)} ago`;
}

/** A clock that runs ahead of ours (positive) or behind it, in words; undefined where the difference is too small to matter. */
export function clockOffsetInWords(offsetMs: number): string | undefined {
  if (Math.abs(offsetMs) <= 2_000) return undefined;
  return `${formatDuration(Math.abs(offsetMs))} ${offsetMs > 0 ? "ahead of" : "behind"}`;
}
