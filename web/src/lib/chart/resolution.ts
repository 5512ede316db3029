import type { SeriesColumns, Tier } from "../../../../contract/series.ts";
import type { DurationMs } from "../../../../contract/units.ts";

/** How closely a window is shown, and what of it is missing. */
export type Resolution = Pick<SeriesColumns, "stepMs" | "tier" | "blocksUnreadable">;

/** From the finest. (`TIERS` of the contract comes with schemas, which no page needs.) */
const COARSENESS: Record<Tier, number> = { raw: 0, fiveMinutes: 1, hour: 2 };

/**
 * Two replies about one window as one: the coarser of both. They read the same blocks, so the one that missed more has
 * missed all that the other did.
 */
export function coarser(a: Resolution, b: Resolution): Resolution {
  return {
    stepMs: Math.max(a.stepMs, b.stepMs),
    tier: COARSENESS[a.tier] < COARSENESS[b.tier] ? b.tier : a.tier,
    blocksUnreadable: Math.max(a.blocksUnreadable, b.blocksUnreadable),
  };
}

/** What one point of the charts is: `Each point: 5 minutes, with the lowest and highest`. */
export function pointInWords({ stepMs }: Pick<Resolution, "stepMs">, isBandless = false): string {
  if (stepMs === 0) return "Each point: a sample";
  return `Each point: ${spanInWords(stepMs)}, ${isBandless ? "the mean" : "with the lowest and highest"}`;
}

/** Why a point is no finer; undefined where it could not be. */
export function tierInWords({ stepMs, tier }: Resolution): string | undefined {
  if (tier === "fiveMinutes")
    return "Points of five minutes are near enough for this width. Zoom in to see closer, as far back as single samples are kept.";
  if (tier === "hour")
    return "Points of an hour are near enough for this width. Zoom in to see closer, as far back as finer ones are kept.";
  return stepMs === 0 ? undefined : "More samples than the screen has room for: zoom in to see single ones.";
}

/** What is missing of the window; undefined where nothing is. */
export function unreadableInWords({ blocksUnreadable: count }: Pick<Resolution, "blocksUnreadable">) {
  if (count === 0) return undefined;
  return count === 1
    ? "1 block of this window could not be read; it is left out and named in the log."
    : `${count} blocks of this window could not be read; they are left out and named in the log.`;
}

const UNITS: readonly [name: string, ms: DurationMs][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];
/** Nobody reads a chart closer than this. */
const NEAR = 0.03;

/** A span in full, in one unit where that is near enough: `5 minutes`, `about 15 minutes`, `1 hour 51 minutes`. */
export function spanInWords(given: DurationMs): string {
  const span = Math.max(1_000, given);
  const index = UNITS.findIndex(([, ms]) => span >= (1 - NEAR) * ms);
  const [name, ms] = UNITS[index] ?? UNITS.at(-1)!;
  const count = Math.max(1, Math.round(span / ms));
  const error = Math.abs(span - count * ms) / span;
  const smaller = UNITS[index + 1];
  if (error <= NEAR || !smaller) return `${error > 0.01 ? "about " : ""}${counted(count, name)}`;
  const whole = Math.floor(span / ms);
  return `${counted(whole, name)} ${counted(Math.max(1, Math.round((span - whole * ms) / smaller[1])), smaller[0])}`;
}

function counted(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
