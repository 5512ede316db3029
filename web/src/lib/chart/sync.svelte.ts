import type { Readings, SeriesKey } from "../../../../contract/metric.ts";
import type { SeriesColumns } from "../../../../contract/series.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";

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

/** The time all charts of a page share: the window, the zoom, the cursor, and the samples that arrive. */
export class Timeline {
  readonly cursorKey = crypto.randomUUID();
  windowMs: DurationMs = $state(0);
  zoom = $state.raw<TimeRange | null>(null);
  /** The right edge while nothing is zoomed. */
  to: EpochMs = $state(0);
  /** Grows when every chart must load its history anew. */
  generation = $state(0);
  /** Nothing new for longer than this is a gap. */
  pauseMs: DurationMs = $state(0);
  readonly load: LoadColumns;
  #charts = new Set<(reading: LiveReading) => void>();

  constructor(load: LoadColumns, windowMs: DurationMs, to: EpochMs) {
    this.load = load;
    this.windowMs = windowMs;
    this.to = to;
  }

  get range(): TimeRange {
    return this.zoom ?? { from: this.to - this.windowMs, to: this.to };
  }

  show(windowMs: DurationMs): void {
    this.windowMs = windowMs;
    this.zoom = null;
    this.generation += 1;
  }

  zoomTo(zoom: TimeRange): void {
    this.zoom = zoom;
    this.generation += 1;
  }

  reset(): void {
    if (this.zoom === null) return;
    this.zoom = null;
    this.generation += 1;
  }

  advance(to: EpochMs): void {
    if (to > this.to) this.to = to;
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
