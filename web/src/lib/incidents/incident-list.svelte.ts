import type { Endpoints } from "../../../../contract/api.ts";
import type { Incident } from "../../../../contract/incidents.ts";
import { INCIDENTS_PAGE_MAX } from "../../../../contract/incident-kinds.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";
import { fits, type IncidentFilter, NO_FILTER, queryOf } from "./filter.ts";
import { settled, updated, withFirstPage, withNextPage } from "./list-order.ts";
import { Soon } from "./soon.ts";

/** Changes are told as they happen; this is for what was told while nobody heard. */
export const REFRESH_EVERY_MS: DurationMs = 60_000;
const ASK_AFTER_MS: DurationMs = 1_500;
const PAGE_ROWS = 50;

export type IncidentAction = Endpoints["POST /api/incident-actions"]["body"]["action"];

/** The incidents that fit a filter, worst first, page after page; rows do not move under the hand of whoever uses them. */
export class IncidentListPage {
  /** The server's time of the last answer; null until there is one. It stays while the server does not answer. */
  loadedAt = $state<EpochMs | null>(null);
  shown = $state.raw<Incident[]>([]);
  /** Came meanwhile, and not shown yet. */
  fresh = $state.raw<Incident[]>([]);
  problem = $state.raw<Problem | null>(null);
  /** What is shown is of the filter before. */
  isChanging = $state(false);
  isLoadingMore = $state(false);
  /** Somebody is at work in the list. */
  isHeld = false;
  #filter = $state.raw<IncidentFilter>(NO_FILTER);
  #next = $state<string | null>(null);
  #generation = new AbortController();
  readonly #soon = new Soon(ASK_AFTER_MS, () => void this.refresh());

  hasMore = $derived(this.#next !== null);
  /** Rows that no longer belong, and stay until the list is settled. */
  passed = $derived.by(() => this.shown.filter((incident) => fits(incident, this.#filter) === false).length);

  /** Begins anew, with this filter. What is shown stays until the answer is here. */
  show(filter: IncidentFilter): Promise<void> {
    this.#filter = filter;
    this.isChanging = this.loadedAt !== null;
    return this.refresh();
  }

  /** The first page once more, as long as the list is. */
  async refresh(): Promise<void> {
    this.#generation.abort();
    const { signal } = (this.#generation = new AbortController());
    this.isLoadingMore = false;
    const rows = this.isChanging ? 0 : this.shown.length;
    const limit = Math.min(INCIDENTS_PAGE_MAX, Math.max(PAGE_ROWS, rows));
    await this.#asking(signal, async () => {
      const query = { ...queryOf(this.#filter), limit: String(limit) };
      const { now, incidents, next } = await call("GET /api/incidents", { query, signal });
      if (this.isChanging || !this.isHeld || this.loadedAt === null) {
        const list = withFirstPage(this.isChanging ? [] : this.shown, incidents, next !== null);
        if (list.length === incidents.length) this.#next = next;
        this.shown = list;
        this.fresh = [];
      } else {
        const here = new Set(this.shown.map(({ id }) => id));
        this.shown = updated(this.shown, incidents);
        this.fresh = incidents.filter(({ id }) => !here.has(id));
      }
      this.loadedAt = now;
      this.isChanging = false;
    });
  }

  /** What comes below the last row. */
  async more(): Promise<void> {
    const before = this.#next;
    if (before === null || this.isLoadingMore || this.isChanging || this.problem) return;
    const { signal } = this.#generation;
    this.isLoadingMore = true;
    await this.#asking(signal, async () => {
      const place = { before: encodeURIComponent(before), limit: String(PAGE_ROWS) };
      const { incidents, next } = await call("GET /api/incidents", {
        query: { ...queryOf(this.#filter), ...place },
        signal,
      });
      this.shown = withNextPage(this.shown, incidents);
      this.#next = next;
    });
    if (!signal.aborted) this.isLoadingMore = false;
  }

  hear(incident: Incident): void {
    if (this.loadedAt === null) return;
    if (this.shown.some(({ id }) => id === incident.id)) this.shown = updated(this.shown, [incident]);
    else {
      const isOne = fits(incident, this.#filter);
      const others = this.fresh.filter(({ id }) => id !== incident.id);
      this.fresh = isOne ? [...others, incident] : others;
      if (isOne === null) this.#soon.ask();
    }
    if (!this.isHeld) this.settle();
  }

  /** Shows what came, and lets go of what has passed. */
  settle(): void {
    if (this.fresh.length === 0 && this.passed === 0) return;
    this.shown = settled(this.shown, this.fresh, this.#filter, this.#next !== null);
    this.fresh = [];
  }

  /** Does it to all of these; answers with those that it changed. */
  async act(ids: readonly string[], action: IncidentAction, note?: string): Promise<Incident[]> {
    const changed: Incident[] = [];
    for (let from = 0; from < ids.length; from += INCIDENTS_PAGE_MAX) {
      const { incidents } = await call("POST /api/incident-actions", {
        body: { ids: ids.slice(from, from + INCIDENTS_PAGE_MAX), action, ...(note ? { note } : {}) },
      });
      changed.push(...incidents);
      this.shown = updated(this.shown, incidents);
    }
    if (!this.isHeld) this.settle();
    return changed;
  }

  stop(): void {
    this.#soon.stop();
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
