import type { DurationMs } from "../../contract/units.ts";
import type { Subject } from "../alerts/evaluation.ts";
import type { Database } from "../db/client.ts";
import { decodeColumn } from "../series/block/column.ts";
import { readColumns, type BlockColumns } from "../series/column-store.ts";
import { packKey } from "../series/packed.ts";
import { readWindow, tierFor, type Held, type WindowRead } from "../series/query.ts";
import { readReach, type Reach } from "../series/ring-store.ts";
import { bucketOf, TIER_SPECS, type TierSpec } from "../series/tiers.ts";
import type { Window } from "../series/window.ts";
import {
  keyOf,
  mightFire,
  readingsOf,
  tierOf,
  type Extent,
  type History,
  type SeriesRule,
  type Span,
} from "./preview-history.ts";

/**
 * Reads what a rule would have seen of many subjects, sparing of rows: on Free a day has 5 million, and the database counts 228 of them for
 * seven days of one subject in steps of five minutes, 15 in steps of an hour, and either way 11 for each hour that is not rolled yet: at
 * most seven as a rule. 100 subjects in steps of five minutes are 23,000 and more. So many are looked at by hours first, whose lowest and
 * highest say of most that nothing can have fired, and only some of the others closely. That takes 4,700 rows for 100 subjects of a calm
 * fleet at midday, 6,800 where all were loud (`meta.rows_read`, held by `previewing.test.ts`).
 */

/**
 * `close`: so many are read in steps of five minutes, 250 rows each; no more than that are not looked at by hours first. `slices`: two
 * statements each, of which an event may make 50 on Free, and 1,000 on the paid plan, which hardly counts rows either.
 */
export const READ_MAX = { free: { close: 10, slices: 20 }, paid: { close: 100, slices: 100 } } as const;
/** Of the slices this share is kept for those who have to be looked at closely: they are what the preview is about. */
const CLOSE_SHARE = 1 / 4;
/** Readings unpacked between two pauses: some 40 ms. */
const READINGS_PER_SLICE_MAX = 120_000;
/** 50 × (29 + 12) blocks are half of what one query may read. */
const SUBJECTS_PER_SLICE_MAX = 50;
/** Hours of samples that may have to be unpacked because they are not rolled: a quarter day and what is left of one. */
const UNROLLED_MS: DurationMs = 8 * 3_600_000;
/** A sample has its time, stream and number beside its reading, a point its lowest, highest and count. */
const COLUMNS = 4;
/** Points that are asked for: of each tier as many as a week has. */
const POINTS = { fiveMinutes: 2_000, hour: 168 } as const;

/** Where what is not in a block yet is asked for. */
export interface ReaderSurroundings {
  held(instanceIds: string[], keys: string[]): Promise<Held>;
  readMax: { close: number; slices: number };
  /** Whether looking at hours has to come to an end, so that time is left for those who have to be looked at closely. */
  isLate(): boolean;
}

export class PreviewReader {
  readonly #db: Database;
  readonly #rule: SeriesRule;
  readonly #span: Span;
  readonly #reach: Reach;
  readonly #around: ReaderSurroundings;
  readonly #tier: TierSpec;
  #slicesLeft: number;

  static async of(db: Database, rule: SeriesRule, span: Span, around: ReaderSurroundings): Promise<PreviewReader> {
    return new PreviewReader(db, rule, span, around, await readReach(db));
  }

  private constructor(db: Database, rule: SeriesRule, span: Span, around: ReaderSurroundings, reach: Reach) {
    this.#db = db;
    this.#rule = rule;
    this.#span = span;
    this.#reach = reach;
    this.#around = around;
    this.#slicesLeft = around.readMax.slices;
    const spec = tierFor({ ...span, points: POINTS[tierOf(rule)] }, reach, span.to);
    // Single samples of a week are too many to go through.
    this.#tier = spec.stepMs === 0 ? TIER_SPECS.hour : spec;
  }

  /** What one point of each history stands for. */
  get stepMs(): DurationMs {
    return this.#tier.stepMs;
  }

  /**
   * Histories of these subjects, a slice at a time; of whom nothing can have fired without points. Whose history would be too much to read
   * is left out.
   */
  async *read(subjects: readonly Subject[]): AsyncGenerator<History[]> {
    if (this.#tier === TIER_SPECS.hour || subjects.length <= this.#around.readMax.close)
      return yield* this.#closely(subjects);
    const loud: Subject[] = [];
    for await (const slice of this.#extents(subjects)) {
      const isLoud = ({ extent }: { extent: Extent }) => mightFire(this.#rule, extent, this.stepMs);
      const [louder, quiet] = [slice.filter(isLoud), slice.filter((one) => !isLoud(one))];
      loud.push(...louder.map(({ subject }) => subject));
      yield quiet.map(({ subject }) => ({ subject, points: [] }));
      if (this.#around.isLate() || this.#slicesLeft <= Math.ceil(this.#around.readMax.slices * CLOSE_SHARE)) break;
    }
    yield* this.#closely(loud.slice(0, this.#around.readMax.close));
  }

  async *#closely(subjects: readonly Subject[]): AsyncGenerator<History[]> {
    for await (const slice of this.#windows(subjects, this.#tier)) {
      yield slice.map(({ subject, window }) => {
        return { subject, points: readingsOf(this.#rule, subject, window, this.#tier.stepMs) };
      });
    }
  }

  async *#windows(subjects: readonly Subject[], tier: TierSpec): AsyncGenerator<Seen[]> {
    for await (const { slice, ids, held } of this.#slices(subjects, tier, COLUMNS)) {
      const { windows } = await this.#read(ids, tier, held);
      yield slice.map((subject) => ({ subject, window: windows.get(subject.id)! }));
    }
  }

  /** By hours, and of those that are not rolled by the one column that is asked for: when it was does not matter. */
  async *#extents(subjects: readonly Subject[]): AsyncGenerator<{ subject: Subject; extent: Extent }[]> {
    for await (const { slice, ids, held } of this.#slices(subjects, TIER_SPECS.hour, 1)) {
      const { unrolled } = held;
      const rolled = unrolled && { before: Infinity, hours: [] };
      const { windows, blocksUnreadable } = await this.#read(ids, TIER_SPECS.hour, { ...held, unrolled: rolled });
      const extents = new Map<string, Extent>();
      for (const [id, window] of windows) extents.set(id, blocksUnreadable.has(id) ? anything() : extentOf(window));
      for (const block of unrolled ? await this.#unrolled(ids, unrolled) : [])
        widen(extents.get(block.instanceId)!, block);
      yield slice.map((subject) => ({ subject, extent: extents.get(subject.id)! }));
    }
  }

  async *#slices(subjects: readonly Subject[], { stepMs }: TierSpec, columns: number) {
    const { from, to } = this.#span;
    for (const slice of slicesOf(subjects, (to - from) / stepMs, columns)) {
      if (this.#slicesLeft-- <= 0) return;
      const ids = slice.map(({ id }) => id);
      // As every window: first what waits, then the blocks.
      yield { slice, ids, held: await this.#around.held(ids, [packKey(keyOf(this.#rule))]) };
    }
  }

  #read(instanceIds: string[], tier: TierSpec, held: Held): Promise<WindowRead> {
    const asked = { instanceIds, keys: [keyOf(this.#rule)], ...this.#span };
    return readWindow(this.#db, tier, asked, held, this.#reach, this.#span.to);
  }

  #unrolled(ids: string[], { before, hours }: NonNullable<Held["unrolled"]>): Promise<BlockColumns[]> {
    const first = bucketOf(TIER_SPECS.raw, this.#span.from);
    const last = bucketOf(TIER_SPECS.raw, this.#span.to);
    const late = hours.filter((hour) => hour >= first && hour < before);
    const from = Math.max(first, before);
    const recent = Array.from({ length: Math.max(0, last - from + 1) }, (_, index) => from + index);
    return readColumns(this.#db, TIER_SPECS.raw, ids, [...late, ...recent], [packKey(keyOf(this.#rule))]);
  }
}

/** Of a block that cannot be read nobody knows what was in it: whoever looks closely says so in the log. */
const anything = (): Extent => ({ lowest: -Infinity, highest: Infinity });

function extentOf({ points: [points] }: Window): Extent {
  const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
  return { lowest: Math.min(...known(points!.min)), highest: Math.max(...known(points!.max)) };
}

function widen(extent: Extent, { count, columns: [column] }: BlockColumns): void {
  if (!column) return;
  try {
    for (const value of decodeColumn(column, count)) {
      if (value === null) continue;
      extent.lowest = Math.min(extent.lowest, value);
      extent.highest = Math.max(extent.highest, value);
    }
  } catch {
    Object.assign(extent, anything());
  }
}

interface Seen {
  subject: Subject;
  window: Window;
}

/**
 * As many subjects at a time as are unpacked without holding up others: of each so many points, and so many columns of each sample that is
 * not rolled. Whoever sends every second has a slice of their own, or nearly.
 */
export function slicesOf(subjects: readonly Subject[], points: number, columns: number): Subject[][] {
  const slices: Subject[][] = [];
  let readings = Infinity;
  for (const subject of subjects) {
    const own = COLUMNS * points + (columns * UNROLLED_MS) / subject.everyMs;
    const slice = slices.at(-1);
    readings += own;
    if (slice && slice.length < SUBJECTS_PER_SLICE_MAX && readings <= READINGS_PER_SLICE_MAX) slice.push(subject);
    else {
      slices.push([subject]);
      readings = own;
    }
  }
  return slices;
}
