import type { EpochMs } from "../../../../contract/units.ts";

/** A moment as a day and a time, to the minute, in the reader's own time: `24 Nov 2026, 16:09`. */
export function formatMoment(at: EpochMs): string {
  return new Date(at).toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
}

/** How long something is still good for: `in 6 d`, `over`. */
export function formatUntil(at: EpochMs, now: EpochMs): string {
  const minutes = Math.round((at - now) / 60_000);
  if (minutes < 1) return at > now ? "in less than a minute" : "over";
  if (minutes < 60) return `in ${minutes} min`;
  // Rounded: what was made a second ago for a week is good for a week.
  return minutes < 2 * 1_440 ? `in ${Math.round(minutes / 60)} h` : `in ${Math.round(minutes / 1_440)} d`;
}
