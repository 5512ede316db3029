import type { DurationMs, EpochMs } from "../../../contract/units.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Sunday, 29 Nov, 14:00 UTC`. A year is said where it is not the present one; without `now`, never. */
export function momentInWords(at: EpochMs, now?: EpochMs): string {
  return `${dayInWords(at, now)}, ${clockInWords(at)} UTC`;
}

/** `Sunday, 29 Nov` */
export function dayInWords(at: EpochMs, now?: EpochMs): string {
  const day = new Date(at);
  const said = `${WEEKDAYS[day.getUTCDay()]}, ${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]}`;
  const isOtherYear = now !== undefined && new Date(now).getUTCFullYear() !== day.getUTCFullYear();
  return isOtherYear ? `${said} ${day.getUTCFullYear()}` : said;
}

/** `14:05`, of a moment or of a time within a day. */
export function clockInWords(at: EpochMs | DurationMs): string {
  const minutes = Math.floor((((at % DAY) + DAY) % DAY) / 60_000);
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** From when until when: `Thursday, 26 Nov, 14:00 to 15:30 UTC`, and over midnight with both days. */
export function windowInWords(from: EpochMs, to: EpochMs): string {
  if (Math.floor(from / DAY) === Math.floor((to - 1) / DAY))
    return `${dayInWords(from)}, ${clockInWords(from)} to ${clockInWords(to)} UTC`;
  return `${dayInWords(from)}, ${clockInWords(from)} to ${dayInWords(to)}, ${clockInWords(to)} UTC`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
