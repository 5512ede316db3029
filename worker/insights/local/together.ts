import { LAG_MAX, rankCorrelation, signsAgreeing, type Moves } from "./moves.ts";

/** A series that may move together with another. */
export interface Mover {
  /** Whose it is: a place in the list of machines. */
  machine: number;
  metric: string;
  moves: Moves;
}

/** Two series that move together; the second follows the first by `lag` hours, 0 or more. */
export interface Pair {
  first: Mover;
  second: Mover;
  lag: number;
  /** Spearman's coefficient of their changes, -1 to 1. */
  likeness: number;
  /** How often so much likeness would come about by chance among all pairs that were looked at, at most 1. */
  chance: number;
}

/** Weaker likeness is of no use to anybody, however certain it is. */
const LIKENESS_MIN = 0.6;
/** Among all pairs that were looked at, fewer than one in a thousand looks finds one by chance. */
const CHANCE_MAX = 0.001;
/** Signs of two series whose changes are alike by 0.55 agree in 68 of 100 hours; those of strangers in 50, give or take 2. */
const SIGNS_MIN = 0.66;
/** Bounds what one look may cost: comparing the signs of two series at all lags takes less than a microsecond. */
const PAIRS_MAX = 100_000;
/** Beside each hour an effect of its own, a machine follows sooner than an hour later: without clear gain a lag is not told. */
const LAG_GAIN = 0.1;

/**
 * Which of these series move together. All pairs that may be asked about are held against each other by the signs of their changes, 32
 * hours at a time; what agrees there is measured by rank, and must be stronger than the number of pairs makes chance.
 */
export function movingTogether(movers: readonly Mover[], mayBeAsked: (a: Mover, b: Mover) => boolean): Pair[] {
  const screened: { first: Mover; second: Mover }[] = [];
  let looked = 0;
  for (let one = 0; one < movers.length && looked < PAIRS_MAX; one++) {
    for (let other = one + 1; other < movers.length && looked < PAIRS_MAX; other++) {
      const first = movers[one]!;
      const second = movers[other]!;
      if (!mayBeAsked(first, second)) continue;
      looked++;
      for (let lag = -LAG_MAX; lag <= LAG_MAX; lag++) {
        const agreeing = signsAgreeing(first.moves, second.moves, lag);
        if (agreeing < SIGNS_MIN && agreeing > 1 - SIGNS_MIN) continue;
        screened.push({ first, second });
        break;
      }
    }
  }
  const tests = looked * (2 * LAG_MAX + 1);
  return screened
    .flatMap(({ first, second }) => measured(first, second, tests) ?? [])
    .sort((a, b) => Math.abs(b.likeness) - Math.abs(a.likeness));
}

function measured(first: Mover, second: Mover, tests: number): Pair | null {
  let best = rankCorrelation(first.moves.ranks, second.moves.ranks, 0);
  let lag = 0;
  for (let each = -LAG_MAX; each <= LAG_MAX; each++) {
    const likeness = rankCorrelation(first.moves.ranks, second.moves.ranks, each);
    if (each !== 0 && Math.abs(likeness) > Math.abs(best) + (lag === 0 ? LAG_GAIN : 0)) [best, lag] = [likeness, each];
  }
  if (Math.abs(best) < LIKENESS_MIN) return null;
  const chance = Math.min(1, chanceOf(best, first.moves, second.moves) * tests);
  if (chance > CHANCE_MAX) return null;
  return lag >= 0
    ? { first, second, lag, likeness: best, chance }
    : { first: second, second: first, lag: -lag, likeness: best, chance };
}

/** How often two strangers would be so alike: Fisher's transform, with fewer hours counted where each series is like its own past. */
function chanceOf(likeness: number, a: Moves, b: Moves): number {
  const common = a.likeness.reduce((sum, own, place) => sum + own * b.likeness[place]!, 0);
  const hours = Math.min(a.heard, b.heard) / Math.max(1, 1 + 2 * common);
  if (hours <= 4) return 1;
  const deviations = Math.atanh(Math.min(0.9999, Math.abs(likeness))) * Math.sqrt(hours - 3);
  return deviations < 1 ? 1 : Math.min(1, (2 * Math.exp((-deviations * deviations) / 2)) / (deviations * 2.5066));
}
