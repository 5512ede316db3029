import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { ROLL_BATCHES_PER_TICK_MAX, ROLLS_PER_BATCH } from "../settings.ts";
import {
  readBlocks,
  unrolledHours,
  writeBlocks,
  type BlockName,
  type BlockToWrite,
  type StoredBlock,
} from "./block-store.ts";
import { packPoints, unpackPoints, type PointColumns } from "./block/points.ts";
import { SampleColumns, unpackSamples } from "./block/samples.ts";
import { readRetention } from "./ring-store.ts";
import { replacePoints, roll } from "./roll.ts";
import { logUnreadable } from "./store.ts";
import { bucketOf, HOURS_PER_ROLL, TIER_SPECS, type TierSpec } from "./tiers.ts";

/** A quarter day of an instance: what one block of five minutes holds. */
interface Quarter extends BlockName {
  hours: number[];
}

/**
 * Makes the coarser tiers: finds the hours whose samples are not, or not as they are now, in a block of five minutes, and makes the points
 * of five minutes and of an hour of each anew. What to do is read from the blocks themselves, so nothing is forgotten with an
 * object's memory, and late samples cost the hours they touched. Answers how many hours were rolled.
 */
export async function rollDue(db: Database, now: EpochMs, settledBefore: EpochMs): Promise<number> {
  const { rawDays } = await readRetention(db);
  const from = bucketOf(TIER_SPECS.raw, now - rawDays * 86_400_000);
  // Whole quarter days only: a block that is written once is one row.
  const before = bucketOf(TIER_SPECS.fiveMinutes, settledBefore) * HOURS_PER_ROLL;
  const hours = await unrolledHours(db, from, before, ROLL_BATCHES_PER_TICK_MAX * ROLLS_PER_BATCH * HOURS_PER_ROLL);
  const quarters = quartersOf(hours).slice(0, ROLL_BATCHES_PER_TICK_MAX * ROLLS_PER_BATCH);
  let rolled = 0;
  for (let first = 0; first < quarters.length; first += ROLLS_PER_BATCH) {
    rolled += await rollQuarters(db, quarters.slice(first, first + ROLLS_PER_BATCH));
  }
  return rolled;
}

function quartersOf(hours: readonly BlockName[]): Quarter[] {
  const quarters = new Map<string, Quarter>();
  for (const { instanceId, bucket: hour } of hours) {
    const bucket = Math.floor(hour / HOURS_PER_ROLL);
    const name = `${bucket} ${instanceId}`;
    if (!quarters.has(name)) quarters.set(name, { instanceId, bucket, hours: [] });
    quarters.get(name)!.hours.push(hour);
  }
  return [...quarters.values()];
}

async function rollQuarters(db: Database, quarters: readonly Quarter[]): Promise<number> {
  const rawNames = quarters.flatMap(({ instanceId, hours }) => hours.map((bucket) => ({ instanceId, bucket })));
  const daysOf = quarters.map(({ instanceId, bucket }) => ({ instanceId, bucket: dayBucket(bucket) }));
  const [raw, fine, coarse] = [
    await readBlocks(db, TIER_SPECS.raw, rawNames),
    await readBlocks(db, TIER_SPECS.fiveMinutes, quarters),
    await readBlocks(db, TIER_SPECS.hour, distinct(daysOf)),
  ];
  const blocks: BlockToWrite[] = [];
  const hourPoints = new Map<string, Merging>();
  let rolled = 0;
  for (const quarter of quarters) {
    const mine = (block: StoredBlock) => block.instanceId === quarter.instanceId;
    const finePoints = new Merging(
      TIER_SPECS.fiveMinutes,
      quarter,
      fine.filter((block) => mine(block) && block.bucket === quarter.bucket),
    );
    const day = { instanceId: quarter.instanceId, bucket: dayBucket(quarter.bucket) };
    const dayName = `${day.bucket} ${day.instanceId}`;
    if (!hourPoints.has(dayName)) {
      hourPoints.set(
        dayName,
        new Merging(
          TIER_SPECS.hour,
          day,
          coarse.filter((block) => mine(block) && block.bucket === day.bucket),
        ),
      );
    }
    const covers = finePoints.covers;
    for (const hour of quarter.hours) {
      const stored = raw.filter((block) => mine(block) && block.bucket === hour);
      const samples = samplesOf(stored);
      finePoints.replace(hour, roll(samples, TIER_SPECS.fiveMinutes.stepMs));
      hourPoints.get(dayName)!.replace(hour, roll(samples, TIER_SPECS.hour.stepMs));
      // Also of a block that cannot be read, or it would be tried with every tick.
      covers[hour % HOURS_PER_ROLL] = stored.find(({ isNewest }) => isNewest)?.count ?? samples.count;
      rolled++;
    }
    blocks.push({ ...finePoints.block(), covers });
  }
  // The hours first: a block of five minutes is what says that they are made.
  await writeBlocks(db, [...[...hourPoints.values()].map((merging) => merging.block()), ...blocks]);
  return rolled;
}

/** A block of points on its way from what was read to what is written. */
class Merging {
  readonly covers: number[];
  readonly #spec: TierSpec;
  readonly #name: BlockName;
  readonly #versionRead: number;
  #points: PointColumns;

  constructor(spec: TierSpec, { instanceId, bucket }: BlockName, stored: readonly StoredBlock[]) {
    this.#spec = spec;
    this.#name = { instanceId, bucket };
    this.#versionRead = stored.find(({ isNewest }) => isNewest)?.version ?? 0;
    const newest = stored[0];
    this.covers = newest?.covers ?? Array<number>(HOURS_PER_ROLL).fill(0);
    this.#points = { at: [], samples: [], series: new Map() };
    if (!newest) return;
    try {
      this.#points = unpackPoints(newest, (series) => logUnreadable(newest, `series ${series}`));
    } catch (error) {
      logUnreadable(newest, (error as Error).message);
    }
  }

  replace(hour: number, made: PointColumns): void {
    this.#points = replacePoints(this.#points, (at) => bucketOf(TIER_SPECS.raw, at) === hour, made);
  }

  block(): BlockToWrite {
    return { ...this.#name, tier: this.#spec, versionRead: this.#versionRead, ...packPoints(this.#points) };
  }
}

function samplesOf(stored: readonly StoredBlock[]): SampleColumns {
  const all = new SampleColumns();
  for (const [index, block] of stored.entries()) {
    try {
      const read = unpackSamples(block, (series) => logUnreadable(block, `series ${series}`));
      if (index === 0 && stored.length === 1) return read;
      all.merge(read.samples());
    } catch (error) {
      logUnreadable(block, (error as Error).message);
    }
  }
  return all;
}

const dayBucket = (quarter: number) => Math.floor((quarter * TIER_SPECS.fiveMinutes.blockMs) / TIER_SPECS.hour.blockMs);

function distinct(names: readonly BlockName[]): BlockName[] {
  return [...new Map(names.map((name) => [`${name.bucket} ${name.instanceId}`, name])).values()];
}
