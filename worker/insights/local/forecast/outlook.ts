import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { endOf, type EvenSeries } from "../even-series.ts";
import { between } from "./bands.ts";
import type { Method } from "./candidate.ts";
import { candidatesFor } from "./candidates.ts";
import { intervalsOf, WITHIN } from "./interval.ts";
import { naive, seasonalNaive, seasonsOf } from "./naive.ts";
import { lookBack, type Past } from "./past.ts";
import { meant, type Range } from "./range.ts";
import { unsettledAt } from "./unsettled.ts";
import { together } from "./weights.ts";

export interface Asked {
  /** So many steps ahead. Fewer are foretold where the past is too short for so many to be tried out on it. */
  horizonSteps: number;
  range?: Range;
}

/** How a series is likely to go on. */
export interface Outlook {
  /** When the first step begins that is foretold: the end of the series. */
  from: EpochMs;
  stepMs: DurationMs;
  /** One value a step, and between which two 95 of 100 readings will lie. */
  middle: Float64Array;
  lower: Float64Array;
  upper: Float64Array;
  /** What it builds on most: how high it lies, where it is going, how its days or its weeks go. */
  method: Method;
  /**
   * 0 to 1, three shares multiplied: how much narrower the interval is than the metric is large or its usual highs and lows are apart; how
   * near the back-test came to holding 95 of 100 readings; and, where a guess without thinking was nearer, its error over that of this.
   */
  confidence: number;
  backTest: BackTest;
}

/** What the same arithmetic would have said at many places of the series' own past, each judged with what was found in other parts of it. */
export interface BackTest {
  origins: number;
  /** Mean distance between what was foretold and what came, in the metric's unit; and of the value a day before, or else the last one. */
  error: number;
  errorOfNaive: number;
  errorOfSeasonalNaive: number;
  /** The share of readings that came to lie within their interval, 0 to 1. */
  coverage: number;
}

export interface NoOutlook {
  reason: "too-little-history" | "not-heard-lately" | "unforeseeable";
}

/** Fewer readings tell nothing. */
const HEARD_MIN = 40;
/** Of the history: nothing is foretold further ahead than can be tried out on it. */
const HORIZON_SHARE = 0.25;
/** Of the history, and of steps: after such a silence nobody knows where it is now. */
const SILENCE_SHARE = 0.05;
const SILENCE_MIN = 3;
/** Where there is no day to go by: how many steps back tells how unsettled it is. */
const WINDOW = 60;
/** An interval as wide as all that is usual, from a past in which a guess was so much nearer, is no outlook. */
const BEATEN_MIN = 0.67;
/** Of readings, above and below: what is further out is not usual. */
const USUAL = 0.025;

export function isOutlook(found: Outlook | NoOutlook): found is Outlook {
  return "middle" in found;
}

/** Foretells a series from itself. What it takes grows with the series and the horizon; nothing is kept. */
export function foretell(series: EvenSeries, { horizonSteps, range }: Asked): Outlook | NoOutlook {
  const values = sinceFirst(meant(series.values));
  const heard = values.filter((value) => !Number.isNaN(value)).sort();
  const horizon = Math.min(horizonSteps, Math.floor(values.length * HORIZON_SHARE));
  if (heard.length < HEARD_MIN || horizon < 1) return { reason: "too-little-history" };
  if (silenceOf(values) > Math.max(SILENCE_MIN, SILENCE_SHARE * values.length)) return { reason: "not-heard-lately" };

  const seasons = seasonsOf(values.length, series.stepMs);
  const past = lookBack(values, candidatesFor(values, seasons), horizon, seasons.day ?? 0);
  const joint = together(past);
  const possible = (value: number) => (range ? Math.max(range.least, Math.min(range.most, value)) : value);
  const foretold = joint.foretold.map(possible);
  const unsettled = unsettledAt(values, past.origins, seasons.day ?? WINDOW);
  const { bands, origins } = past;
  const distances = foretold.map((value, index) => {
    return (past.came[index]! - value) / unsettled[Math.floor(index / bands.steps.length)]!;
  });
  const intervals = intervalsOf({ bands, origins: origins.length, values: distances });
  const now = unsettled.at(-1)!;
  const middle = joint.ahead.map(possible);
  const lower = middle.map((value, step) => possible(value + now * between(intervals.below, bands, step)));
  const upper = middle.map((value, step) => possible(value + now * between(intervals.above, bands, step)));

  const errors = errorsOf(past, values, foretold, seasons.day);
  const backTest: BackTest = { origins: origins.length - 1, ...errors, coverage: intervals.coverage };
  const width = upper.reduce((sum, value, step) => sum + value - lower[step]!, 0) / horizon;
  const sharpness = Math.max(0, 1 - (width / extentOf(heard) || 0));
  const beaten = Math.min(1, Math.min(errors.errorOfNaive, errors.errorOfSeasonalNaive) / errors.error || 1);
  if (sharpness === 0 && beaten < BEATEN_MIN) return { reason: "unforeseeable" };
  const confidence = sharpness * beaten * Math.min(1, intervals.coverage / WITHIN);
  return {
    from: endOf(series),
    stepMs: series.stepMs,
    middle,
    lower,
    upper,
    method: joint.method,
    confidence,
    backTest,
  };
}

function sinceFirst(values: Float64Array): Float64Array {
  const first = values.findIndex((value) => !Number.isNaN(value));
  return values.subarray(first < 0 ? values.length : first);
}

function silenceOf(values: Float64Array): number {
  return values.length - 1 - values.findLastIndex((value) => !Number.isNaN(value));
}

/** How large a metric is, or how far apart its usual highs and lows are, whichever is more: what an interval is narrow or wide beside. */
function extentOf(sorted: Float64Array): number {
  const nth = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return Math.max(Math.abs(nth(0.5)), nth(1 - USUAL) - nth(USUAL));
}

/** Mean distances of what was foretold, and would have been without thinking, from what came. */
function errorsOf({ bands, origins, came }: Past, values: Float64Array, foretold: Float64Array, day: number | null) {
  const plain = new Float64Array(bands.horizon);
  const seasonal = new Float64Array(bands.horizon);
  let [error, errorOfNaive, errorOfSeasonalNaive, count] = [0, 0, 0, 0];
  for (let turn = 0; turn < origins.length - 1; turn++) {
    naive(values, origins[turn]!, plain);
    seasonalNaive(values, origins[turn]!, day ?? 1, seasonal);
    bands.steps.forEach((step, index) => {
      const actual = came[turn * bands.steps.length + index]!;
      if (Number.isNaN(actual)) return;
      count++;
      error += Math.abs(actual - foretold[turn * bands.steps.length + index]!);
      errorOfNaive += Math.abs(actual - plain[step - 1]!);
      errorOfSeasonalNaive += Math.abs(actual - seasonal[step - 1]!);
    });
  }
  return {
    error: error / count,
    errorOfNaive: errorOfNaive / count,
    errorOfSeasonalNaive: errorOfSeasonalNaive / count,
  };
}
