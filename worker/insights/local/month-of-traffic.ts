import type { Bandwidth } from "../../../contract/providers.ts";
import type { SeriesKey } from "../../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import { DAY_MS } from "./day-grid.ts";
import type { EvenSeries } from "./even-series.ts";
import { quantile, sorted } from "./order.ts";

/** Where the traffic that a plan includes leads in this month. */
export interface MonthOfTraffic {
  /** When it will be used up, or was when the provider counted last; with its interval. `latestAt` null: it may well last. */
  at: EpochMs;
  earliestAt: EpochMs;
  latestAt: EpochMs | null;
  usedBytes: number;
  allowedBytes: number;
  bytesPerDay: number;
  monthEndsAt: EpochMs;
  /** What the same arithmetic was off by, as a share, in 19 of 20 tries on the machine's own past. */
  error: number;
  tries: number;
}

export const TRAFFIC_KEYS = ["network_receive_bytes_per_second", "network_transmit_bytes_per_second"] as const;
/** The pace is that of so many full days. */
const PACE_DAYS = 14;
const TRIES_MIN = 10;
const AHEAD_DAYS_MAX = 10;
/** Of a month that has only begun it cannot be told what its provider counts. */
const PERIOD_MIN_MS: DurationMs = 2 * DAY_MS;
/** Counts are fetched once a day or more often. */
const COUNTED_WITHIN_MS: DurationMs = 2 * DAY_MS;

/**
 * Whether the traffic that is included will be used up before this month (UTC) ends, which is what nearly all providers bill by. The pace is
 * measured here; how much of it the provider counts (outgoing alone, or the larger of the two) is told by its own count of this month. Null
 * where it will last, or nothing can be told.
 */
export function monthOfTraffic(
  hourly: ReadonlyMap<SeriesKey, EvenSeries>,
  { usedBytes, allowedBytes, at: countedAt }: Bandwidth,
  now: EpochMs,
): MonthOfTraffic | null {
  if (usedBytes === null || allowedBytes === null || allowedBytes <= 0 || usedBytes <= 0) return null;
  const begins = Date.UTC(new Date(now).getUTCFullYear(), new Date(now).getUTCMonth());
  const ends = Date.UTC(new Date(now).getUTCFullYear(), new Date(now).getUTCMonth() + 1);
  if (countedAt > now || now - countedAt > COUNTED_WITHIN_MS || countedAt - begins < PERIOD_MIN_MS) return null;
  const days = bytesByDay(hourly, now);
  const paced = days.slice(-PACE_DAYS);
  const aheadDays = Math.max(1, Math.min(AHEAD_DAYS_MAX, Math.round((ends - countedAt) / DAY_MS)));
  const tried = tries(days, aheadDays);
  if (paced.length < PACE_DAYS || tried.length < TRIES_MIN) return null;
  const ofMonth = days.filter(({ at }) => at >= begins && at + DAY_MS <= countedAt);
  const measured = mean(ofMonth.map(({ bytes }) => bytes)) * ((countedAt - begins) / DAY_MS);
  if (ofMonth.length === 0 || !(measured > 0)) return null;
  const counted = Math.min(2, usedBytes / measured);
  const bytesPerDay = mean(paced.map(({ bytes }) => bytes)) * counted;
  const error = quantile(sorted(tried), 0.95);
  const reached = (perDay: number): EpochMs => countedAt + ((allowedBytes - usedBytes) / perDay) * DAY_MS;
  const at = Math.max(countedAt, reached(bytesPerDay));
  if (!(at < ends)) return null;
  const latest = error < 1 ? reached(bytesPerDay * (1 - error)) : Infinity;
  return {
    at,
    earliestAt: Math.max(countedAt, reached(bytesPerDay * (1 + error))),
    latestAt: latest < ends ? Math.max(countedAt, latest) : null,
    usedBytes,
    allowedBytes,
    bytesPerDay,
    monthEndsAt: ends,
    error,
    tries: tried.length,
  };
}

/** What came and went on each full day of which most was heard; what was not heard was as the rest of its day. */
function bytesByDay(hourly: ReadonlyMap<SeriesKey, EvenSeries>, now: EpochMs): { at: EpochMs; bytes: number }[] {
  const [incoming, outgoing] = TRAFFIC_KEYS.map((key) => hourly.get(key));
  if (!incoming || !outgoing || incoming.stepMs !== outgoing.stepMs || incoming.from !== outgoing.from) return [];
  const slots = DAY_MS / incoming.stepMs;
  const days: { at: EpochMs; bytes: number }[] = [];
  const first = Math.ceil(incoming.from / DAY_MS) * DAY_MS;
  for (let at = first; at + DAY_MS <= now; at += DAY_MS) {
    const from = (at - incoming.from) / incoming.stepMs;
    let sum = 0;
    let heard = 0;
    for (let place = from; place < from + slots; place++) {
      const rate = (incoming.values[place] ?? NaN) + (outgoing.values[place] ?? NaN);
      if (rate === rate) [sum, heard] = [sum + rate, heard + 1];
    }
    if (heard >= slots * 0.75) days.push({ at, bytes: (sum / heard) * (DAY_MS / 1000) });
  }
  return days;
}

/** By which share the pace of two weeks was off from what came in the days after, at every day of the past. */
function tries(days: readonly { bytes: number }[], ahead: number): number[] {
  const off: number[] = [];
  for (let day = PACE_DAYS; day + ahead <= days.length; day++) {
    const foretold = mean(days.slice(day - PACE_DAYS, day).map(({ bytes }) => bytes));
    const came = mean(days.slice(day, day + ahead).map(({ bytes }) => bytes));
    if (foretold > 0) off.push(Math.abs(came - foretold) / foretold);
  }
  return off;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
