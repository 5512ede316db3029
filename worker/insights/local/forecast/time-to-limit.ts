import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { sinceLastDrop, teethOf, type Point } from "../../../alerts/filling.ts";
import type { EvenSeries } from "../even-series.ts";
import { allowed, tryGrowth, type GrowthPast } from "./growth-past.ts";
import { growthAt, STEPS_MIN, type Growth } from "./growth.ts";
import { meant, type Range } from "./range.ts";

export interface Limit {
  /** In the metric's unit; who is there has come to it. */
  limit: number;
  /** Whether the metric rises to it (used) or falls to it (available). */
  direction: "up" | "down";
  now: EpochMs;
  /** What comes later is not told. */
  horizonMs: DurationMs;
  /** What the metric can be at all: a fall by a twentieth of it is somebody who cleaned up. Without it, by a twentieth of the limit. */
  range?: Range;
}

/** When a series comes to its limit, if it goes on as it did. Nobody knows what somebody will do next. */
export interface TimeToLimit {
  at: EpochMs;
  /** In 95 of 100 cases between these; `toAt` is null where that is beyond the horizon. */
  fromAt: EpochMs;
  toAt: EpochMs | null;
  /**
   * 0 to 1: the time that is left over itself and half of the interval, times the share by which the past was foretold more nearly than by
   * "it stays as it is". 1 where the limit has been reached.
   */
  confidence: number;
  /** What the same arithmetic would have said at places of the series' own past; null where the limit has been reached. */
  backTest: GrowthBackTest | null;
}

export interface GrowthBackTest {
  /** From how many places something would have been said. */
  origins: number;
  /** Mean distance of the levels foretold from those that came, in the metric's unit; and of "it stays as it is". */
  error: number;
  errorOfNaive: number;
  /** The share of them within the interval as it is before it is stretched to hold them all, 0 to 1. */
  coverage: number;
  /** The furthest ahead that could be tried out. */
  longestMs: DurationMs;
}

export interface NoTimeToLimit {
  reason:
    | "too-little-history"
    | "not-heard-lately"
    /** It does not grow for certain. */
    | "not-growing"
    /** Later than was asked for, or than its past can tell. */
    | "beyond-horizon"
    /** It falls again and again, and the next fall is due before. */
    | "falls-before"
    /** Its own past would have been foretold hardly better than by saying that it stays as it is. */
    | "unforeseeable";
}

/** After so many silent steps nobody knows where it is. */
const SILENT_MAX = 6;
/** The error in the past, beside that of "it stays as it is". */
const ERROR_MAX = 0.5;
/** So many times as far ahead as could be tried out. */
const REACH = 4;

export function isTimeToLimit(found: TimeToLimit | NoTimeToLimit): found is TimeToLimit {
  return "at" in found;
}

/**
 * Foretells when a series reaches its limit, from how it has grown since the last big fall; tried out on its own past first. A cumulative
 * metric that begins anew (an allowance) is to be handed in without its resets, and the limit with what was used before the last of them.
 */
export function timeToLimit(series: EvenSeries, asked: Limit): TimeToLimit | NoTimeToLimit {
  const { from, stepMs } = series;
  const { now, horizonMs } = asked;
  const sign = asked.direction === "up" ? 1 : -1;
  const limit = sign * asked.limit;
  const until = Math.max(0, Math.ceil((now - from) / stepMs));
  const values = meant(series.values.subarray(0, until)).map((value) => sign * value);
  const points = pointsOf(values);
  const last = points.at(-1);
  if (!last || points.length < 2 * STEPS_MIN) return { reason: "too-little-history" };
  if (until - 1 - last.at > SILENT_MAX) return { reason: "not-heard-lately" };
  if (last.value >= limit) return { at: now, fromAt: now, toAt: now, confidence: 1, backTest: null };

  const { filling, drops } = sinceLastDrop(points, scaleOf(asked));
  const start = filling[0]!.at;
  const end = last.at + 1;
  const dropsAt = teethOf(drops);
  if (filling.length < STEPS_MIN) return { reason: dropsAt === null ? "too-little-history" : "falls-before" };
  const growth = growthAt(values, start, end);
  // Noise may hide the rise of the last tooth: what falls again and again does so before all the same.
  if (growth === null) return { reason: dropsAt === null ? "not-growing" : "falls-before" };
  const steps = Math.max(0, (limit - growth.level) / growth.slope);
  const horizon = horizonMs / stepMs;
  if (steps > horizon) return { reason: "beyond-horizon" };
  if (dropsAt !== null && dropsAt >= end && dropsAt <= end + steps) return { reason: "falls-before" };

  const past = tryGrowth(values, start, growth.from, end);
  if (past === null) return { reason: "too-little-history" };
  if (past.error > ERROR_MAX * past.errorOfNaive) return { reason: "unforeseeable" };
  if (steps > REACH * past.longest) return { reason: "beyond-horizon" };
  const soonest = Math.min(steps, stepsTo(limit, growth, past.stretch, true));
  const latest = Math.max(steps, stepsTo(limit, growth, past.stretch, false));
  const half = (Math.min(latest, horizon) - soonest) / 2;
  /** A step stands for its middle. */
  const momentOf = (ahead: number) => Math.max(now, Math.round(from + (end - 0.5 + ahead) * stepMs));
  return {
    at: momentOf(steps),
    fromAt: momentOf(soonest),
    toAt: latest > horizon ? null : momentOf(latest),
    confidence: (steps / (steps + half) || 0) * (1 - past.error / past.errorOfNaive),
    backTest: backTestOf(past, stepMs),
  };
}

/** When a reading may first be at the limit, or when even the slowest level is there; as many times as uncertain as the past was. */
function stepsTo(limit: number, growth: Growth, stretch: number, isSoonest: boolean): number {
  const side = isSoonest ? 1 : -1;
  const apart = stretch * allowed(growth, 0, isSoonest);
  const level = growth.level + side * (isSoonest ? Math.max(apart, growth.noise) : apart);
  const slope = growth.slope + side * stretch * (allowed(growth, 1, isSoonest) - allowed(growth, 0, isSoonest));
  if (level >= limit) return 0;
  return slope > 0 ? (limit - level) / slope : Infinity;
}

function pointsOf(values: Float64Array): Point[] {
  const points: Point[] = [];
  values.forEach((value, at) => {
    if (!Number.isNaN(value)) points.push({ at, value });
  });
  return points;
}

/** Of what a big fall is a twentieth. */
function scaleOf({ limit, range }: Limit): number {
  return range && Number.isFinite(range.most - range.least) ? range.most - range.least : Math.abs(limit);
}

function backTestOf(
  { origins, error, errorOfNaive, coverage, longest }: GrowthPast,
  stepMs: DurationMs,
): GrowthBackTest {
  return { origins, error, errorOfNaive, coverage, longestMs: Math.round(longest * stepMs) };
}
