import type { Endpoints } from "../../../../contract/api.ts";
import type { CheckEntry, CheckList } from "../../../../contract/checks.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import type { RowWindow } from "../fleet/window-of-rows.ts";
import { type Problem, problemOf } from "../problem.ts";
import { type CheckFilter, NO_FILTER, queryOf } from "./filter.ts";
import { PAGE_ROWS, pagesOf, type Place, withPage } from "./pages.ts";

/** The sentinel looks every two minutes, and each check in its turn: sooner than that something is new somewhere. */
export const REFRESH_EVERY_MS: DurationMs = 30_000;

type Bulk = Endpoints["POST /api/check-actions"]["body"];
export type BulkAction = Bulk["action"];
/** The many a change is for. */
export type BulkOf = { ids: string[] } | { tag: string };

/** As many as one change may name. */
const SELECTED_MAX = 1_000;

/** The checks, worst first, as far as they have been looked at: a page is loaded when it comes into sight. */
export class CheckListPage {
  /** The last answer; it stays while the server does not answer. */
  head = $state.raw<Omit<CheckList, "checks"> | null>(null);
  places = $state.raw<Place<CheckEntry>[]>([]);
  problem = $state.raw<Problem | null>(null);
  /** What is shown is of the filter before. */
  isChanging = $state(false);
  #filter: CheckFilter = NO_FILTER;
  #inSight: RowWindow = { first: 0, end: 1 };
  /** The pages that are on their way; another filter gives all of them up. */
  #asking = new Set<number>();
  #generation = new AbortController();

  /** Begins anew, with this filter. What is shown stays until the answer is here. */
  show(filter: CheckFilter): Promise<unknown> {
    this.#filter = filter;
    this.#generation.abort();
    this.#generation = new AbortController();
    this.#asking = new Set();
    this.isChanging = this.head !== null;
    return this.#load(0);
  }

  /** These rows are in sight: what of them is not there yet is loaded. */
  see(window: RowWindow): void {
    this.#inSight = window;
    if (this.isChanging || this.problem) return;
    for (const page of pagesOf(window.first, window.end)) {
      const [from, to] = [Math.max(window.first, page * PAGE_ROWS), Math.min(window.end, (page + 1) * PAGE_ROWS)];
      if (this.places.slice(from, to).includes(undefined)) void this.#load(page);
    }
  }

  /** Once more what is in sight. */
  async refresh(): Promise<void> {
    if (this.isChanging || this.head === null) return void (await this.#load(0));
    const { first, end } = this.#inSight;
    const last = Math.max(1, Math.min(end, this.places.length));
    await Promise.all(pagesOf(Math.min(first, last - 1), last).map((page) => this.#load(page)));
  }

  /** The ids of all that fit, those out of sight too, as many as one change may name. */
  async allIds(): Promise<string[]> {
    const total = Math.min(SELECTED_MAX, this.head?.total ?? 0);
    const missing = pagesOf(0, total).filter((page) =>
      this.places.slice(page * PAGE_ROWS, Math.min(total, (page + 1) * PAGE_ROWS)).includes(undefined),
    );
    await Promise.all(missing.map((page) => this.#load(page)));
    return this.places.slice(0, total).flatMap((row) => row?.id ?? []);
  }

  async change(of: BulkOf, action: BulkAction): Promise<number> {
    const { checks } = await call("POST /api/check-actions", { body: { ...of, action } });
    void this.refresh();
    return checks;
  }

  async #load(page: number): Promise<void> {
    const asking = this.#asking;
    const { signal } = this.#generation;
    if (asking.has(page)) return;
    asking.add(page);
    const place = { offset: String(page * PAGE_ROWS), limit: String(PAGE_ROWS) };
    try {
      const { checks, ...head } = await call("GET /api/checks", {
        query: { ...queryOf(this.#filter), ...place },
        signal,
      });
      this.places = withPage(this.isChanging ? [] : this.places, head.total, page * PAGE_ROWS, checks);
      this.head = head;
      this.isChanging = false;
      this.problem = null;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    } finally {
      asking.delete(page);
    }
  }
}
