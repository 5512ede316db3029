import type { EpochMs } from "../../../contract/units.ts";

/** Days, weeks (from Monday), months, quarters and years in UTC. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export type CalendarUnit = "day" | "week" | "month" | "quarter" | "year";

export const DAYS_OF_UNIT: Record<CalendarUnit | "hour" | "minute", number> = {
  minute: 1 / 1440,
  hour: 1 / 24,
  day: 1,
  week: 7,
  month: 30,
  quarter: 91,
  year: 365,
};

export const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
export const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
] as const;

/** When the unit that is `shift` units away from this moment's begins. */
export function startOf(unit: CalendarUnit, at: EpochMs, shift = 0): EpochMs {
  const date = new Date(at);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (unit) {
    case "day":
      return Date.UTC(year, month, day + shift);
    case "week":
      return Date.UTC(year, month, day - ((date.getUTCDay() + 6) % 7) + 7 * shift);
    case "month":
      return Date.UTC(year, month + shift, 1);
    case "quarter":
      return Date.UTC(year, Math.floor(month / 3) * 3 + 3 * shift, 1);
    case "year":
      return Date.UTC(year + shift, 0, 1);
  }
}

/** The last such day until now, today among them; with `isBefore` the last one before today. */
export function lastWeekday(weekday: number, now: EpochMs, isBefore: boolean): EpochMs {
  const back = (new Date(now).getUTCDay() - weekday + 7) % 7;
  return startOf("day", now, -(back === 0 && isBefore ? 7 : back));
}

/** The next such day after today. */
export function nextWeekday(weekday: number, now: EpochMs): EpochMs {
  const ahead = (weekday - new Date(now).getUTCDay() + 7) % 7;
  return startOf("day", now, ahead === 0 ? 7 : ahead);
}

/** The day in the year that makes it the last one until now, or the next one from today on; undefined where there is no such day. */
export function dayOfYear(month: number, day: number, now: EpochMs, side: "past" | "future"): EpochMs | undefined {
  const year = new Date(now).getUTCFullYear();
  const of = (one: number) => Date.UTC(one, month, day);
  const at = side === "past" ? (of(year) <= now ? of(year) : of(year - 1)) : of(year) >= now ? of(year) : of(year + 1);
  return new Date(at).getUTCDate() === day ? at : undefined;
}
