import type { DurationMs } from "../../../contract/units.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How long it is until something, or how long something took: `40 min`, `8 h`, `3 d 4 h`, `24 d`. Rounded, for what is foretold is not
 * known to the minute: minutes tell within two hours, hours within ten days.
 */
export function lengthInWords(given: DurationMs): string {
  const ms = Math.max(0, given);
  const minutes = Math.round(ms / MINUTE);
  if (minutes < 1) return "less than a minute";
  if (minutes < 120) return withRest(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(ms / HOUR);
  if (hours < 24) return `${hours} h`;
  if (hours < 240) return withRest(Math.floor(hours / 24), "d", hours % 24, "h");
  return `${Math.round(ms / DAY)} d`;
}

/**
 * In how long, and how sure that is: `in 3 d 4 h, give or take 8 h`. An interval as wide as what it is about is said by its ends, and an end
 * that is open, or says nothing, is left out: `in 3 d 4 h, at the earliest in 2 d`.
 */
export function untilInWords(left: DurationMs, earliestLeft: DurationMs | null, latestLeft: DurationMs | null): string {
  const said = `in ${lengthInWords(left)}`;
  if (earliestLeft === null) return said;
  const isNextToNow = earliestLeft < left / 10;
  if (latestLeft === null && isNextToNow) return `${said}, or sooner or later`;
  if (latestLeft === null) return `${said}, at the earliest in ${lengthInWords(earliestLeft)}`;
  const half = Math.max(left - earliestLeft, latestLeft - left);
  if (half < MINUTE) return said;
  // 10 days, give or take 9, would be no statement: its two ends are one.
  if (half > left * 0.6 && isNextToNow) return `${said}, at the latest in ${lengthInWords(latestLeft)}`;
  if (half > left * 0.6) return `${said}, between ${lengthInWords(earliestLeft)} and ${lengthInWords(latestLeft)}`;
  return `${said}, give or take ${lengthInWords(half)}`;
}

function withRest(whole: number, unit: string, rest: number, restUnit: string): string {
  if (whole === 0) return `${rest} ${restUnit}`;
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${restUnit}`;
}
