import type { DurationMs } from "../../contract/units.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How long something lasts or has lasted, in two units at most and never too long: `450 ms`, `40 s`, `2 h 5 min`, `1 day 3 h`, `12 days`.
 * Seconds are of interest within two minutes, minutes within a day, hours within a week.
 */
export function spanInWords(given: DurationMs): string {
  const ms = Math.max(0, given);
  if (ms > 0 && ms < SECOND) return `${Math.max(1, Math.floor(ms))} ms`;
  if (ms < 2 * MINUTE) return two([Math.floor(ms / MINUTE), "min"], [Math.floor((ms % MINUTE) / SECOND), "s"]);
  if (ms < DAY) return two([Math.floor(ms / HOUR), "h"], [Math.floor((ms % HOUR) / MINUTE), "min"]);
  const days = Math.floor(ms / DAY);
  const day: Part = [days, days === 1 ? "day" : "days"];
  return days < 7 ? two(day, [Math.floor((ms % DAY) / HOUR), "h"]) : `${days} ${day[1]}`;
}

type Part = readonly [count: number, unit: string];

function two([large, largeUnit]: Part, [small, smallUnit]: Part): string {
  if (large === 0) return `${small} ${smallUnit}`;
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
