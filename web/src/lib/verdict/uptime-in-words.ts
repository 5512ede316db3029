import type { Uptime } from "../../../../contract/verdict.ts";
import { type UptimeSpan, uptimeRatio } from "../../../../contract/uptime.ts";
import { formatDuration } from "../format/duration.ts";
import { NO_VALUE } from "../format/quantity.ts";

/** How far back, as short as a heading of a column. */
export const SPAN_LABELS: Record<UptimeSpan, string> = {
  day: "24 h",
  week: "7 d",
  month: "30 d",
  quarter: "90 d",
  year: "365 d",
};

/** Uptime as percent, rounded down: a minute of outage in a year still keeps it from a hundred. */
export function formatUptime(ratio: number | null): string {
  if (ratio === null) return NO_VALUE;
  if (ratio >= 1) return "100 %";
  const percent = ratio * 100;
  const digits = percent >= 99.99 ? 3 : percent >= 90 ? 2 : 1;
  const scale = 10 ** digits;
  // What binary fractions lose is not an outage: 0.999 is 99.9, though it is held as a hair less.
  return `${Math.floor(percent * scale + 1e-6) / scale} %`;
}

/** What is behind the percent: `down 3 min, degraded 12 min, 2 h unknown`; undefined where it was up throughout. */
export function lostInWords({ degradedSeconds, downSeconds, unknownSeconds }: Uptime): string | undefined {
  const parts = [
    downSeconds > 0 ? `down ${formatDuration(downSeconds * 1000)}` : "",
    degradedSeconds > 0 ? `degraded ${formatDuration(degradedSeconds * 1000)}` : "",
    unknownSeconds > 0 ? `${formatDuration(unknownSeconds * 1000)} unknown` : "",
  ].filter(Boolean);
  return parts.length === 0 ? undefined : parts.join(", ");
}

/** All of it in one line: `99.79 % up: down 3 min, 2 h unknown`. */
export function uptimeInWords(uptime: Uptime): string {
  const ratio = uptimeRatio(uptime);
  const lost = lostInWords(uptime);
  if (ratio === null) return lost === undefined ? "No data" : `Nobody could tell: ${lost}`;
  return `${formatUptime(ratio)} up${lost === undefined ? "" : `: ${lost}`}`;
}
