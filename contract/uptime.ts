/** Reckoning with uptime. No schema here: the dashboard takes this file and stays small. */

/** How far back uptime is told, in days. */
export const UPTIME_SPANS = { day: 1, week: 7, month: 30, quarter: 90, year: 365 } as const;
export type UptimeSpan = keyof typeof UPTIME_SPANS;

interface KnownSeconds {
  upSeconds: number;
  degradedSeconds: number;
  downSeconds: number;
}

/** Up or degraded, of what is known; null where nothing is. */
export function uptimeRatio({ upSeconds, degradedSeconds, downSeconds }: KnownSeconds): number | null {
  const known = upSeconds + degradedSeconds + downSeconds;
  return known === 0 ? null : (upSeconds + degradedSeconds) / known;
}
