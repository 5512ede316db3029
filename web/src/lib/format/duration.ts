import type { DurationMs } from "../../../../contract/units.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span in its two largest units: `12 d 4 h`, `4 min`, `38 s`. */
export function formatDuration(span: DurationMs): string {
  const ms = Math.max(0, span);
  if (ms < MINUTE) return `${Math.floor(ms / 1000)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return withRest(Math.floor(ms / HOUR), "h", Math.floor((ms % HOUR) / MINUTE), "min");
  const days = Math.floor(ms / DAY);
  if (days >= 30) return `${days.toLocaleString("en")} d`;
  return withRest(days, "d", Math.floor((ms % DAY) / HOUR), "h");
}

/** A span in its largest unit alone, for cards and cells. */
export function formatDurationShort(span: DurationMs): string {
  return formatDuration(span).replace(/^(\d+ (?:d|h)) .*$/, "$1");
}

/** A measured time such as a response: down to microseconds. */
export function formatSeconds(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) return "0 s";
  if (size < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (size < 1) return `${Number((seconds * 1000).toFixed(size < 0.01 ? 1 : 0))} ms`;
  if (size < 120) return `${Number(seconds.toFixed(size < 10 ? 2 : 1))} s`;
  return `${seconds < 0 ? "-" : ""}${formatDuration(size * 1000)}`;
}

function withRest(whole: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${restUnit}`;
}
