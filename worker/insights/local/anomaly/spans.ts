import type { DurationMs, EpochMs } from "../../../../contract/units.ts";

/**
 * From this score on a trouble begins that people are told of. The detector scales its scores so that this is where the standard profile
 * of the Numenta benchmark is best: there a trouble that is missed costs as much as nine false alarms.
 */
export const ANOMALY_SCORE_FROM = 0.5;
/** What follows a trouble and scores this much, outside of what is usual, is still the same. */
export const ANOMALY_GOES_ON_FROM = 0.25;
/** Quiet for so long, a trouble is over. */
const OVER_AFTER_MS: DurationMs = 3_600_000;
const FIVE_MINUTES: DurationMs = 300_000;

/** A reading and how unusual it was; the range that was usual is null where none was known. */
export interface ScoredPoint {
  at: EpochMs;
  value: number;
  score: number;
  usualLow: number | null;
  usualHigh: number | null;
}

/** One trouble: from its first reading to the end of its last, the reading that was farthest out, and the highest score. */
export interface JoinedAnomaly {
  from: EpochMs;
  to: EpochMs;
  peakAt: EpochMs;
  value: number;
  score: number;
  usualLow: number | null;
  usualHigh: number | null;
}

/** Whether a reading may begin a trouble or be part of one: all others need not be kept. */
export function isUnusual(point: ScoredPoint): boolean {
  return isTold(point) || (point.score >= ANOMALY_GOES_ON_FROM && outside(point) > 0);
}

/** One trouble is one span. Points in the order of time, each standing for `stepMs`; those that are not unusual may be left out. */
export function joinAnomalies(points: readonly ScoredPoint[], stepMs: DurationMs = FIVE_MINUTES): JoinedAnomaly[] {
  const spans: JoinedAnomaly[] = [];
  for (const point of points) {
    const last = spans.at(-1);
    const isNear = last !== undefined && point.at - last.to <= OVER_AFTER_MS;
    if (isNear && isUnusual(point)) takeIn(last, point, stepMs);
    else if (isTold(point)) spans.push(begin(point, stepMs));
  }
  return spans;
}

function begin({ at, value, score, usualLow, usualHigh }: ScoredPoint, stepMs: DurationMs): JoinedAnomaly {
  return { from: at, to: at + stepMs, peakAt: at, value, score, usualLow, usualHigh };
}

function takeIn(span: JoinedAnomaly, point: ScoredPoint, stepMs: DurationMs): void {
  span.to = Math.max(span.to, point.at + stepMs);
  span.score = Math.max(span.score, point.score);
  if (outside(point) <= outside(span)) return;
  const { at, value, usualLow, usualHigh } = point;
  Object.assign(span, { peakAt: at, value, usualLow, usualHigh });
}

function isTold({ score }: ScoredPoint): boolean {
  return score >= ANOMALY_SCORE_FROM;
}

/** How far outside of what is usual; 0 inside, and where nothing is known. */
function outside({ value, usualLow, usualHigh }: Pick<ScoredPoint, "value" | "usualLow" | "usualHigh">): number {
  return Math.max(0, value - (usualHigh ?? Infinity), (usualLow ?? -Infinity) - value);
}
