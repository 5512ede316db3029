import type uPlot from "uplot";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import type { ChartSpec } from "./chart-spec.ts";
import { type ChartData, chartDataOf, trimBefore } from "./columns.ts";
import { LiveEnd } from "./live-end.ts";
import { bandsOf, spansOf } from "./overlay.ts";
import { createPlot, NO_MARKS, plotDataOf, type PlotMarks } from "./plot.ts";
import type { LiveReading, TimeRange, Timeline } from "./sync.svelte.ts";

/** Drawn a little before it is scrolled into sight, so that nobody sees it happen. */
const NEAR = "240px 0px";
/** A sample that became part of a point moves it by a hair: no reason to draw every chart anew every second. */
const REDRAW_FOLDED_MS: DurationMs = 5_000;

/** One chart: loads its history when it comes near, follows the timeline while it is in sight, rests while it is not. */
export class ChartState {
  /** The row under the cursor of any chart of the page; null while there is none. */
  row = $state<number | null>(null);
  /** The moment under the cursor: beyond the last row where it is ahead. */
  at = $state<EpochMs | null>(null);
  problem = $state<string | null>(null);
  isLoaded = $state(false);
  /** Grows with the data, for what is written beside the plot. */
  revision = $state(0);
  data: ChartData;
  #isNear = $state(false);
  #spec: ChartSpec;
  #keys: string[];
  #timeline: Timeline;
  #plot: uPlot | null = null;
  /** Width of one point; 0 where every point is a sample. */
  stepMs = $state(0);
  #end: LiveEnd | null = null;
  #drawnAt: EpochMs = 0;
  #loadedGeneration = -1;

  constructor(spec: ChartSpec, timeline: Timeline) {
    this.#spec = spec;
    this.#timeline = timeline;
    this.#keys = spec.lines.map(({ key }) => key);
    this.data = { at: [], lines: spec.lines.map(() => ({ mean: [], min: [], max: [] })) };
  }

  /** Follows the timeline; to be run in an effect. */
  follow = (): void => {
    const { generation, range, shown } = this.#timeline;
    void [this.revision, this.#timeline.overlay];
    if (!this.#isNear) return;
    if (generation !== this.#loadedGeneration) void this.#load(generation, range);
    else this.#draw(shown);
  };

  append = ({ at, metrics }: LiveReading): void => {
    const what = this.#end?.add(at, metrics) ?? "known";
    if (what === "known") return;
    trimBefore(this.data, this.#timeline.range.from);
    if (!this.#isNear || (what === "folded" && at - this.#drawnAt < REDRAW_FOLDED_MS)) return;
    this.#drawnAt = at;
    this.revision += 1;
  };

  retry = (): void => {
    this.problem = null;
    void this.#load(this.#timeline.generation, this.#timeline.range);
  };

  attach = (node: HTMLElement): (() => void) => {
    const timeline = this.#timeline;
    this.#plot = createPlot(
      node,
      this.#spec,
      this.data,
      timeline.cursorKey,
      {
        cursor: (row, at) => ([this.row, this.at] = [row, at]),
        select: (range) => timeline.zoomTo(range),
        reset: () => timeline.reset(),
      },
      this.marks,
    );
    const sight = new IntersectionObserver(([entry]) => (this.#isNear = entry?.isIntersecting ?? false), {
      rootMargin: NEAR,
    });
    const size = new ResizeObserver(() => this.#plot?.setSize({ width: node.clientWidth, height: node.clientHeight }));
    sight.observe(node);
    size.observe(node);
    return () => {
      sight.disconnect();
      size.disconnect();
      this.#plot?.destroy();
      this.#plot = null;
    };
  };

  /** What is drawn over its lines. */
  marks = (): PlotMarks => {
    const { overlay } = this.#timeline;
    if (!overlay) return NO_MARKS;
    return { bands: bandsOf(overlay, this.#spec, this.data), spans: spansOf(overlay, this.#spec) };
  };

  async #load(generation: number, range: TimeRange): Promise<void> {
    this.#loadedGeneration = generation;
    try {
      const columns = await this.#timeline.load(this.#keys, range);
      // A later window was asked for meanwhile: its own answer is on the way.
      if (generation !== this.#loadedGeneration) return;
      this.data = chartDataOf(columns, this.#keys);
      const { stepMs, to } = columns;
      const { windowMs, pauseMs } = this.#timeline;
      this.#end = new LiveEnd(this.data, this.#keys, { stepMs, to, windowMs, pauseMs });
      this.stepMs = stepMs;
      this.#timeline.learn(generation, columns);
      this.isLoaded = true;
      this.problem = null;
      this.revision += 1;
    } catch (error) {
      if (generation === this.#loadedGeneration) this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  #draw({ from, to }: TimeRange): void {
    const plot = this.#plot;
    if (!plot) return;
    plot.batch(() => {
      plot.setData(plotDataOf(this.#spec, this.data), false);
      plot.setScale("x", { min: from, max: to });
    });
  }
}
