import { SAMPLE_AGE_MAX_MS } from "../../contract/limits.ts";
import { TIERS, type Tier } from "../../contract/series.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";

/** One kind of block: what one row spans, and what one point in it spans; 0 where every point is a sample. */
export interface TierSpec {
  tier: Tier;
  /** How the database names it, for ever. */
  number: number;
  blockMs: DurationMs;
  stepMs: DurationMs;
}

const HOUR_MS: DurationMs = 3_600_000;
const DAY_MS: DurationMs = 24 * HOUR_MS;

/**
 * A raw block grows with each flush within its hour; a rewritten row costs as much as a short one. The blocks of five minutes are
 * written once, those of an hour four times a day.
 */
export const TIER_SPECS: Record<Tier, TierSpec> = {
  raw: { tier: "raw", number: 0, blockMs: HOUR_MS, stepMs: 0 },
  fiveMinutes: { tier: "fiveMinutes", number: 1, blockMs: 6 * HOUR_MS, stepMs: 300_000 },
  hour: { tier: "hour", number: 2, blockMs: 4 * DAY_MS, stepMs: HOUR_MS },
};

/** Raw hours that one block of five minutes holds; a roll makes all of it. */
export const HOURS_PER_ROLL = TIER_SPECS.fiveMinutes.blockMs / HOUR_MS;

/** Which block a moment belongs to, counted from 1970. */
export function bucketOf({ blockMs }: TierSpec, at: EpochMs): number {
  return Math.floor(at / blockMs);
}

/**
 * For so long a raw block has its place, however short single samples are kept: an agent hands in what it kept for a week, and until
 * that is rolled it must not be written over.
 */
export const RAW_PLACED_DAYS = SAMPLE_AGE_MAX_MS / DAY_MS + 1;

/** Places of the ring that holds so many days: one more than they fill, for the block that is being filled. */
export function slotsFor({ tier, blockMs }: TierSpec, days: number): number {
  const placedDays = tier === "raw" ? Math.max(days, RAW_PLACED_DAYS) : days;
  return Math.ceil((placedDays * DAY_MS) / blockMs) + 1;
}

export const tierSpecs = (): TierSpec[] => TIERS.map((tier) => TIER_SPECS[tier]);
