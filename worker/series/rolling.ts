import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { log, messageOf } from "../log.ts";
import { ROLL_BATCHES_PER_TICK_MAX, ROLLS_PER_BATCH } from "../settings.ts";
import {
  deleteOlderGenerations,
  readBlocks,
  unrolledHours,
  writeBlocks,
  type BlockName,
  type BlockToWrite,
  type StoredBlock,
} from "./block-store.ts";
import { packPoints, unpackPoints, type PointColumns } from "./block/points.ts";
import { SampleColumns, unpackSamples } from "./block/samples.ts";
import { replacePoints, roll } from "./roll.ts";
import { logUnreadable, subjectsAfter } from "./store.ts";
import { bucketOf, HOURS_PER_ROLL, RAW_PLACED_DAYS, TIER_SPECS, type TierSpec } from "./tiers.ts";

/** A quarter day of an instance: what one block of five minutes holds. */
interface Quarter extends BlockName {
  hours: number[];
}

/** How far rolling has come. */
export interface RollState {
  /** Hours before this one are being rolled, or are. */
  before: number;
  /** Of the instances those up to this one; null when the round is over. */
  after: string | null;
  /** The hours of this round. */
  hours: number[];
  /** Hours of earlier rounds that were added to since: the next round's. */
  late: number[];
}

/** Where the state outlives an object's memory. */
export interface RollMemory {
  read(): Promise<RollState | undefined>;
  write(state: RollState): Promise<void>;
}

/**
 * Makes the coarser tiers, in rounds: when a quarter day is over its hours of every instance are looked at, some instances at a time, and
 * those whose samples are not, or not as they are now, in a block of five minutes are rolled. Hours that were added to later make a
 * round of their own. What is to be done is read from the blocks themselves, so doing it twice changes nothing; the state only saves
 * looking at hours that are done.
 */
export class Roller {
  readonly #db: Database;
  readonly #memory: RollMemory;
  #state: RollState | undefined;
  #loading: Promise<RollState | undefined> | undefined;

  constructor(db: Database, memory: RollMemory) {
    this.#db = db;
    this.#memory = memory;
  }

  /** These hours are about to be added to. Of one that was rolled before it is remembered first, whatever becomes of this object. */
  async adding(hours: readonly number[]): Promise<void> {
    const state = await this.#loaded();
    // Whoever has not begun looks at every hour.
    if (!state) return;
    const late = hours.filter((hour) => hour < state.before && !state.late.includes(hour));
    if (late.length === 0) return;
    state.late = [...new Set([...state.late, ...late])];
    await this.#memory.write(state);
  }

  /** Which hours may not be rolled as they are: those from `before` on, and these. Undefined where nothing is known yet. */
  async unrolled(): Promise<{ before: number; hours: number[] } | undefined> {
    const state = await this.#loaded();
    return state && { before: state.before, hours: [...(state.after === null ? [] : state.hours), ...state.late] };
  }

  /** Rolls what is due, as much as one turn may take; answers how many hours it was. `settledBefore`: nothing older is to come. */
  async roll(settledBefore: EpochMs): Promise<number> {
    const state = await this.#begun(settledBefore);
    if (state.after === null) return 0;
    const ids = await subjectsAfter(this.#db, state.after, ROLL_BATCHES_PER_TICK_MAX * ROLLS_PER_BATCH);
    const due = quartersOf(await unrolledHours(this.#db, ids, state.hours));
    const quarters = due.slice(0, ROLL_BATCHES_PER_TICK_MAX * ROLLS_PER_BATCH);
    let rolled = 0;
    for (let first = 0; first < quarters.length; first += ROLLS_PER_BATCH) {
      rolled += await this.#rollBatch(state, quarters.slice(first, first + ROLLS_PER_BATCH));
    }
    // Those that were left over are found again.
    if (quarters.length === due.length) state.after = ids.at(-1) ?? null;
    await this.#memory.write(state);
    return rolled;
  }

  /** One that cannot be rolled must not keep the others waiting. */
  async #rollBatch(state: RollState, quarters: readonly Quarter[]): Promise<number> {
    try {
      const { rolled, overtaken } = await rollQuarters(this.#db, quarters);
      state.late.push(...overtaken);
      return rolled;
    } catch (error) {
      log({ event: "roll_failed", message: messageOf(error) });
      if (quarters.length === 1) return 0;
    }
    let rolled = 0;
    for (const quarter of quarters) rolled += await this.#rollBatch(state, [quarter]);
    return rolled;
  }

  async #begun(settledBefore: EpochMs): Promise<RollState> {
    await this.#loaded();
    // Whole quarter days only: a block that is written once is one row.
    const before = bucketOf(TIER_SPECS.fiveMinutes, settledBefore) * HOURS_PER_ROLL;
    const oldest = before - RAW_PLACED_DAYS * 24;
    const state = (this.#state ??= { before: oldest, after: null, hours: [], late: [] });
    if (state.after === null && (before > state.before || state.late.length > 0)) {
      const from = Math.max(state.before, oldest);
      const fresh = Array.from({ length: Math.max(0, before - from) }, (_, ago) => before - 1 - ago);
      state.hours = [...new Set([...fresh, ...state.late.filter((hour) => hour >= oldest)])];
      Object.assign(state, { before: Math.max(before, state.before), after: "", late: [] });
      await this.#memory.write(state);
    }
    return state;
  }

  /** One reading for all who ask: two would be two states. */
  #loaded(): Promise<RollState | undefined> {
    this.#loading ??= this.#memory.read().then((read) => (this.#state ??= read));
    return this.#state ? Promise.resolve(this.#state) : this.#loading;
  }
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

/** How many hours were rolled; and the hours of blocks that somebody else wrote meanwhile. */
async function rollQuarters(
  db: Database,
  quarters: readonly Quarter[],
): Promise<{ rolled: number; overtaken: number[] }> {
  const rawNames = quarters.flatMap(({ instanceId, hours }) => hours.map((bucket) => ({ instanceId, bucket })));
  const daysOf = quarters.map(({ instanceId, bucket }) => ({ instanceId, bucket: dayBucket(bucket) }));
  const [raw, fine, coarse] = [
    await readBlocks(db, TIER_SPECS.raw, rawNames),
    await readBlocks(db, TIER_SPECS.fiveMinutes, quarters),
    await readBlocks(db, TIER_SPECS.hour, distinct(daysOf)),
  ];
  // Left where a move to another ring was cut off in the middle: it would never have the count that was rolled.
  const left = raw.filter((old) => !old.isNewest && raw.some((one) => one.isNewest && isSame(one, old)));
  if (left.length > 0)
    await deleteOlderGenerations(
      db,
      left.map((old) => ({ ...old, tier: TIER_SPECS.raw.number })),
    );
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
  const all = [...[...hourPoints.values()].map((merging) => merging.block()), ...blocks];
  const written = await writeBlocks(db, all);
  return { rolled, overtaken: written.length < all.length ? rawNames.map(({ bucket }) => bucket) : [] };
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
      // What it was made of counts for nothing any more: those of its hours that are there are rolled again.
      this.covers.fill(0);
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

const isSame = (a: BlockName, b: BlockName) => a.bucket === b.bucket && a.instanceId === b.instanceId;
const dayBucket = (quarter: number) => Math.floor((quarter * TIER_SPECS.fiveMinutes.blockMs) / TIER_SPECS.hour.blockMs);

function distinct(names: readonly BlockName[]): BlockName[] {
  return [...new Map(names.map((name) => [`${name.bucket} ${name.instanceId}`, name])).values()];
}
