import type { D1Database } from "@cloudflare/workers-types";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { database, type Database } from "../../worker/db/client.ts";
import { newestBuckets, readBlocks, writeBlocks, type BlockToWrite } from "../../worker/series/block-store.ts";
import { packPoints } from "../../worker/series/block/points.ts";
import { packSamples, SampleColumns, unpackSamples, type HistorySample } from "../../worker/series/block/samples.ts";
import { packKey } from "../../worker/series/packed.ts";
import { roll } from "../../worker/series/roll.ts";
import { bucketOf, HOURS_PER_ROLL, TIER_SPECS, type TierSpec } from "../../worker/series/tiers.ts";
import { isHeard, readingsAt, type DemoInstance } from "./fleet.ts";

const HOUR_MS: DurationMs = 3_600_000;
const DAY_MS: DurationMs = 24 * HOUR_MS;

/** Single samples reach back so far, and to the quarter day before; the tick rolls them as it does everybody's. */
export const PAST_MS: DurationMs = DAY_MS;
export const PAST_INTERVAL_MS: DurationMs = 30_000;
/** Before that there are points: what a fleet would have kept, each of a few moments. */
const POINTS_PAST: readonly { spec: TierSpec; pastMs: DurationMs; everyMs: DurationMs }[] = [
  { spec: TIER_SPECS.fiveMinutes, pastMs: 4 * DAY_MS, everyMs: 150_000 },
  { spec: TIER_SPECS.hour, pastMs: 45 * DAY_MS, everyMs: 30 * 60_000 },
];
/** Blocks in one statement: well below the 2 MB a statement's text may have. */
const BLOCKS_PER_WRITE = 12;

/** Writes what the fleet would have sent from each machine's last sample (or a day ago) up to now, and on the first start the weeks before. */
export async function fillPast(d1: D1Database, fleet: DemoInstance[], bornAt: EpochMs, now: EpochMs): Promise<number> {
  // The same database to both programs; only their type definitions differ.
  const db = database(d1 as never);
  let count = 0;
  for (const [index, instance] of fleet.entries()) {
    const momentsOf = (from: EpochMs, to: EpochMs, everyMs: DurationMs) =>
      samplesOf(instance, index, bornAt, from, to, everyMs);
    const last = await lastSampleAt(db, instance.facts.id);
    const blocks = rawBlocks(
      await rawAround(db, instance.facts.id, last),
      momentsOf(startOf(last, now), now, PAST_INTERVAL_MS),
    );
    count += blocks.reduce((sum, block) => sum + block.count, 0);
    if (last === undefined) {
      for (const { spec, pastMs, everyMs } of POINTS_PAST) {
        blocks.push(...pointBlocks(spec, momentsOf(now - pastMs, samplesSince(now), everyMs)));
      }
    }
    for (let first = 0; first < blocks.length; first += BLOCKS_PER_WRITE) {
      const group = blocks.slice(first, first + BLOCKS_PER_WRITE);
      await writeBlocks(
        db,
        group.map((block) => ({ ...block, instanceId: instance.facts.id })),
      );
    }
  }
  return count;
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

/** What the machine would have sent, at whole multiples of the interval. Unnumbered: its live samples have a stream of their own. */
function samplesOf(
  instance: DemoInstance,
  index: number,
  bornAt: EpochMs,
  from: EpochMs,
  to: EpochMs,
  everyMs: DurationMs,
): HistorySample[] {
  const samples: HistorySample[] = [];
  let keys: string[] | undefined;
  for (let at = Math.ceil(from / everyMs) * everyMs; at < to; at += everyMs) {
    if (!isHeard(instance, at, bornAt)) continue;
    const readings = Object.entries(readingsAt(instance, index, at, bornAt));
    keys ??= readings.map(([key]) => packKey(key));
    samples.push({ at, stream: 0, seq: 0, keys, values: Float64Array.from(readings, ([, value]) => value) });
  }
  return samples;
}
