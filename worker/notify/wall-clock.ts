import type { DurationMs, EpochMs } from "../../contract/units.ts";

/** The clock on the wall of a time zone, by what the runtime knows of it (`Intl`): a runtime may lack `Temporal`, or have it with a clock that stands still. */

/** Minutes on the wall since 1970-01-01 00:00 there, as if no day had more than 1,440. */
export type WallMinute = number;

const MINUTE_MS: DurationMs = 60_000;
const DAY_MS: DurationMs = 86_400_000;

/** The day on the wall, counted from 1970-01-01. */
export function dayOf(at: EpochMs, timeZone: string): number {
  return Math.floor((at + offsetAt(at, timeZone)) / DAY_MS);
}

/** The first moment at which the wall shows this minute, or the moment at which the clock jumps over it. */
export function startsAt(minute: WallMinute, timeZone: string): EpochMs {
  const { wall, before, after, jumpAt } = around(minute, timeZone);
  return wall - before < jumpAt ? wall - before : Math.max(wall - after, jumpAt);
}

/** The moment up to which the wall shows what is earlier than this minute, for the last time. */
export function endsAt(minute: WallMinute, timeZone: string): EpochMs {
  const { wall, before, after, jumpAt } = around(minute, timeZone);
  return wall - after > jumpAt ? wall - after : Math.min(wall - before, jumpAt);
}

/** The zone's offsets a day before and a day after, which are on both sides of any moment with this minute on its wall; and when the one gives way to the other. */
function around(minute: WallMinute, timeZone: string) {
  const wall = minute * MINUTE_MS;
  let earlier = wall - DAY_MS;
  let later = wall + DAY_MS;
  const before = offsetAt(earlier, timeZone);
  const after = offsetAt(later, timeZone);
  if (before === after) return { wall, before, after, jumpAt: Infinity };
  while (later - earlier > 1) {
    const middle = Math.floor((earlier + later) / 2);
    if (offsetAt(middle, timeZone) === before) earlier = middle;
    else later = middle;
  }
  return { wall, before, after, jumpAt: later };
}

/** A formatter takes longer to make than all else here; there are some hundred time zones. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** What the wall is ahead of UTC. */
function offsetAt(at: EpochMs, timeZone: string): DurationMs {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
    formatters.set(timeZone, formatter);
  }
  // 8/31/2026, GMT+05:30
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(formatter.format(at)) ?? [];
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE_MS;
  return sign === "-" ? -offset : offset;
}
