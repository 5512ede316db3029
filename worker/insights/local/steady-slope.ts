import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import { timeToFull } from "../../alerts/trend.ts";
import { stepAt, type EvenSeries } from "./even-series.ts";
import type { TimeToLimit } from "./forecast/time-to-limit.ts";

/** As far as rules look back for the same. */
const LOOKS_BACK_MS: DurationMs = 14 * 86_400_000;
/** What is further away can wait until its past tells more. */
const SOON_MS: DurationMs = 7 * 86_400_000;
/** Of what nothing like it has been seen before, nobody is more sure than that. */
const CONFIDENCE_MAX = 0.6;

/**
 * When something that has just begun to fill will be full: its past has nothing like it that a forecast could be tried on, but its slope is
 * steady. The same arithmetic that the rules go by, so that the two never contradict each other. Null where it is not steady either.
 */
export function byItsSlope(series: EvenSeries, limit: number, now: EpochMs): TimeToLimit | null {
  const points = [...series.values].flatMap((value, place) => {
    const at = stepAt(series, place) + series.stepMs / 2;
    return Number.isNaN(value) || at < now - LOOKS_BACK_MS ? [] : [{ at, value }];
  });
  const full = timeToFull(points, now, limit);
  if (!full || full.inMs <= 0 || full.inMs > SOON_MS) return null;
  const width = (full.toMs - full.fromMs) / (full.toMs + full.fromMs + 1);
  return {
    at: now + full.inMs,
    fromAt: now + full.fromMs,
    toAt: now + full.toMs,
    confidence: CONFIDENCE_MAX * (1 - Math.min(1, width)),
    backTest: null,
  };
}
