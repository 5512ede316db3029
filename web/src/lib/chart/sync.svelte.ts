import type { Readings, SeriesKey } from "../../../../contract/metric.ts";
import type { SeriesColumns } from "../../../../contract/series.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import type { Overlay } from "./overlay.ts";
import { coarser, type Resolution } from "./resolution.ts";

export interface TimeRange {
  from: EpochMs;
  to: EpochMs;
}

export interface LiveReading {
  at: EpochMs;
  metrics: Readings;
}

/** Where the charts get their history. */
export type LoadColumns = (keys: readonly SeriesKey[], range: TimeRange) => Promise<SeriesColumns>;

/** The right edge moves in steps that are finer than any screen: two years need not be drawn anew every second. */
const EDGE_STEPS = 4_000;

/** The time all charts of a page share: the window, the zoom, the cursor, and the samples that arrive. */
export class Timeline {
  readonly cursorKey = crypto.randomUUID();
  windowMs: DurationMs = $state(0);
  zoom = $state.raw<TimeRange | null>(null);
  /** The right edge while nothing is zoomed. */
  to: EpochMs = $state(0);
  /** Grows when every chart must load its history anew. */
  generation = $state(0);
  /** How closely the window is shown; null until its first chart has loaded. */
  resolution = $state.raw<Resolution | null>(null);
  #resolutionOf = -1;
  /** Nothing new for longer than this is a gap. */
  pauseMs: DurationMs = $state(0);
  /** What is drawn over the charts: where their series lead, and what stood out in them. */
  overlay = $state.raw<Overlay | null>(null);
  /** How far beyond the right edge is shown while nothing is zoomed. */
  aheadMs: DurationMs = $state(0);
  readonly load: LoadColumns;
  #latest: EpochMs;
  #charts = new Set<(reading: LiveReading) => void>();

  constructor(load: LoadColumns, windowMs: DurationMs, to: EpochMs) {
    this.load = load;
    this.windowMs = windowMs;
    this.to = this.#latest = to;
  }

  get range(): TimeRange {
    return this.zoom ?? { from: this.to - this.windowMs, to: this.to };
  }

  /** The window as it is drawn: with what lies ahead. */
  get shown(): TimeRange {
    return this.zoom ?? { from: this.to - this.windowMs, to: this.to + this.aheadMs };
  }

  show(windowMs: DurationMs): void {
    this.windowMs = windowMs;
    this.zoom = null;
    this.reload();
  }

  zoomTo(zoom: TimeRange): void {
    this.zoom = zoom;
    this.reload();
  }

  reset(): void {
    if (this.zoom === null) return;
    this.zoom = null;
    this.reload();
  }

  /** Every chart loads its history anew, up to this very moment. */
  reload(): void {
    this.to = this.#latest;
    this.generation += 1;
  }

  advance(to: EpochMs): void {
    this.#latest = Math.max(this.#latest, to);
    if (to - this.to >= this.windowMs / EDGE_STEPS) this.to = to;
  }

  /** A chart has loaded: every one may be a little coarser than those before, since they begin where they come into sight. */
  learn(generation: number, { stepMs, tier, blocksUnreadable }: Resolution): void {
    const learnt = { stepMs, tier, blocksUnreadable };
    const known = this.#resolutionOf === generation ? this.resolution : null;
    this.resolution = known ? coarser(known, learnt) : learnt;
    this.#resolutionOf = generation;
  }

  onReading(append: (reading: LiveReading) => void): () => void {
    this.#charts.add(append);
    return () => this.#charts.delete(append);
  }

  hear(reading: LiveReading): void {
    this.advance(reading.at);
    // A zoomed chart stands still; leaving the zoom loads what it missed.
    if (this.zoom === null) for (const append of this.#charts) append(reading);
  }
}
