import type { Useful } from "../../../../contract/insight-kinds.ts";
import type { Insight, InsightList, InsightState } from "../../../../contract/insights.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";
import { groupOf, type InsightFilter, NO_FILTER, queryOf } from "./filter.ts";

/** The fleet is looked into every hour, some of it with every tick. */
export const REFRESH_EVERY_MS: DurationMs = 5 * 60_000;
const PAGE_ROWS = 30;
const PAGE_ROWS_MAX = 200;

export type InsightChange = { isDismissed: boolean } | { useful: Useful | null };
type Counts = InsightList["counts"];

/** The insights that fit a filter, the worst first, page after page. */
export class InsightListPage {
  /** The server's time of the last answer; null until there is one. It stays while the server does not answer. */
  loadedAt = $state<EpochMs | null>(null);
  shown = $state.raw<Insight[]>([]);
  counts = $state.raw<Counts | null>(null);
  state = $state.raw<InsightState | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** What is shown is of the filter before. */
  isChanging = $state(false);
  isLoadingMore = $state(false);
  /** Somebody is at work in the list: what is there is told anew, and nothing moves. */
  isHeld = false;
  #filter = NO_FILTER;
  #next = $state<string | null>(null);
  #generation = new AbortController();

  hasMore = $derived(this.#next !== null);

  /** Begins anew, with this filter. What is shown stays until the answer is here. */
  show(filter: InsightFilter): Promise<void> {
    this.#filter = filter;
    this.isChanging = this.loadedAt !== null;
    return this.refresh();
  }

  /** The list once more, as long as it is. */
  async refresh(): Promise<void> {
    this.#generation.abort();
    const { signal } = (this.#generation = new AbortController());
    this.isLoadingMore = false;
    const rows = this.isChanging ? 0 : this.shown.length;
    const limit = Math.min(PAGE_ROWS_MAX, Math.max(PAGE_ROWS, rows));
    await this.#asking(signal, async () => {
      const query = { ...queryOf(this.#filter), limit: String(limit) };
      const { now, insights, counts, state, next } = await call("GET /api/insights", { query, signal });
      if (this.isChanging || !this.isHeld || this.loadedAt === null) {
        this.shown = insights;
        this.#next = next;
      } else this.shown = updated(this.shown, insights);
      this.counts = counts;
      this.state = state;
      this.loadedAt = now;
      this.isChanging = false;
    });
  }

  /** What comes below the last row. */
  async more(): Promise<void> {
    const before = this.#next;
    if (before === null || this.isLoadingMore || this.isChanging) return;
    const { signal } = this.#generation;
    this.isLoadingMore = true;
    await this.#asking(signal, async () => {
      const place = { before: encodeURIComponent(before), limit: String(PAGE_ROWS) };
      const { insights, next } = await call("GET /api/insights", {
        query: { ...queryOf(this.#filter), ...place },
        signal,
      });
      const here = new Set(this.shown.map(({ id }) => id));
      this.shown = [...this.shown, ...insights.filter(({ id }) => !here.has(id))];
      this.#next = next;
    });
    if (!signal.aborted) this.isLoadingMore = false;
  }

  /** Dismisses it, takes that back, or says whether it was useful. The row stays where it is. */
  async change({ id }: Insight, change: InsightChange): Promise<void> {
    const before = this.shown.find((one) => one.id === id);
    const after = await call("PATCH /api/insights/:id", { params: { id }, body: change });
    this.shown = updated(this.shown, [after]);
    if (this.counts && before) this.counts = countsAfter(this.counts, before, after);
  }

  stop(): void {
    this.#generation.abort();
  }

  async #asking(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.problem = null;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }
}

function updated(rows: readonly Insight[], told: readonly Insight[]): Insight[] {
  const byId = new Map(told.map((insight) => [insight.id, insight]));
  return rows.map((row) => byId.get(row.id) ?? row);
}

/** The counts once one insight was dismissed, or was taken back. */
export function countsAfter(counts: Counts, before: Insight, after: Insight): Counts {
  const by = Number(before.dismissedAt !== null) - Number(after.dismissedAt !== null);
  const group = groupOf(after.kind);
  return { ...counts, [group]: Math.max(0, counts[group] + by), dismissed: Math.max(0, counts.dismissed - by) };
}
