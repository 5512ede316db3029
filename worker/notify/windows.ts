import type { NewSilence, Recurring } from "../../contract/silences.ts";
import type { EpochMs } from "../../contract/units.ts";
import { dayOf, endsAt, startsAt } from "./wall-clock.ts";

/**
 * When silences and quiet hours hold. A window is the shortest unbroken span that holds every moment at which the clock on the wall shows a
 * time within it. So where the clock jumps over its beginning or its end, that is the moment of the jump; one that lies wholly within the
 * hour that is left out does not take place; and where an hour comes twice, it begins with the first and ends with the second. One that
 * ends at the time it begins holds for a whole day.
 */

interface Span {
  from: EpochMs;
  /** Infinity: it never ends. */
  to: EpochMs;
}

const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;
/** A weekly window may fall into the hour that is left out: then the next is two weeks away. */
const DAYS_AHEAD = 14;
/** With a day's pause in a week no windows hang together for so long. */
const ENDLESS_MS = 8 * DAY_MS;

export function isActive(when: NewSilence["when"], now: EpochMs): boolean {
  return isIn(currentOrNext(when, now), now);
}

/** When it begins or ends next. Null where it is over, or holds always. */
export function nextChangeAt(when: NewSilence["when"], now: EpochMs): EpochMs | null {
  const span = currentOrNext(when, now);
  if (span === null) return null;
  if (span.from > now) return span.from;
  return span.to === Infinity ? null : span.to;
}

/** Null: nothing is quiet now. Hours that never end are told a week at a time: ask again then. */
export function quietUntil(quietHours: Recurring, now: EpochMs): EpochMs | null {
  const span = currentOrNextWeekly(quietHours, now);
  return isIn(span, now) ? Math.min(span.to, now + 7 * DAY_MS) : null;
}

function isIn(span: Span | null, now: EpochMs): span is Span {
  return span !== null && span.from <= now;
}

function currentOrNext(when: NewSilence["when"], now: EpochMs): Span | null {
  if (when.kind === "once") return now < when.to ? when : null;
  const until = when.until ?? Infinity;
  if (now >= until) return null;
  const span = currentOrNextWeekly(when, now);
  return span === null || span.from >= until ? null : { from: span.from, to: Math.min(span.to, until) };
}

/** The span that holds now, with all that follow it without a pause, or else the beginning of the next. */
function currentOrNextWeekly({ days, from, to, timeZone }: Recurring, now: EpochMs): Span | null {
  const [fromMinute, toMinute] = [minuteOf(from), minuteOf(to)];
  const lasts = toMinute > fromMinute ? toMinute - fromMinute : toMinute - fromMinute + DAY_MINUTES;
  const today = dayOf(now, timeZone);
  let current = null as Span | null;
  for (let day = today - 1; day <= today + DAYS_AHEAD; day++) {
    if (!days.includes(weekdayOf(day))) continue;
    const minute = day * DAY_MINUTES + fromMinute;
    const start = startsAt(minute, timeZone);
    if (current && start > current.to) return current;
    const end = endsAt(minute + lasts, timeZone);
    if (end <= now || end <= start) continue;
    if (start > now && !current) return { from: start, to: end };
    current = { from: current?.from ?? start, to: end };
    if (current.to - now > ENDLESS_MS) return { ...current, to: Infinity };
  }
  return current;
}

function minuteOf(clock: string): number {
  const [hours, minutes] = clock.split(":").map(Number);
  return hours! * 60 + minutes!;
}

/** 1 is Monday; the first day of all was a Thursday. */
function weekdayOf(day: number): number {
  return ((day + 3) % 7) + 1;
}
