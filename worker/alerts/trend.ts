import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { sinceLastDrop, teethOf, thinned, type Point } from "./filling.ts";
import { levelAt, slopesOf, type Slopes } from "./slope.ts";

/** When something that fills will be full, by how it has filled lately. Nobody knows what it will do: this says where it leads if it goes on as it did. */
export interface Forecast {
  /** By the likeliest slope, from now. */
  inMs: DurationMs;
  /**
   * By the steepest and by the flattest slope that go with the readings: were their noise of no pattern, the slope it truly had would be
   * between the two in 95 of 100 cases. It speaks of the slope so far, not of what somebody may do next.
   */
  fromMs: DurationMs;
  toMs: DurationMs;
}

const POINTS_MIN = 12;
const HISTORY_MIN_MS: DurationMs = 6 * 3_600_000;
/** The share at the end that must agree with the whole, and the fewest points that can. */
const RECENT_SHARE = 0.2;
const RECENT_POINTS_MIN = 5;
/** Where the end disagrees, something has begun or ended: so much of the history is looked at next. */
const SHORTER = 0.7;

/**
 * How long from now until it is full. Points are in order of time; those after `now` are left out.
 * What was before the last big drop (more than 5 % of full) does not count: somebody has cleaned up.
 *
 * Null where there is nothing to be said: under 12 points or 6 hours since then, or nothing heard for 6 hours; it does not rise for certain; its
 * end contradicts the rest; or it drops again and again, and the next drop is due before it would be full. What is full is full: zero.
 */
export function timeToFull(points: readonly Point[], now: EpochMs, fullAt = 1): Forecast | null {
  const known = points.filter(({ at }) => at <= now);
  if (!canForetell(points, now)) return null;
  if (known.at(-1)!.value >= fullAt) return { inMs: 0, fromMs: 0, toMs: 0 };
  const { filling, drops } = sinceLastDrop(known, fullAt);
  const steady = steadyEnd(filling);
  if (steady === null || steady.slopes.least <= 0) return null;
  const { recent, slopes } = steady;
  const fullIn = (slope: number) => Math.max(0, Math.round((fullAt - levelAt(recent, slope, now)) / slope));
  const forecast = { inMs: fullIn(slopes.middle), fromMs: fullIn(slopes.most), toMs: fullIn(slopes.least) };
  const nextDropAt = teethOf(drops);
  return nextDropAt !== null && nextDropAt > now && nextDropAt <= now + forecast.inMs ? null : forecast;
}

/** Whether there is enough of it, and lately enough, to tell how it goes on; where not, that nothing is foretold says nothing. */
export function canForetell(points: readonly Point[], now: EpochMs): boolean {
  const known = points.filter(({ at }) => at <= now);
  return isEnough(known) && now - known.at(-1)!.at <= HISTORY_MIN_MS;
}

function isEnough(points: readonly Point[]): boolean {
  return points.length >= POINTS_MIN && points.at(-1)!.at - points[0]!.at >= HISTORY_MIN_MS;
}

/**
 * The longest end of the history that is one line: its last fifth goes as the whole of it. A part of the history counts only where it has
 * come higher than all before it; otherwise it is a wave of what was seen before.
 */
function steadyEnd(points: readonly Point[]): { slopes: Slopes; recent: readonly Point[] } | null {
  let highest = -Infinity;
  for (let rest = points; isEnough(rest);) {
    const few = thinned(rest);
    const recent = few.slice(-Math.max(RECENT_POINTS_MIN, Math.ceil(few.length * RECENT_SHARE)));
    const slopes = slopesOf(few);
    const end = slopesOf(recent);
    const isOneLine = end.most >= slopes.least && end.least <= slopes.most;
    if (isOneLine) return levelAt(recent, slopes.middle, recent.at(-1)!.at) > highest ? { slopes, recent } : null;
    const from = rest.at(-1)!.at - (rest.at(-1)!.at - rest[0]!.at) * SHORTER;
    const start = rest.findIndex(({ at }) => at >= from);
    for (const { value } of thinned(rest.slice(0, start))) highest = Math.max(highest, value);
    rest = rest.slice(start);
  }
  return null;
}
