import type { AnomalySpan } from "../../contract/insights.ts";
import type { SeriesKey } from "../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import {
  newDetector,
  restoreDetector,
  saveDetector,
  scoreNext,
  usualRange,
  type Detector,
  type SavedDetector,
} from "./local/anomaly/detector.ts";
import { isUnusual, joinAnomalies, type ScoredPoint } from "./local/anomaly/spans.ts";
import type { KeptHours } from "./hours.ts";
import { stepAt, type EvenSeries } from "./local/even-series.ts";

/** What one machine's detectors have learned, up to a moment that its history is settled until, and what stood out before it. */
export interface Watch {
  upTo: EpochMs;
  detectors: Record<SeriesKey, SavedDetector>;
  stoodOut: Record<SeriesKey, ScoredPoint[]>;
  /** When each series was first heard. */
  since: Record<SeriesKey, EpochMs>;
  /** Its hours up to then, so that they are read from the database once a day and not with every look. */
  hours?: KeptHours | null;
}

/** Where watches are kept. Losing one costs reading its past again. */
export interface WatchStore {
  load(instanceIds: readonly string[]): Map<string, Watch>;
  save(watches: ReadonlyMap<string, Watch>): void;
  /** All but these are no more. */
  keepOnly(instanceIds: readonly string[]): void;
}

/** What stood out is told for so long. */
export const STOOD_OUT_KEPT_MS: DurationMs = 7 * 86_400_000;
/** An agent that was away hands in what it kept: what is older than this is settled, as a rule, and kept with the watch. */
const SETTLED_AFTER_MS: DurationMs = 3_600_000;
/** Before a series has been seen through two days and nights, nobody knows what is usual in it. */
const LEARNS_MS: DurationMs = 2 * 86_400_000;
/** How often a watch is worth a written row. */
const SETTLE_EVERY_MS: DurationMs = 6 * 3_600_000;

/** Until when history is settled at a moment. */
export function settledAt(now: EpochMs): EpochMs {
  return Math.floor((now - SETTLED_AFTER_MS) / SETTLE_EVERY_MS) * SETTLE_EVERY_MS;
}

/**
 * Goes on with every series: what stood out up to now, and the watch to be kept, where more is settled than before. Each value is seen
 * once and in order; what comes before the watch's end is left out.
 */
export function watchOn(
  known: Watch | undefined,
  fine: ReadonlyMap<SeriesKey, EvenSeries>,
  now: EpochMs,
): { spans: AnomalySpan[]; settled: Watch | null } {
  // Settled while a clock was ahead: it would see nothing until then.
  const before = known && known.upTo <= now ? known : undefined;
  const settledTo = Math.max(settledAt(now), before?.upTo ?? 0);
  const settled: Watch = {
    upTo: settledTo,
    detectors: { ...before?.detectors },
    stoodOut: { ...before?.stoodOut },
    since: { ...before?.since },
  };
  const spans: AnomalySpan[] = [];
  const keys = new Set([...fine.keys(), ...Object.keys(settled.stoodOut)]);
  for (const key of keys) {
    const series = fine.get(key);
    const saved = before?.detectors[key];
    const detector = saved ? restoreDetector(saved) : newDetector();
    if (series) settled.since[key] ??= firstHeard(series);
    const learned = (settled.since[key] ?? Infinity) + LEARNS_MS;
    const isTold = ({ at }: ScoredPoint) => at > now - STOOD_OUT_KEPT_MS && at >= learned;
    const points = (before?.stoodOut[key] ?? []).filter(isTold);
    const from = saved && before ? before.upTo : 0;
    if (series) {
      points.push(...scored(detector, series, from, settledTo).filter(isTold));
      settled.detectors[key] = saveDetector(detector);
    }
    settled.stoodOut[key] = [...points];
    if (points.length === 0) delete settled.stoodOut[key];
    if (series) points.push(...scored(detector, series, Math.max(from, settledTo), now).filter(isTold));
    spans.push(...joinAnomalies(points).map((span) => ({ metric: key, ...span })));
  }
  return { spans, settled: settledTo > (before?.upTo ?? 0) || !before ? settled : null };
}

function firstHeard(series: EvenSeries): EpochMs {
  return stepAt(
    series,
    Math.max(
      0,
      series.values.findIndex((value) => !Number.isNaN(value)),
    ),
  );
}

/** Scores the steps that begin in this span and are over; answers those that stood out, or may belong to what did. */
function scored(detector: Detector, series: EvenSeries, from: EpochMs, to: EpochMs): ScoredPoint[] {
  const points: ScoredPoint[] = [];
  const first = Math.max(0, Math.ceil((from - series.from) / series.stepMs));
  for (let place = first; place < series.values.length; place++) {
    const at = stepAt(series, place);
    if (at + series.stepMs > to) break;
    const value = series.values[place]!;
    if (Number.isNaN(value)) continue;
    const usual = usualRange(detector, at);
    const score = scoreNext(detector, at, value);
    const point = { at, value, score, usualLow: usual?.low ?? null, usualHigh: usual?.high ?? null };
    if (isUnusual(point)) points.push(point);
  }
  return points;
}
