import type { DurationMs, EpochMs } from "../../../../contract/units.ts";

const DAY_MS: DurationMs = 86_400_000;
/** How many troubles are remembered: of more, the oldest are forgotten. */
const REMEMBERED = 128;
/** From this rarity on something is remembered as a trouble, told of or not. */
const REMEMBERED_FROM = 1.5;
/** What comes within so many readings of a trouble's beginning is part of it. */
const TROUBLE_READINGS = 80;
/** How sharply an earlier trouble counts when it was as bad as this one: one that was a fifth worse counts nearly whole. */
const AS_BAD_SHARPNESS = 10;
/** What came so often before is less of a surprise: rarity is divided by this power of how often. */
const HABIT_POWER = 0.3;
/** A trouble at the same time of another day counts double, and by the square of the days: a job that runs daily is a rhythm. */
const SAME_TIME_COUNTS = 2;
const SAME_TIME_MS: DurationMs = 1_800_000;
const SAME_TIME_FROM = 0.5;
/** After telling, quiet for this share of what is known of the series, within bounds; what goes on extends it by a part of that. */
const QUIET_SHARE = 0.05;
const QUIET_READINGS_MIN = 12;
const QUIET_READINGS_MAX = 200;
const QUIET_EXTENDED_BY = 0.3;
/** What is so many times as bad as what was told of is told in a quiet time too. */
const TOLD_AGAIN_TIMES = 2;

/** Where the scalars lie, before the ring of remembered troubles. */
const CURRENT_SINCE = 0;
const CURRENT_AT = 1;
const CURRENT_PEAK = 2;
const QUIET_UNTIL = 3;
const TOLD_WORTH = 4;
const COUNT = 5;
const SCALARS = 6;

/** Remembers what stood out in a series, so that what comes again and again is no surprise, and one trouble is told once. */
export class Troubles {
  static readonly SIZE = SCALARS + 2 * REMEMBERED;
  readonly #scalars: Float64Array;
  readonly #at: Float64Array;
  readonly #peaks: Float64Array;

  constructor(figures: Float64Array) {
    this.#scalars = figures.subarray(0, SCALARS);
    this.#at = figures.subarray(SCALARS, SCALARS + REMEMBERED);
    this.#peaks = figures.subarray(SCALARS + REMEMBERED, SCALARS + 2 * REMEMBERED);
  }

  /**
   * What a rarity is worth in the light of what came before, and whether it is to be told: when it reaches `tellFrom` outside a quiet
   * time, or is far worse than what was told before it. `place` counts the readings of the series.
   */
  weigh(rarity: number, at: EpochMs, place: number, tellFrom: number): { worth: number; isTold: boolean } {
    this.#closeCurrent(place);
    if (rarity <= 0) return { worth: 0, isTold: false };
    const worth = rarity / Math.pow(1 + this.#habit(rarity, at), HABIT_POWER);
    if (rarity >= REMEMBERED_FROM) this.#remember(rarity, at, place);
    if (worth < tellFrom) return { worth, isTold: false };
    const scalars = this.#scalars;
    const quiet = Math.max(QUIET_READINGS_MIN, Math.min(QUIET_READINGS_MAX, QUIET_SHARE * place));
    if (place <= scalars[QUIET_UNTIL]! && worth < TOLD_AGAIN_TIMES * scalars[TOLD_WORTH]!) {
      scalars[QUIET_UNTIL] = Math.max(scalars[QUIET_UNTIL]!, place + QUIET_EXTENDED_BY * quiet);
      return { worth, isTold: false };
    }
    scalars[QUIET_UNTIL] = place + quiet;
    scalars[TOLD_WORTH] = worth;
    return { worth, isTold: true };
  }

  /** How often the like of it came before. */
  #habit(rarity: number, at: EpochMs): number {
    const count = this.#scalars[COUNT]!;
    let asBad = 0;
    let days = 0;
    let lastDay = NaN;
    for (let index = Math.max(0, count - REMEMBERED); index < count; index++) {
      const share = this.#peaks[index % REMEMBERED]! / rarity;
      asBad += 1 / (1 + Math.exp(AS_BAD_SHARPNESS * (1 - share)));
      if (share < SAME_TIME_FROM) continue;
      const then = this.#at[index % REMEMBERED]!;
      const apart = Math.abs(at - then) % DAY_MS;
      if (Math.min(apart, DAY_MS - apart) >= SAME_TIME_MS) continue;
      const day = Math.floor(then / DAY_MS);
      if (day !== lastDay) days++;
      lastDay = day;
    }
    return asBad + SAME_TIME_COUNTS * days * days;
  }

  #remember(rarity: number, at: EpochMs, place: number): void {
    const scalars = this.#scalars;
    const isNew = scalars[CURRENT_PEAK] === 0;
    if (!isNew && rarity <= scalars[CURRENT_PEAK]!) return;
    if (isNew) scalars[CURRENT_SINCE] = place;
    scalars[CURRENT_AT] = at;
    scalars[CURRENT_PEAK] = rarity;
  }

  #closeCurrent(place: number): void {
    const scalars = this.#scalars;
    if (scalars[CURRENT_PEAK] === 0 || place - scalars[CURRENT_SINCE]! <= TROUBLE_READINGS) return;
    const index = scalars[COUNT]! % REMEMBERED;
    this.#at[index] = scalars[CURRENT_AT]!;
    this.#peaks[index] = scalars[CURRENT_PEAK]!;
    scalars[COUNT]!++;
    scalars[CURRENT_PEAK] = 0;
  }
}
