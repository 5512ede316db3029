import type { Candidate } from "./candidate.ts";
import { dampedTrend, last, recentMedian, smoothed, steadyMedian } from "./levels.ts";
import { line } from "./lines.ts";
import type { Seasons } from "./naive.ts";
import { medianShape, repeated, smoothShape, usualSeason } from "./seasons.ts";

/** Where there is no day to go by, what counts as long. */
const WINDOW = 60;

/** All ways to foretell this series. They are few and well known; what they are worth, the series' own past decides. */
export function candidatesFor(values: Float64Array, { hour, day, week }: Seasons): Candidate[] {
  const window = day ?? WINDOW;
  const candidates = [
    last(),
    recentMedian(values, 5),
    recentMedian(values, 15),
    recentMedian(values, window),
    steadyMedian(values, window),
    smoothed(values, 0.3),
    smoothed(values, 0.05),
    dampedTrend(values, { level: 0.3, trend: 0.1, left: 0.95 }),
    dampedTrend(values, { level: 0.9, trend: 0.3, left: 0.9 }),
    line(values),
  ];
  if (hour !== null) {
    candidates.push(
      usualSeason(values, hour, medianShape(hour), { method: "hourly", isEven: false }),
      usualSeason(values, hour, smoothShape(hour, "hourly"), { method: "hourly", isEven: false }),
    );
  }
  if (day !== null) {
    candidates.push(
      repeated(day, "daily"),
      usualSeason(values, day, smoothShape(day, "daily"), { method: "daily", isEven: false }),
      usualSeason(values, day, smoothShape(day, "daily"), { method: "daily", isEven: true }),
      usualSeason(values, day, medianShape(day), { method: "daily", isEven: true }),
    );
  }
  if (week !== null) {
    candidates.push(
      repeated(week, "weekly"),
      usualSeason(values, week, smoothShape(week, "weekly"), { method: "weekly", isEven: true }),
    );
  }
  return candidates;
}
