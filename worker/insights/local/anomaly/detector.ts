import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { HourRanges, Level, WeekMeans } from "./baselines.ts";
import { ANOMALY_SCORE_FROM } from "./spans.ts";
import { Tail } from "./tail.ts";
import { Troubles } from "./troubles.ts";

/** How far a reading is off is looked at as it is, and smoothed over so many readings: a spike shows in the first, a shift in the last. */
const SCALES = [1, 4, 16];
/** Unrest: how large what is off is, whatever its sign, smoothed over so many readings. */
const UNREST_READINGS = 12;
/**
 * The mean rarity over all views, as powers of ten, that is told of: in the middle of where the standard profile of the Numenta benchmark
 * is best.
 */
const TELL_FROM = 1.3;
/** Nothing is told before a day of a series was seen, and so many readings. */
const LEARNING_MS: DurationMs = 86_400_000;
const LEARNING_READINGS = 100;
/** After a silence of so many usual steps what was smoothed, and the late level, begin anew. */
const SILENT_STEPS = 24;
const STEP_RATE = 0.05;
/** Larger values are taken for this one, so that all sums stay finite. */
const VALUE_MAX = 1e150;
/** A middle and so many mean deviations to both sides: three standard deviations where readings are spread normally. */
const USUAL_DEVIATIONS = 3.76;

/** The hour of the day, the hour of the week, and the late level. */
const BASELINES = 3;
const VIEWS_OF_ONE = SCALES.length + 1;
const VIEWS = BASELINES * VIEWS_OF_ONE;
/** Up and down at every scale, and the unrest upwards. */
const TAILS_OF_ONE = 2 * SCALES.length + 1;

/** What goes on is unusual, but told of already. */
const JUST_BELOW = ANOMALY_SCORE_FROM - 0.01;

/** Of what is saved; another version's cannot be gone on with. */
export const DETECTOR_VERSION = 1;
const SCALARS = { version: 0, seen: 1, firstAt: 2, lastAt: 3, step: 4 };
const SCALAR_COUNT = Object.keys(SCALARS).length;
const SIZE =
  SCALAR_COUNT +
  HourRanges.SIZE +
  WeekMeans.SIZE +
  Level.SIZE +
  VIEWS +
  BASELINES * TAILS_OF_ONE * Tail.SIZE +
  Troubles.SIZE;

/** All figures of a detector as base64 of little-endian doubles: some 6 kB, whatever it has seen. */
export type SavedDetector = string;

/** Scores one series as it comes: what it knows is in a fixed number of figures, and only of what came before. */
export interface Detector {
  readonly figures: Float64Array;
  readonly scalars: Float64Array;
  readonly hours: HourRanges;
  readonly week: WeekMeans;
  readonly level: Level;
  /** Of each baseline: how far readings are off, at each scale, and the unrest. */
  readonly smoothed: Float64Array;
  /** Of each baseline: upwards and downwards at each scale, and of the unrest. */
  readonly tails: readonly Tail[];
  readonly troubles: Troubles;
}

export function newDetector(): Detector {
  const detector = over(new Float64Array(SIZE));
  detector.scalars[SCALARS.version] = DETECTOR_VERSION;
  detector.hours.begin();
  detector.week.begin();
  return detector;
}

/**
 * How unlike everything before in its series a reading is, 0 to 1; from `ANOMALY_SCORE_FROM` on a trouble begins that people are to be
 * told of. What belongs to a trouble that was told of stays just below that. A value that is no number, or that is not later than the
 * one before, is left out: 0. Steps may be uneven; a gap is a gap.
 */
export function scoreNext(detector: Detector, at: EpochMs, value: number): number {
  const { scalars } = detector;
  if (!Number.isFinite(value) || !Number.isFinite(at)) return 0;
  if (scalars[SCALARS.seen]! > 0 && at <= scalars[SCALARS.lastAt]!) return 0;
  keepTime(detector, at);
  const seen = ++scalars[SCALARS.seen]!;
  const rarity = rarityOf(detector, at, Math.max(-VALUE_MAX, Math.min(VALUE_MAX, value)), seen);
  const isLearning = at - scalars[SCALARS.firstAt]! < LEARNING_MS || seen <= LEARNING_READINGS;
  const { worth, isTold } = detector.troubles.weigh(isLearning ? 0 : rarity, at, seen, TELL_FROM);
  const score = 1 - Math.pow(1 - ANOMALY_SCORE_FROM, worth / TELL_FROM);
  return isTold ? score : Math.min(score, JUST_BELOW);
}

/** The range and middle that are usual at this hour of the day, for a chart; null while the hour was not seen on an earlier day. */
export function usualRange(detector: Detector, at: EpochMs): { low: number; high: number; middle: number } | null {
  const range = detector.hours.rangeAt(at);
  if (!range) return null;
  const { low, high, middle, spread } = range;
  const reach = USUAL_DEVIATIONS * spread;
  // While a level moves, the middle runs ahead of the days before.
  return {
    low: Math.min(middle, Math.max(low, middle - reach)),
    high: Math.max(middle, Math.min(high, middle + reach)),
    middle,
  };
}

export function saveDetector({ figures }: Detector): SavedDetector {
  let bytes = "";
  for (const byte of new Uint8Array(figures.buffer)) bytes += String.fromCharCode(byte);
  return btoa(bytes);
}

/** Goes on exactly where it was saved. Throws where it was saved by another version: begin with a new one then. */
export function restoreDetector(saved: SavedDetector): Detector {
  const bytes = atob(saved);
  const figures = new Float64Array(SIZE);
  const isWhole = bytes.length === figures.byteLength;
  const into = new Uint8Array(figures.buffer);
  for (let index = 0; isWhole && index < bytes.length; index++) into[index] = bytes.charCodeAt(index);
  if (figures[SCALARS.version] !== DETECTOR_VERSION) {
    throw new Error("This detector was saved by another version. Begin with a new one and give it the history again.");
  }
  return over(figures);
}

/** Lays a detector over its figures. */
function over(figures: Float64Array): Detector {
  let end = 0;
  const next = (size: number) => figures.subarray(end, (end += size));
  return {
    figures,
    scalars: next(SCALAR_COUNT),
    hours: new HourRanges(next(HourRanges.SIZE)),
    week: new WeekMeans(next(WeekMeans.SIZE)),
    level: new Level(next(Level.SIZE)),
    smoothed: next(VIEWS),
    tails: Array.from({ length: BASELINES * TAILS_OF_ONE }, () => new Tail(next(Tail.SIZE))),
    troubles: new Troubles(next(Troubles.SIZE)),
  };
}

function keepTime({ scalars, level, smoothed }: Detector, at: EpochMs): void {
  const passed = at - scalars[SCALARS.lastAt]!;
  scalars[SCALARS.lastAt] = at;
  if (scalars[SCALARS.seen] === 0) {
    scalars[SCALARS.firstAt] = at;
    return;
  }
  const step = scalars[SCALARS.step]!;
  scalars[SCALARS.step] = step > 0 ? step * Math.exp(STEP_RATE * Math.sign(passed - step)) : passed;
  if (step === 0 || passed <= SILENT_STEPS * step) return;
  level.forget();
  smoothed.fill(0);
}

/** The mean over all views of how rare this reading is in each, as powers of ten; learns it. */
function rarityOf({ hours, week, level, smoothed, tails }: Detector, at: EpochMs, value: number, seen: number): number {
  const off = [hours.next(value, at), week.next(value, at), level.next(value)];
  let sum = 0;
  let view = 0;
  let tail = 0;
  for (let baseline = 0; baseline < BASELINES; baseline++) {
    for (const scale of SCALES) {
      const is = smooth(smoothed, view++, off[baseline]!, scale);
      sum += Math.max(tails[tail++]!.next(is, seen), tails[tail++]!.next(-is, seen));
    }
    const unrest = smooth(smoothed, view++, Math.abs(off[baseline]!), UNREST_READINGS);
    sum += tails[tail++]!.next(unrest, seen);
  }
  return sum / VIEWS;
}

function smooth(smoothed: Float64Array, view: number, value: number, readings: number): number {
  return (smoothed[view]! += (2 / (readings + 1)) * (value - smoothed[view]!));
}
