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
import { decodeColumn } from "./block/column.ts";
import { AT, SEQ, STREAM } from "./block/directory.ts";
import { SAMPLES, unpackSeries, type Points } from "./block/points.ts";
import { packKey } from "./packed.ts";
import { startOf } from "./roll.ts";
import { logUnreadable } from "./store.ts";
import { bucketOf, HOURS_PER_ROLL, TIER_SPECS, tierSpecs, type TierSpec } from "./tiers.ts";
import { mergeSteps, type Window } from "./window.ts";

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
  kept: Retention,
  now: EpochMs,
): TierSpec {
  const days: Record<Tier, number> = { raw: kept.rawDays, fiveMinutes: kept.fiveMinutesDays, hour: kept.hourDays };
  const reaching = tierSpecs().filter(({ tier }) => from >= now - days[tier] * 86_400_000);
  const candidates = reaching.length > 0 ? reaching : [TIER_SPECS.hour];
  const isFine = ({ stepMs }: TierSpec) => stepMs === 0 || (to - from) / stepMs >= points * POINTS_LEAST_SHARE;
  return candidates.findLast(isFine) ?? candidates[0]!;
}

/**
 * Reads a window of some instances. Every hour comes from the coarse tier if what is there is all there is of it, and otherwise from its
 * samples: what came late is seen at once. `waiting` must have been asked for before, so that nothing falls between the two.
 */
export async function readWindow(
  db: Database,
  spec: TierSpec,
  { instanceIds, keys, from, to }: Omit<WindowAsked, "points">,
  waiting: ReadonlyMap<string, WaitingSamples>,
  retention: Retention,
  now: EpochMs,
): Promise<WindowRead> {
  const names = keys.map(packKey);
  const buckets = range(bucketOf(spec, from), bucketOf(spec, Math.min(to, now + spec.blockMs)));
  const rawFrom = Math.max(from, now - retention.rawDays * 86_400_000);
  const hours =
    spec.stepMs === 0 ? [] : range(bucketOf(TIER_SPECS.raw, rawFrom), bucketOf(TIER_SPECS.raw, Math.min(to, now)));
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
    assembly.addWaiting(waiting.get(id));
    const samples = assembly.samples();
    const hoursFromSamples = new Set(unrolled.map(({ bucket }) => bucket));
    for (const block of coarse.filter(mine)) assembly.addPoints(block, hoursFromSamples);
    result.windows.set(id, spec.stepMs === 0 ? samples : assembly.merged(samples, spec));
    if (assembly.unreadable > 0) result.blocksUnreadable.set(id, assembly.unreadable);
  }
  return result;
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

/** Puts together what was read of one instance. A block that cannot be read is said in the log and left out. */
class Assembly {
  readonly #leftOut = new Set<string>();
  readonly #id: string;
  readonly #keys: readonly SeriesKey[];
  readonly #from: EpochMs;
  readonly #to: EpochMs;
  #rows: {
    at: EpochMs;
    stream: number;
    seq: number;
    columns: readonly (readonly (number | null)[] | undefined)[];
    row: number;
  }[] = [];
  #points: { at: EpochMs; series: (Points | undefined)[]; row: number }[] = [];
  #pointAt = new Set<EpochMs>();

  constructor(id: string, keys: readonly SeriesKey[], from: EpochMs, to: EpochMs) {
    this.#id = id;
    this.#keys = keys;
    this.#from = from;
    this.#to = to;
  }

  /** Blocks of which something could not be read. */
  get unreadable(): number {
    return this.#leftOut.size;
  }

  addSamples(block: BlockColumns): void {
    this.#reading(block, ([atBytes, streamBytes, seqBytes, ...rest]) => {
      const numbers = (bytes: Uint8Array | undefined) =>
        decodeColumn(bytes ?? new Uint8Array(), block.count) as number[];
      const [at, stream, seq] = [numbers(atBytes), numbers(streamBytes), numbers(seqBytes)];
      const columns = rest.map((bytes) => bytes && this.#column(block, () => decodeColumn(bytes, block.count)));
      at.forEach((time, row) => {
        if (time < this.#from || time > this.#to) return;
        this.#rows.push({ at: time, stream: stream[row]!, seq: seq[row]!, columns, row });
      });
    });
  }

  addWaiting(waiting: WaitingSamples | undefined): void {
    waiting?.at.forEach((at, row) => {
      if (at < this.#from || at > this.#to) return;
      this.#rows.push({ at, stream: waiting.stream[row]!, seq: waiting.seq[row]!, columns: waiting.columns, row });
    });
  }

  /** Samples in order of time, each once; those of one moment as one, for two senders may each speak of their own series. */
  samples(): Window {
    const rows = this.#rows.sort((a, b) => a.at - b.at || a.stream - b.stream || a.seq - b.seq);
    const at: EpochMs[] = [];
    const values = this.#keys.map((): (number | null)[] => []);
    for (const { at: time, columns, row } of rows) {
      const isNew = at.at(-1) !== time;
      if (isNew) at.push(time);
      values.forEach((column, index) => {
        const value = columns[index]?.[row] ?? null;
        if (isNew) column.push(value);
        else column[column.length - 1] ??= value;
      });
    }
    const points = values.map((mean) => ({
      count: mean.map((value) => (value === null ? null : 1)),
      mean,
      min: mean,
      max: mean,
    }));
    return { from: this.#from, to: this.#to, keys: this.#keys, stepMs: 0, at, points };
  }

  addPoints(block: BlockColumns, leftOut: ReadonlySet<number>): void {
    this.#reading(block, ([atBytes, samplesBytes, ...rest]) => {
      const numbers = (bytes: Uint8Array | undefined) =>
        decodeColumn(bytes ?? new Uint8Array(), block.count) as number[];
      const [at, samples] = [numbers(atBytes), numbers(samplesBytes)];
      const series = rest.map((bytes) => bytes && this.#column(block, () => unpackSeries(bytes, samples)));
      at.forEach((time, row) => {
        if (time < this.#from - TIER_SPECS.hour.stepMs || time > this.#to) return;
        // Of two generations of a ring the newer one comes first, and is what holds.
        if (leftOut.has(bucketOf(TIER_SPECS.raw, time)) || this.#pointAt.has(time)) return;
        this.#pointAt.add(time);
        this.#points.push({ at: time, series, row });
      });
    });
  }

  /** The points that were read, and of the samples beside them points of the same width. */
  merged(samples: Window, spec: TierSpec): Window {
    const since = startOf(this.#from, spec.stepMs);
    const rows = this.#points.filter(({ at }) => at >= since).sort((a, b) => a.at - b.at);
    const rolled = mergeSteps(samples, spec.stepMs);
    const points = this.#keys.map((_, index): Points => {
      const column = (field: keyof Points) => {
        const read = rows.map(({ series, row }) => series[index]?.[field][row] ?? null);
        return rolled.at.length === 0 ? read : [...read, ...rolled.points[index]![field]];
      };
      return { count: column("count"), mean: column("mean"), min: column("min"), max: column("max") };
    });
    const window = { ...samples, stepMs: spec.stepMs, at: [...rows.map(({ at }) => at), ...rolled.at], points };
    // Where no step is in both there is nothing to put together.
    return window.at.every((at, row) => row === 0 || at > window.at[row - 1]!)
      ? window
      : mergeSteps(window, spec.stepMs);
  }

  #reading(block: BlockColumns, read: (columns: (Uint8Array | undefined)[]) => void): void {
    try {
      read(block.columns);
    } catch (error) {
      this.#leaveOut(block, error);
    }
  }

  #column<Value>(block: BlockColumns, decode: () => Value): Value | undefined {
    try {
      return decode();
    } catch (error) {
      this.#leaveOut(block, error);
      return undefined;
    }
  }

  /** Said once for a block, however many of its series are asked for. */
  #leaveOut({ bucket, columns }: BlockColumns, error: unknown): void {
    const name = `${bucket} of ${columns.length}`;
    if (this.#leftOut.has(name)) return;
    this.#leftOut.add(name);
    logUnreadable({ instanceId: this.#id, bucket }, (error as Error).message);
  }
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
