/** What stands where Snowflake's own models stand: the season before, once more. Times in milliseconds. */

export interface Point {
  at: number;
  value: number;
}

export interface Fitted {
  points: Point[];
  stepMs: number;
  /** Points in a season: a day, or one where there are not two days. */
  season: number;
  deviation: number;
}

export interface Expected {
  at: number;
  forecast: number;
  deviation: number;
}

const DAY_MS = 86_400_000;

/** Null where there are fewer than two points: nothing can be said of such a series. */
export function fit(unordered: Point[]): Fitted | null {
  const points = [...unordered].sort((a, b) => a.at - b.at);
  if (points.length < 2) return null;
  const gaps = points.slice(1).map(({ at }, index) => at - points[index]!.at);
  const stepMs = gaps.sort((a, b) => a - b)[gaps.length >> 1]!;
  const daily = Math.round(DAY_MS / stepMs);
  const season = stepMs > 0 && daily >= 1 && points.length >= 2 * daily ? daily : 1;
  const misses = points.slice(season).map(({ value }, index) => value - points[index]!.value);
  const deviation = Math.sqrt(misses.reduce((sum, miss) => sum + miss ** 2, 0) / misses.length);
  return { points, stepMs, season, deviation };
}

/** So many steps after the last point: 1 is the next. */
export function expected({ points, stepMs, season, deviation }: Fitted, steps: number): Expected {
  const seasons = Math.ceil(steps / season);
  const before = points[points.length - season + ((steps - 1) % season)]!;
  return {
    at: points.at(-1)!.at + steps * stepMs,
    forecast: before.value,
    deviation: deviation * Math.sqrt(seasons),
  };
}

/** Share of a normal distribution below so many deviations (Abramowitz and Stegun 7.1.26). */
export function shareBelow(deviations: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(deviations)) / Math.SQRT2);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const error = 1 - poly * Math.exp(-(deviations ** 2) / 2);
  return (1 + Math.sign(deviations) * error) / 2;
}

/** How many deviations to both sides hold this share, by halving. */
export function deviationsFor(share: number): number {
  let [low, high] = [0, 10];
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (2 * shareBelow(middle) - 1 < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
