import { growthAt, levelBetween, type Growth } from "./growth.ts";

/** How growth would have been foretold at places of its own past. */
export interface GrowthPast {
  /** From how many places something would have been said. */
  origins: number;
  /** Mean distance of the levels foretold from those that came; and had it been said that everything stays as it is. */
  error: number;
  errorOfNaive: number;
  /** The share of levels that came to lie within what is `allowed` before any stretching, 0 to 1. */
  coverage: number;
  /** How many times as wide it is to be: so much as holds nearly all of them, and a margin; 1 at least. */
  stretch: number;
  /** The most steps ahead that could be tried out. */
  longest: number;
}

/** Places in the whole of the past, and as many in the part that goes as it does now. */
const ORIGINS = 12;
/** From the first third of it on: before, a line that has only begun is hardly seen. */
const FIRST = 0.33;
const LAST = 0.95;
/** From each place so many levels up to the end are compared. */
const LEADS = 6;
/** Fewer places that would have said something prove nothing. */
const ORIGINS_MIN = 3;
/** It is only one past, and what is to come reaches further than what could be tried out: so much wider. */
const MARGIN = 2;
/** Of the levels so many are held: where growth has begun lately, the first places saw a bend that is behind it now. */
const HELD = 0.985;

/** Of the noise of readings: within so much of it nobody can tell where the level is, least of all while it swings from hour to hour. */
const NOISE_SHARE = 0.5;

/** How far the level may be off the line after so many steps, by how uncertain level and slope are. */
export function allowed({ slope, least, most, spread, noise }: Growth, ahead: number, isAbove: boolean): number {
  return Math.max(2 * spread, NOISE_SHARE * noise) + ahead * (isAbove ? most - slope : slope - least);
}

/**
 * Tries out what is said about growth: from places between `start` and `end`, and between `steady` and `end`, each with what was known there.
 * Null where too few would have said anything.
 */
export function tryGrowth(values: Float64Array, start: number, steady: number, end: number): GrowthPast | null {
  const past: GrowthPast = { origins: 0, error: 0, errorOfNaive: 0, coverage: 0, stretch: 1, longest: 0 };
  const shares: number[] = [];
  for (const place of placesOf(start, steady, end)) {
    const growth = growthAt(values, start, place);
    if (growth === null) continue;
    past.origins++;
    for (let lead = 1; lead <= LEADS; lead++) {
      const apart = (end - place) / LEADS;
      const at = place - 1 + apart * lead;
      const came = levelBetween(
        values,
        Math.max(place, Math.ceil(at - apart / 2)),
        Math.min(end, Math.floor(at + apart / 2) + 1),
      );
      if (Number.isNaN(came)) continue;
      const ahead = apart * lead;
      const off = came - growth.level - growth.slope * ahead;
      const share = Math.abs(off) / allowed(growth, ahead, off > 0);
      shares.push(share);
      past.error += Math.abs(off);
      past.errorOfNaive += Math.abs(came - growth.level);
      if (!(share > 1)) past.coverage++;
      past.longest = Math.max(past.longest, ahead);
    }
  }
  const levels = shares.length;
  if (past.origins < ORIGINS_MIN || levels === 0) return null;
  past.stretch = Math.max(1, MARGIN * shares.sort((a, b) => a - b)[Math.floor(HELD * (levels - 1))]!);
  past.error /= levels;
  past.errorOfNaive /= levels;
  past.coverage /= levels;
  return past;
}

function placesOf(start: number, steady: number, end: number): Set<number> {
  const places = new Set<number>();
  for (const from of [start, steady]) {
    for (let turn = 0; turn < ORIGINS; turn++) {
      const share = FIRST + ((LAST - FIRST) * turn) / (ORIGINS - 1);
      places.add(Math.min(end - 1, from + Math.round((end - from) * share)));
    }
  }
  return places;
}
