import type { EpochMs } from "../../../contract/units.ts";
import { bucketOf, RAW_PLACED_DAYS, TIER_SPECS } from "../../series/tiers.ts";
import type { SentVersions, UnsentBlock } from "./block-scan.ts";

const SPEC = TIER_SPECS.fiveMinutes;
const DAY_MS = 86_400_000;

/** A block may be rolled again as long as its samples have a place: so far back each block's version is remembered. */
export const WINDOW = Math.ceil((RAW_PLACED_DAYS * DAY_MS) / SPEC.blockMs) + 1;

/** As JSON in the cursor. */
export interface BlockPlace {
  /** All before this bucket is sent, and changes no more. */
  base: number;
  /** By subject the version that was sent of each bucket from `base` on; 0: none. */
  sent: Record<string, number[]>;
  /** When everything there was had been sent; what had gone before the export began is not missed. */
  allSentAt: EpochMs | null;
  /** The newest bucket of which anything was sent. */
  newest: number | null;
}

/** Which blocks of which subjects were sent, as far back as they may still change. */
export class BlockWindow {
  readonly place: BlockPlace;
  readonly #last: number;

  /** `oldestKept`: from when on this tier is kept; where the very first export begins. */
  constructor(place: BlockPlace | null, oldestKept: EpochMs, now: EpochMs) {
    this.#last = bucketOf(SPEC, now);
    const begin = { base: bucketOf(SPEC, oldestKept), sent: {}, allSentAt: null, newest: null };
    this.place = place ? structuredClone(place) : begin;
    // The clock was ahead of itself when it moved on: what was forgotten by that is sent once more.
    if (this.place.base > this.#settled) this.#move(this.#settled);
  }

  /** The buckets that are to be looked at now. */
  get buckets(): { first: number; count: number } {
    const { base } = this.place;
    return { first: base, count: Math.max(0, Math.min(WINDOW, this.#last - base + 1)) };
  }

  sentOf(subjects: readonly string[]): SentVersions[] {
    return subjects.map((subject) => [subject, (this.place.sent[subject] ?? []).slice(0, WINDOW)]);
  }

  held(blocks: readonly UnsentBlock[]): void {
    const { base, sent } = this.place;
    for (const { instanceId, bucket, version } of blocks) {
      const versions = (sent[instanceId] ??= []);
      while (versions.length < bucket - base) versions.push(0);
      versions[bucket - base] = version;
      this.place.newest = Math.max(this.place.newest ?? bucket, bucket);
    }
  }

  /** Nothing is left to be sent in these buckets. False where there are none after them. */
  next(): boolean {
    if (this.place.base >= this.#settled) return false;
    this.#move(Math.min(this.place.base + WINDOW, this.#settled));
    return true;
  }

  /** Subjects that are no more are forgotten. */
  keepOnly(subjects: readonly string[]): void {
    const { sent } = this.place;
    this.place.sent = Object.fromEntries(
      subjects.flatMap((subject) => (sent[subject]?.length ? [[subject, sent[subject]]] : [])),
    );
  }

  get #settled(): number {
    return this.#last - WINDOW + 1;
  }

  #move(base: number): void {
    const by = base - this.place.base;
    for (const [subject, versions] of Object.entries(this.place.sent)) {
      this.place.sent[subject] = by > 0 ? versions.slice(by) : [...Array.from({ length: -by }, () => 0), ...versions];
    }
    this.place.base = base;
  }
}
