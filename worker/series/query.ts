import { SERIES_BLOCKS_PER_QUERY_MAX } from "../../contract/limits.ts";
import type { SeriesKey } from "../../contract/metric.ts";
import type { Retention } from "../../contract/operations.ts";
import type { Tier } from "../../contract/series.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { POINTS_LEAST_SHARE } from "../settings.ts";
import {
  columnsOf,
  columnsStatement,
  unrolledColumnsStatement,
  type BlockColumns,
  type ColumnsRow,
} from "./column-store.ts";
import { AT, SEQ, STREAM } from "./block/directory.ts";
import { SAMPLES } from "./block/points.ts";
import type { Reach } from "./ring-store.ts";
import { Assembly } from "./assembly.ts";
import { packKey } from "./packed.ts";
import { bucketOf, HOURS_PER_ROLL, RAW_PLACED_DAYS, TIER_SPECS, tierSpecs, type TierSpec } from "./tiers.ts";
import type { Window } from "./window.ts";

/** Samples that are not in a block yet, of one instance: the asked columns, by time. */
export interface WaitingSamples {
  at: EpochMs[];
  stream: number[];
  seq: number[];
  columns: (number | null)[][];
}

export interface WindowAsked {
  instanceIds: readonly string[];
  keys: readonly SeriesKey[];
  from: EpochMs;
  to: EpochMs;
  points: number;
}

export interface WindowRead {
  tier: Tier;
  windows: Map<string, Window>;
  blocksUnreadable: Map<string, number>;
}

/** The coarsest tier that still has enough points for the chart, among those that reach back far enough. */
export function tierFor(
  { from, to, points }: Omit<WindowAsked, "instanceIds" | "keys">,
  kept: Retention & Partial<Pick<Reach, "since">>,
  now: EpochMs,
): TierSpec {
  const days: Record<Tier, number> = { raw: kept.rawDays, fiveMinutes: kept.fiveMinutesDays, hour: kept.hourDays };
  const reaching = tierSpecs().filter(
    ({ tier }) => from >= Math.max(now - days[tier] * 86_400_000, kept.since?.[tier] ?? 0),
  );
  const candidates = reaching.length > 0 ? reaching : [TIER_SPECS.hour];
  const isFine = ({ stepMs }: TierSpec) => stepMs === 0 || (to - from) / stepMs >= points * POINTS_LEAST_SHARE;
  return candidates.findLast(isFine) ?? candidates[0]!;
}

/** What the shard knows beside the blocks. */
export interface Held {
  waiting: ReadonlyMap<string, WaitingSamples>;
  /** Which hours may not be rolled as they are: those from `before` on, and these. Undefined where the shard cannot tell. */
  unrolled: { before: number; hours: number[] } | undefined;
}

/**
 * Reads a window of some instances. Every hour comes from the coarse tier if what is there is all there is of it, and otherwise from its
 * samples: what came late is seen at once. What is held must have been asked for before, so that nothing falls between the two.
 */
export async function readWindow(
  db: Database,
  spec: TierSpec,
  { instanceIds, keys, from, to }: Omit<WindowAsked, "points">,
  held: Held,
  retention: Retention,
  now: EpochMs,
): Promise<WindowRead> {
  const names = keys.map(packKey);
  const buckets = range(bucketOf(spec, from), bucketOf(spec, Math.min(to, now + spec.blockMs)));
  const hours = spec.stepMs === 0 ? [] : maybeUnrolled(held.unrolled, from, Math.min(to, now), retention, now);
  // Of the hours only those that are not rolled leave the database: as a rule those of this quarter day and the one before.
  refuseTooMany(instanceIds.length * (buckets.length + Math.min(hours.length, 2 * HOURS_PER_ROLL)));

  const coarseNames = [...(spec.stepMs === 0 ? [AT, STREAM, SEQ] : [AT, SAMPLES]), ...names];
  const statements = [columnsStatement(db, spec.number, instanceIds, buckets, coarseNames)];
  if (hours.length > 0) statements.push(unrolledColumnsStatement(db, instanceIds, hours, [AT, STREAM, SEQ, ...names]));
  const [first, second] = await db.$client.batch<ColumnsRow>(statements);
  const read = first!.results.map(columnsOf);
  const raw = spec.stepMs === 0 ? read : (second?.results.map(columnsOf) ?? []);
  const coarse = spec.stepMs === 0 ? [] : read;

  const result: WindowRead = { tier: spec.tier, windows: new Map(), blocksUnreadable: new Map() };
  for (const id of instanceIds) {
    const mine = (block: BlockColumns) => block.instanceId === id;
    const assembly = new Assembly(id, keys, from, to);
    const unrolled = raw.filter(mine);
    for (const block of unrolled) assembly.addSamples(block);
    assembly.addWaiting(held.waiting.get(id));
    const samples = assembly.samples();
    const hoursFromSamples = new Set(unrolled.map(({ bucket }) => bucket));
    for (const block of coarse.filter(mine)) assembly.addPoints(block, hoursFromSamples);
    result.windows.set(id, spec.stepMs === 0 ? samples : assembly.merged(samples, spec));
    if (assembly.unreadable > 0) result.blocksUnreadable.set(id, assembly.unreadable);
  }
  return result;
}

/** The hours of the window that have to be looked at beside the coarse blocks. */
function maybeUnrolled(
  unrolled: Held["unrolled"],
  from: EpochMs,
  to: EpochMs,
  { rawDays }: Retention,
  now: EpochMs,
): number[] {
  const [first, last] = [bucketOf(TIER_SPECS.raw, from), bucketOf(TIER_SPECS.raw, to)];
  const oldest = bucketOf(TIER_SPECS.raw, now - Math.max(rawDays, RAW_PLACED_DAYS) * 86_400_000);
  if (!unrolled) return range(Math.max(first, oldest), last);
  const late = unrolled.hours.filter(
    (hour) => hour >= Math.max(first, oldest) && hour <= last && hour < unrolled.before,
  );
  return [...late, ...range(Math.max(first, oldest, unrolled.before), last)];
}

function refuseTooMany(blocks: number): void {
  if (blocks <= SERIES_BLOCKS_PER_QUERY_MAX) return;
  throw new NephosError(
    "invalid_field",
    `This window would read ${blocks} blocks; ${SERIES_BLOCKS_PER_QUERY_MAX} is the most.`,
    {
      field: "from",
      remedy: "Ask for a shorter window, for fewer instances, or for fewer `points`, which takes coarser blocks.",
    },
  );
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
