import type { Readings } from "../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Database } from "../../worker/db/client.ts";
import { newestBuckets, readBlocks, writeBlocks, type BlockToWrite } from "../../worker/series/block-store.ts";
import { packPoints } from "../../worker/series/block/points.ts";
import { packSamples, SampleColumns, unpackSamples, type HistorySample } from "../../worker/series/block/samples.ts";
import { packKey } from "../../worker/series/packed.ts";
import { roll } from "../../worker/series/roll.ts";
import { bucketOf, HOURS_PER_ROLL, TIER_SPECS, type TierSpec } from "../../worker/series/tiers.ts";

const HOUR_MS: DurationMs = 3_600_000;
const DAY_MS: DurationMs = 24 * HOUR_MS;

/** Single samples reach back so far, and to the quarter day before; the tick rolls them as it does everybody's. */
const PAST_MS: DurationMs = DAY_MS;
/** Before that there are points: what a fleet would have kept, each of a few moments. */
const POINTS_PAST: readonly { spec: TierSpec; pastMs: DurationMs; everyMs: DurationMs }[] = [
  { spec: TIER_SPECS.fiveMinutes, pastMs: 4 * DAY_MS, everyMs: 150_000 },
  { spec: TIER_SPECS.hour, pastMs: 45 * DAY_MS, everyMs: 30 * 60_000 },
];
/** Blocks in one statement: well below the 2 MB a statement's text may have. */
const BLOCKS_PER_WRITE = 12;

/** Whose past it is. */
export interface Recorded {
  id: string;
  everyMs: DurationMs;
  /** What it would have recorded at a moment; undefined where it was not heard. */
  readingsAt(at: EpochMs): Readings | undefined;
  /** Where something is kept already, the time since is not filled: nobody has looked then. */
  isOnce?: boolean;
}

/**
 * Writes what these would have recorded from their last sample (or a day ago) up to now, and on the first start the weeks before. Answers
 * how many samples it was.
 */
export async function fillPast(db: Database, all: readonly Recorded[], now: EpochMs): Promise<number> {
  let count = 0;
  let writing: Promise<unknown> = Promise.resolve();
  for (const recorded of all) {
    // The database is at work on one while the next is reckoned.
    const [blocks] = await Promise.all([blocksOf(db, recorded, now), writing]);
    count += blocks.reduce((sum, { tier, count: held }) => sum + (tier === TIER_SPECS.raw ? held : 0), 0);
    writing = write(db, recorded.id, blocks);
  }
  await writing;
  return count;
}

async function blocksOf(db: Database, recorded: Recorded, now: EpochMs): Promise<Made[]> {
  const last = await lastSampleAt(db, recorded.id);
  if (recorded.isOnce && last !== undefined) return [];
  const begun = await rawAround(db, recorded.id, last);
  const blocks = rawBlocks(begun, samplesOf(recorded, startOf(last, now), now, recorded.everyMs));
  if (last !== undefined) return blocks;
  const points = POINTS_PAST.map(({ spec, pastMs, everyMs }) => {
    return pointBlocks(spec, samplesOf(recorded, now - pastMs, samplesSince(now), everyMs));
  });
  return [...blocks, ...points.flat()];
}

async function write(db: Database, instanceId: string, blocks: readonly Made[]): Promise<void> {
  const groups = Array.from({ length: Math.ceil(blocks.length / BLOCKS_PER_WRITE) }, (_, at) => {
    return blocks.slice(at * BLOCKS_PER_WRITE, (at + 1) * BLOCKS_PER_WRITE);
  });
  await Promise.all(
    groups.map((group) =>
      writeBlocks(
        db,
        group.map((block) => ({ ...block, instanceId })),
      ),
    ),
  );
}

type Made = Omit<BlockToWrite, "instanceId">;

/** Where points end and single samples begin. */
function samplesSince(now: EpochMs): EpochMs {
  return bucketOf(TIER_SPECS.fiveMinutes, now - PAST_MS) * TIER_SPECS.fiveMinutes.blockMs;
}

function startOf(last: EpochMs | undefined, now: EpochMs): EpochMs {
  return Math.max(samplesSince(now), (last ?? 0) + 1);
}

async function lastSampleAt(db: Database, instanceId: string): Promise<EpochMs | undefined> {
  const [newest] = await newestBuckets(db, TIER_SPECS.raw, [instanceId]);
  if (!newest) return undefined;
  const [block] = await readBlocks(db, TIER_SPECS.raw, [newest]);
  return block && unpackSamples(block, () => {}).at.at(-1);
}

/** The raw block that the next samples go into, where there is one. */
async function rawAround(db: Database, instanceId: string, last: EpochMs | undefined) {
  if (last === undefined) return undefined;
  const [block] = await readBlocks(db, TIER_SPECS.raw, [{ instanceId, bucket: bucketOf(TIER_SPECS.raw, last) }]);
  return block;
}

function rawBlocks(begun: Awaited<ReturnType<typeof rawAround>>, samples: readonly HistorySample[]): Made[] {
  const byHour = Map.groupBy(samples, ({ at }) => bucketOf(TIER_SPECS.raw, at));
  return [...byHour].map(([bucket, of]) => {
    const isBegun = begun?.bucket === bucket;
    const columns = isBegun ? unpackSamples(begun, () => {}) : new SampleColumns();
    columns.merge(of);
    return { bucket, tier: TIER_SPECS.raw, versionRead: isBegun ? begun.version : 0, ...packSamples(columns) };
  });
}

function pointBlocks(spec: TierSpec, samples: readonly HistorySample[]): Made[] {
  return [...Map.groupBy(samples, ({ at }) => bucketOf(spec, at))].map(([bucket, of]) => {
    const columns = new SampleColumns();
    columns.merge(of);
    const packed = packPoints(roll(columns, spec.stepMs));
    const covers = spec === TIER_SPECS.fiveMinutes ? { covers: Array<number>(HOURS_PER_ROLL).fill(0) } : {};
    return { bucket, tier: spec, versionRead: 0, ...covers, ...packed };
  });
}

/** What would have been recorded, at whole multiples of the interval. Unnumbered: live samples have a stream of their own. */
function samplesOf({ readingsAt }: Recorded, from: EpochMs, to: EpochMs, everyMs: DurationMs): HistorySample[] {
  const samples: HistorySample[] = [];
  let names: string[] = [];
  let keys: string[] = [];
  for (let at = Math.ceil(from / everyMs) * everyMs; at < to; at += everyMs) {
    const readings = readingsAt(at);
    if (!readings) continue;
    const named = Object.keys(readings);
    // Mostly those of the sample before: packing them again for each takes a second of the start.
    if (named.length !== names.length || named.some((name, place) => name !== names[place])) {
      names = named;
      keys = named.map(packKey);
    }
    samples.push({ at, stream: 0, seq: 0, keys, values: Float64Array.from(Object.values(readings)) });
  }
  return samples;
}
