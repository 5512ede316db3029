import type { DurationMs, EpochMs } from "../../../../contract/units.ts";

const HOUR_MS: DurationMs = 3_600_000;
const HOURS_PER_DAY = 24;
const HOURS_PER_WEEK = 168;

/** What a reading is held against. Each answers how far the reading is off, signed, 0 where nothing is known yet, and then learns it. */

/** So much of the way to the hour's middle its range shrinks every day. */
const RANGE_SHRINKS_BY = 0.05;
const MIDDLE_RATE = 0.05;
/** A reading teaches as if it were no further off than so many times the spread: a single outlier says little of what is usual. */
const OFF_AT_MOST = 4;

/** The lowest and the highest of each hour of the day on the days before: a rhythm that comes back is no surprise, spikes included. */
export class HourRanges {
  static readonly FIGURES = 7;
  static readonly SIZE = HourRanges.FIGURES * HOURS_PER_DAY;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #middle: Float64Array;
  readonly #spread: Float64Array;
  readonly #lowToday: Float64Array;
  readonly #highToday: Float64Array;
  readonly #day: Float64Array;

  constructor(figures: Float64Array) {
    const part = (place: number) => figures.subarray(place * HOURS_PER_DAY, (place + 1) * HOURS_PER_DAY);
    [this.#low, this.#high, this.#middle] = [part(0), part(1), part(2)];
    [this.#spread, this.#lowToday, this.#highToday, this.#day] = [part(3), part(4), part(5), part(6)];
  }

  begin(): void {
    for (const part of [this.#low, this.#high, this.#middle, this.#spread, this.#day]) part.fill(NaN);
  }

  next(value: number, at: EpochMs): number {
    const hour = placeOf(at, HOURS_PER_DAY);
    const day = Math.floor(at / (HOURS_PER_DAY * HOUR_MS));
    if (this.#day[hour] !== day) this.#closeDay(hour, day);
    this.#lowToday[hour] = Math.min(this.#lowToday[hour]!, value);
    this.#highToday[hour] = Math.max(this.#highToday[hour]!, value);
    this.#learnMiddle(hour, value);
    const low = this.#low[hour]!;
    const high = this.#high[hour]!;
    if (value > high) return value - high;
    return value < low ? value - low : 0;
  }

  /** The range of an hour, and its middle with the mean deviation around it; null while the hour was not seen on an earlier day. */
  rangeAt(at: EpochMs): { low: number; high: number; middle: number; spread: number } | null {
    const hour = placeOf(at, HOURS_PER_DAY);
    const low = this.#low[hour];
    if (low === undefined || Number.isNaN(low)) return null;
    return { low, high: this.#high[hour]!, middle: this.#middle[hour]!, spread: this.#spread[hour]! };
  }

  #closeDay(hour: number, day: number): void {
    if (!Number.isNaN(this.#day[hour]!)) {
      const [low, high, middle] = [this.#low[hour]!, this.#high[hour]!, this.#middle[hour]!];
      const isFirst = Number.isNaN(low);
      this.#low[hour] = Math.min(this.#lowToday[hour]!, isFirst ? Infinity : low + RANGE_SHRINKS_BY * (middle - low));
      this.#high[hour] = Math.max(
        this.#highToday[hour]!,
        isFirst ? -Infinity : high - RANGE_SHRINKS_BY * (high - middle),
      );
    }
    this.#day[hour] = day;
    this.#lowToday[hour] = Infinity;
    this.#highToday[hour] = -Infinity;
  }

  #learnMiddle(hour: number, value: number): void {
    const middle = this.#middle[hour]!;
    if (Number.isNaN(middle)) {
      this.#middle[hour] = value;
      this.#spread[hour] = 0;
      return;
    }
    const off = value - middle;
    const spread = this.#spread[hour]!;
    const most = spread > 0 ? OFF_AT_MOST * spread : Math.abs(off);
    this.#middle[hour] = middle + MIDDLE_RATE * Math.max(-most, Math.min(most, off));
    this.#spread[hour] = spread + MIDDLE_RATE * (Math.min(most, Math.abs(off)) - spread);
  }
}

const WEEK_RATE = 0.07;

/** The mean of each hour of the week, recent readings first. */
export class WeekMeans {
  static readonly SIZE = HOURS_PER_WEEK;
  readonly #means: Float64Array;

  constructor(figures: Float64Array) {
    this.#means = figures;
  }

  begin(): void {
    this.#means.fill(NaN);
  }

  next(value: number, at: EpochMs): number {
    const hour = placeOf(at, HOURS_PER_WEEK);
    const mean = this.#means[hour]!;
    const off = Number.isNaN(mean) ? 0 : value - mean;
    this.#means[hour] = Number.isNaN(mean) ? value : mean + WEEK_RATE * off;
    return off;
  }
}

/** Half of its weight lies on the last fifty readings: at five minutes some four hours. */
const LEVEL_READINGS = 144;

/** The level of late, whatever the hour. */
export class Level {
  static readonly SIZE = 2;
  /** The level, and from how many readings it is. */
  readonly #figures: Float64Array;

  constructor(figures: Float64Array) {
    this.#figures = figures;
  }

  next(value: number): number {
    const figures = this.#figures;
    figures[1]!++;
    const off = figures[1] === 1 ? 0 : value - figures[0]!;
    figures[0] = figures[1] === 1 ? value : figures[0]! + off * Math.max(2 / (LEVEL_READINGS + 1), 1 / figures[1]!);
    return off;
  }

  /** After a long silence the level of before says nothing. */
  forget(): void {
    this.#figures.fill(0);
  }
}

/** The hour's place in a day or week that begins with 1970-01-01T00:00Z. */
function placeOf(at: EpochMs, hours: number): number {
  return ((Math.floor(at / HOUR_MS) % hours) + hours) % hours;
}
