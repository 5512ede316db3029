import type { DurationMs } from "../../../contract/units.ts";
import { DAY_MS, dayGrid, type DayGrid } from "./day-grid.ts";
import type { EvenSeries } from "./even-series.ts";
import { median, medianInPlace, quantile, sorted } from "./order.ts";
import { shareExplained } from "./share-explained.ts";

/** Something that comes back every day or every week at the same time. */
export interface Recurring {
  period: "day" | "week";
  /** When within the period, in ms after its beginning (midnight UTC; of a week, Monday's); `to` may lie in the next one. */
  from: DurationMs;
  to: DurationMs;
  /** Whether readings are high then, or low. */
  isHigh: boolean;
  /** In the middle of that time, and in the middle of the rest. */
  value: number;
  usual: number;
  /** How many of the periods looked at it was seen in. */
  seen: number;
  periods: number;
  share: number;
  score: number;
}

/** From here on it is no chance: measured in recurring.test.ts, noise of any colour is taken for a pattern in less than 1 of 500 series. */
const SCORE_MIN = 8;
/** Few weeks turned by chance are alike more often, so less is asked of what they explain; a share is asked instead. */
const WEEKLY_SCORE_MIN = 5;
const DAILY_SHARE_MIN = 0.25;
const WEEKLY_SHARE_MIN = 0.2;
const DAYS_SHARE_MIN = 0.4;
const DAYS_MIN = 7;
const WEEKS_MIN = 4;
/** A pattern is there in most periods, or it is none; what is done on working days alone is there in five of seven. */
const SEEN_MIN = 0.68;

/** What comes back every day: the time of day in which readings are furthest from the rest. */
export function recurringDaily(series: EvenSeries): Recurring | null {
  const grid = dayGrid(series, 28);
  if (!grid || grid.days < DAYS_MIN) return null;
  const apart = lessItsMiddle(tamed(grid.values, grid.slots), grid.slots);
  const explained = shareExplained(clipped(apart, 0.5 / grid.slots, 0), grid.slots, 1, DAILY_SHARE_MIN);
  if (!explained || explained.score < SCORE_MIN) return null;
  const run = furthestRun(profileOf(apart, grid.slots));
  return run && described("day", grid, grid.slots, run, explained);
}

/** What comes back every week, beside what comes back every day: days, or hours of a day, that are unlike the others. */
export function recurringWeekly(series: EvenSeries): Recurring | null {
  const grid = dayGrid(series);
  if (!grid) return null;
  const { values, slots, days } = grid;
  // Weeks begin on Monday, as people count them: 1970-01-01 was a Thursday.
  const first = (7 - ((((grid.from / DAY_MS + 3) % 7) + 7) % 7)) % 7;
  const weeks = Math.floor((days - first) / 7);
  if (weeks < WEEKS_MIN) return null;
  const week = slots * 7;
  const calm = tamed(values, slots);
  const daily = dailyShape(lessItsMiddle(calm, slots), slots);
  const plain = calm.map((value, place) => value - daily[place % slots]!);
  const apart = clipped(lessItsMiddle(plain, week).subarray(first * slots, (first + weeks * 7) * slots), 0.5 / week, 0);
  const inWeeks = values.subarray(first * slots, (first + weeks * 7) * slots);
  const weekGrid: DayGrid = { ...grid, from: grid.from + first * DAY_MS, days: weeks * 7, values: inWeeks };
  const less = plain.subarray(first * slots, (first + weeks * 7) * slots);
  const hours = furthestRun(profileOf(less, week));
  // Where whole days are unlike the others, much of a day is; where it is an hour of one, a day's mean shows it too, but says less.
  if (!hours || hours.length >= slots / 4) return unlikeDays(apart, inWeeks, weekGrid);
  const explained = shareExplained(apart, week, slots, WEEKLY_SHARE_MIN);
  if (!explained || explained.score < WEEKLY_SCORE_MIN) return null;
  return described("week", weekGrid, week, hours, explained);
}

/** Days of the week that are unlike the others. */
function unlikeDays(apart: Float64Array, inWeeks: Float64Array, grid: DayGrid): Recurring | null {
  const explained = shareExplained(dayMeans(apart, grid.slots), 7, 1, DAYS_SHARE_MIN);
  if (!explained || explained.score < WEEKLY_SCORE_MIN) return null;
  const levels = dayMeans(inWeeks, grid.slots);
  const run = furthestRun(profileOf(levels, 7));
  return run && described("week", { ...grid, stepMs: DAY_MS, values: levels }, 7, run, explained);
}

/** Readings less the mean of one period around them: what grows or moves slowly is taken out. NaN at both ends, half a period long. */
function lessItsMiddle(values: Float64Array, period: number): Float64Array {
  const half = period / 2;
  const even = Number.isInteger(half);
  const reach = Math.floor(half);
  const sums = new Float64Array(values.length + 1);
  const counts = new Float64Array(values.length + 1);
  for (let place = 0; place < values.length; place++) {
    const value = values[place]!;
    const isHeard = value === value;
    sums[place + 1] = sums[place]! + (isHeard ? value : 0);
    counts[place + 1] = counts[place]! + (isHeard ? 1 : 0);
  }
  const apart = new Float64Array(values.length).fill(NaN);
  for (let place = reach; place < values.length - reach; place++) {
    // A period of an even number of steps has no middle one: its two ends count half.
    const begin = place - reach;
    const end = place + reach + 1;
    let sum = sums[end]! - sums[begin]!;
    let count = counts[end]! - counts[begin]!;
    if (even) {
      const low = values[begin]!;
      const high = values[end - 1]!;
      if (low === low) [sum, count] = [sum - low / 2, count - 0.5];
      if (high === high) [sum, count] = [sum - high / 2, count - 0.5];
    }
    if (count >= reach) apart[place] = values[place]! - sum / count;
  }
  return apart;
}

/** One reading that is far off must not hide a pattern: what is beyond the outermost share on both sides, and this many times their distance, is drawn in. */
function clipped(values: Float64Array, share: number, times: number): Float64Array {
  const order = sorted(values);
  const [inner, outer] = [quantile(order, share), quantile(order, 1 - share)];
  const low = inner - times * (outer - inner);
  const high = outer + times * (outer - inner);
  return values.map((value) => (value < low ? low : value > high ? high : value));
}

/** Before means are taken: what is far out of all that is seen more than a few times. */
function tamed(values: Float64Array, slots: number): Float64Array {
  return clipped(values, 0.5 / slots, 3);
}

function dailyShape(apart: Float64Array, slots: number): Float64Array {
  const shape = profileOf(apart, slots);
  return shape.map((value) => (value === value ? value : 0));
}

/** The median of each place of the period. */
function profileOf(values: Float64Array, slots: number): Float64Array {
  const room = new Float64Array(Math.ceil(values.length / slots));
  return Float64Array.from({ length: slots }, (_, slot) => {
    let count = 0;
    for (let place = slot; place < values.length; place += slots) {
      const value = values[place]!;
      if (value === value) room[count++] = value;
    }
    return medianInPlace(room, count);
  });
}

function dayMeans(values: Float64Array, slots: number): Float64Array {
  return Float64Array.from({ length: Math.floor(values.length / slots) }, (_, day) => {
    let sum = 0;
    let count = 0;
    for (const value of values.subarray(day * slots, (day + 1) * slots))
      if (value === value) [sum, count] = [sum + value, count + 1];
    return count * 2 >= slots ? sum / count : NaN;
  });
}

interface Run {
  from: number;
  length: number;
  isHigh: boolean;
}

/**
 * The stretch of a period that is furthest from the rest of it: around the highest or the lowest place, as far as readings stay beyond half
 * of the way from the usual. Circular. Null where more than two thirds of the period would be unlike the rest.
 */
function furthestRun(profile: Float64Array): Run | null {
  const order = sorted(profile);
  if (order.length < profile.length * 0.8) return null;
  const usual = quantile(order, 0.5);
  // Where both ends are as far, what is much is told of, not what is little.
  const isHigh = order.at(-1)! - usual >= 0.7 * (usual - order[0]!);
  const furthest = isHigh ? order.at(-1)! : order[0]!;
  const half = (usual + furthest) / 2;
  const isBeyond = (slot: number): boolean => {
    const value = profile[((slot % profile.length) + profile.length) % profile.length]!;
    return isHigh ? value > half : value < half;
  };
  let from = profile.indexOf(furthest);
  let length = 1;
  while (length < profile.length && isBeyond(from - 1)) [from, length] = [from - 1, length + 1];
  while (length < profile.length && isBeyond(from + length)) length++;
  if (length > (profile.length * 2) / 3) return null;
  return { from: (from + profile.length) % profile.length, length, isHigh };
}

/** Looks at every period whether it was there, and puts it into numbers. */
function described(
  period: Recurring["period"],
  { values, stepMs }: DayGrid,
  slots: number,
  { from, length, isHigh }: Run,
  { share, score }: { share: number; score: number },
): Recurring | null {
  const periods = Math.floor(values.length / slots);
  const within: number[] = [];
  const outside: number[] = [];
  for (let each = 0; each < periods; each++) {
    const begin = each * slots + from;
    const inside = median(values.subarray(begin, begin + length));
    const rest = median(
      Float64Array.from({ length: slots - length }, (_, place) => values[begin + length - slots + place] ?? NaN),
    );
    if (inside !== inside || rest !== rest) continue;
    within.push(inside);
    outside.push(rest);
  }
  const value = median(within);
  const usual = median(outside);
  // Period by period: what grows meanwhile is at another level in each.
  const third = median(within.map((inside, place) => inside - outside[place]!)) / 3;
  const seen = within.filter((inside, place) => {
    const apart = inside - outside[place]!;
    return isHigh ? apart > third : apart < third;
  }).length;
  if (within.length < 3 || seen < within.length * SEEN_MIN || isHigh !== value > usual) return null;
  return {
    period,
    from: from * stepMs,
    to: (from + length) * stepMs,
    isHigh,
    value,
    usual,
    seen,
    periods: within.length,
    share,
    score,
  };
}
