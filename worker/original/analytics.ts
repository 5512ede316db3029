import {
  ORIGINAL_ANALYTICS_DAYS_MAX,
  type OriginalAnalyticsQuery,
  type OriginalHour,
} from "../../contract/original.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { ApiContext } from "../auth/api.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { findCustomSeries } from "../series/store.ts";
import { ORIGINAL_HOURS_PER_REPLY_MAX, ORIGINAL_INSTANCES_PER_ANALYSIS_MAX } from "../settings.ts";
import type { Watched } from "./fleet.ts";
import { namedSeries, originalValue } from "./names.ts";
import { keptSince, readNamed, type NamedPoints } from "./readings.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The hours asked for, a day where nothing is said. */
export function spanOf({ startDate, endDate }: OriginalAnalyticsQuery, now: EpochMs): { from: EpochMs; to: EpochMs } {
  const to = endDate ?? now;
  const from = startDate ?? to - DAY_MS;
  if (from >= to) throw badDate("must be before endDate", "Give a startDate that is earlier than endDate.");
  if (to - from > ORIGINAL_ANALYTICS_DAYS_MAX * DAY_MS) {
    const days = ORIGINAL_ANALYTICS_DAYS_MAX;
    throw badDate(`must be at most ${days} days before endDate`, "Ask for a shorter span, several times.");
  }
  return { from, to };
}

/** By the hour, for as many of these instances as one reply has room for; the others are counted. */
export async function hoursOf(
  c: ApiContext,
  fleet: readonly Watched[],
  asked: OriginalAnalyticsQuery,
  now: EpochMs,
): Promise<{ hours: OriginalHour[]; leftOut: number }> {
  const { from, to } = spanOf(asked, now);
  const isOne = asked.instanceId !== undefined && asked.metricName === undefined;
  const custom = isOne ? await findCustomSeries(database(c.env.DB), asked.instanceId!) : [];
  const named = namedSeries(asked.metricName, custom);
  const here = fleet.slice(0, instancesWithRoom(named.length, to - from));
  const window = {
    tier: "hour",
    from: Math.max(from, await keptSince(c, "hour", now)),
    to: Math.min(to, now),
  } as const;
  const read = await readNamed(c, here, named, window, now);
  return { hours: read.flatMap(hoursOfSeries), leftOut: fleet.length - here.length };
}

function instancesWithRoom(series: number, spanMs: DurationMs): number {
  const hours = Math.ceil(spanMs / HOUR_MS);
  const room = Math.floor(ORIGINAL_HOURS_PER_REPLY_MAX / (series * hours));
  return Math.max(1, Math.min(ORIGINAL_INSTANCES_PER_ANALYSIS_MAX, room));
}

function hoursOfSeries({ instanceId, series, at, points: { mean, min, max, count } }: NamedPoints): OriginalHour[] {
  return at.flatMap((hour, row) => {
    const average = mean[row];
    if (average === null || average === undefined) return [];
    const value = (ours: number | null | undefined) => originalValue(series, ours ?? average);
    return [
      {
        instanceId,
        metricName: series.name,
        hour: new Date(hour).toISOString(),
        avgValue: value(average),
        maxValue: value(max[row]),
        minValue: value(min[row]),
        sampleCount: count[row] ?? 1,
      },
    ];
  });
}

function badDate(problem: string, remedy: string): NephosError {
  return new NephosError("invalid_field", `startDate: ${problem}`, { field: "startDate", remedy });
}
