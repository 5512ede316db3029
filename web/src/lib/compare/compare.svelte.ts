import type { SeriesKey } from "../../../../contract/metric.ts";
import type { Comparison } from "../../../../contract/series.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import { coarser, type Resolution } from "../chart/resolution.ts";
import { windowOf } from "../chart/windows.ts";
import { type Problem, problemOf } from "../problem.ts";
import type { Choice } from "./choice.ts";

export const REFRESH_EVERY_MS: DurationMs = 30_000;
const REFRESH_AT_LEAST_MS: DurationMs = 15 * 60_000;
/** A look into so many of the chosen tells which metrics there are beside those of the table. */
const LOOKED_INTO_MAX = 6;

/** An answer, and what it answers. */
export interface Shown {
  choice: Choice;
  reply: Comparison;
}

/** Several instances over one window. */
export class Compare {
  /** The last answer; it stays while another is on its way. */
  shown = $state.raw<Shown | null>(null);
  problem = $state.raw<Problem | null>(null);
  isLoading = $state(false);
  seenKeys = $state.raw<ReadonlySet<SeriesKey>>(new Set());
  #asking: AbortController | null = null;
  #lookedInto = new Set<string>();

  async load(choice: Choice, to: EpochMs, points: number): Promise<void> {
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    if (choice.instances.length === 0) {
      this.shown = this.problem = null;
      this.isLoading = false;
      return;
    }
    this.isLoading = true;
    try {
      const reply = await call("GET /api/series", { query: queryOf(choice, to, points), signal: asking.signal });
      this.shown = { choice, reply };
      this.problem = null;
    } catch (error) {
      if (asking.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    } finally {
      if (this.#asking === asking) this.isLoading = false;
    }
  }

  /** Learns which series the chosen have. Without it the metrics of the table can still be chosen. */
  async lookInto({ instances }: Choice): Promise<void> {
    for (const id of instances) {
      if (this.#lookedInto.size >= LOOKED_INTO_MAX) return;
      if (this.#lookedInto.has(id)) continue;
      this.#lookedInto.add(id);
      const detail = await call("GET /api/instances/:id", { params: { id } }).catch(() => null);
      if (detail) this.seenKeys = new Set([...this.seenKeys, ...detail.seriesKeys]);
    }
  }
}

export function queryOf({ instances, metric, window }: Choice, to: EpochMs, points: number): Record<string, string> {
  return {
    instances: instances.map(encodeURIComponent).join(","),
    metrics: encodeURIComponent(metric),
    from: String(Math.floor(to - windowOf(window)!.span)),
    to: String(Math.ceil(to)),
    points: String(points),
  };
}

/** A window in which nothing moves by a pixel need not be asked for again: two years are looked at every quarter of an hour. */
export function refreshEvery({ window }: Choice, points: number): DurationMs {
  return Math.min(REFRESH_AT_LEAST_MS, Math.max(REFRESH_EVERY_MS, windowOf(window)!.span / points));
}

/** How closely all of it is shown; blocks belong to one instance each, so what is missing adds up. */
export function resolutionOf({ instances }: Comparison): Resolution | undefined {
  const [first, ...others] = Object.values(instances);
  if (!first) return undefined;
  const blocksUnreadable = [first, ...others].reduce((sum, reply) => sum + reply.blocksUnreadable, 0);
  return { ...others.reduce<Resolution>(coarser, first), blocksUnreadable };
}
