import { UPTIME_SPANS, type UptimeSpan } from "../../contract/uptime.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Uptime, UptimeReport } from "../../contract/verdict.ts";
import type { UptimeDay } from "./table.ts";
import { DAY_SECONDS, HOUR_SECONDS, mergeDays, UPTIME_DAYS_KEPT, type UptimeHour, type UptimeState } from "./uptime.ts";

/** Days as they are stored. */
export interface KeptDays {
  /** The last 90 days, which lists show. */
  recent: UptimeDay[];
  older: UptimeDay[];
}

/** Puts finished days to those that are stored, moves what is no longer recent, and forgets what is older than a year. */
export function keptWith({ recent, older }: KeptDays, finished: readonly UptimeDay[], now: EpochMs): KeptDays {
  const today = dayOf(now);
  const days = mergeDays(older, recent, finished).filter(([day]) => day > today - UPTIME_DAYS_KEPT);
  const isRecent = ([day]: UptimeDay) => day > today - UPTIME_SPANS.quarter;
  return { recent: days.filter(isRecent), older: days.filter((day) => !isRecent(day)) };
}

/** What is told of the stored days, and of the state that has gone on since. */
export function reportOf({ recent, older }: KeptDays, state: UptimeState | null, now: EpochMs): UptimeReport {
  const today = dayOf(now);
  const running = state ? [...state.finished, state.today] : [];
  const days = mergeDays(older, recent, running).filter(
    ([day, ...seconds]) => day <= today && seconds.some((one) => one > 0),
  );
  const last = (count: number) => days.filter(([day]) => day > today - count);
  const spans = Object.fromEntries(
    Object.entries(UPTIME_SPANS).map(([span, count]) => [span, sumOf(last(count))]),
  ) as Record<UptimeSpan, Uptime>;
  return {
    spans: { ...spans, day: sumOf(lastDay(state?.hours ?? [], now)) },
    days: last(UPTIME_SPANS.quarter).map((day) => ({
      day: new Date(day[0] * DAY_SECONDS * 1000).toISOString().slice(0, 10),
      ...sumOf([day]),
    })),
  };
}

/** The last 24 hours begin within an hour, of which only its share counts. */
function lastDay(hours: readonly UptimeHour[], now: EpochMs): UptimeHour[] {
  const from = now / 1000 / HOUR_SECONDS - 24;
  const first = Math.floor(from);
  return hours
    .filter(([hour]) => hour >= first && hour <= first + 24)
    .map((one) => (one[0] === first ? shareOf(one, first + 1 - from) : one));
}

function shareOf([hour, ...seconds]: UptimeHour, share: number): UptimeHour {
  const [up, degraded, down, unknown] = seconds.map((one) => Math.round(one * share)) as typeof seconds;
  return [hour, up, degraded, down, unknown];
}

function sumOf(days: readonly UptimeDay[]): Uptime {
  const column = (index: 1 | 2 | 3 | 4) => days.reduce((sum, day) => sum + day[index], 0);
  return { upSeconds: column(1), degradedSeconds: column(2), downSeconds: column(3), unknownSeconds: column(4) };
}

const dayOf = (now: EpochMs) => Math.floor(now / 1000 / DAY_SECONDS);
