import { STALE_AFTER_INTERVALS } from "../../../../contract/limits.ts";
import type { Check, CheckDetail, MadeCheck } from "../../../../contract/checks.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import { Timeline } from "../chart/sync.svelte.ts";
import { batched, fetchHistory } from "../instance/history.ts";
import { chartsOf } from "./charts.ts";
import { REFRESH_EVERY_MS } from "./check-list.svelte.ts";

/** A round that has just begun is over within seconds: nobody is to look at "Waiting" until the next refresh. */
const AWAITED_EVERY_MS: DurationMs = 1_000;
/** One that is not over by then may take until the next tick. */
const AWAITED_LOADS_MAX = 20;

/** One check, looked at: what it is, what is true of it, and the time its charts share. */
export class CheckPage {
  readonly id: string;
  readonly timeline: Timeline;
  /** The last answer; it stays while the server does not answer. */
  detail = $state.raw<CheckDetail | null>(null);
  problem = $state.raw<ApiError | null>(null);
  /** Answers in a row that had no verdict yet. */
  #awaited = $state(0);

  constructor(id: string, windowMs: DurationMs, now: EpochMs) {
    this.id = id;
    this.timeline = new Timeline(batched(fetchHistory(id, "GET /api/checks/:id/series")), windowMs, now);
  }

  charts = $derived.by(() => (this.detail ? chartsOf(this.detail.check, this.detail.seriesKeys) : []));

  /** How often to load it while it is looked at. */
  refreshEveryMs: DurationMs = $derived(
    this.#awaited > 0 && this.#awaited < AWAITED_LOADS_MAX ? AWAITED_EVERY_MS : REFRESH_EVERY_MS,
  );

  async load(): Promise<void> {
    try {
      const before = this.detail?.check.lastRoundAt;
      const detail = await call("GET /api/checks/:id", { params: { id: this.id } });
      this.detail = detail;
      this.problem = null;
      this.#awaited = isAwaited(detail.check) ? this.#awaited + 1 : 0;
      this.timeline.pauseMs = STALE_AFTER_INTERVALS * detail.check.intervalMs;
      this.timeline.advance(detail.now);
      // A zoomed chart stands still; leaving the zoom loads what it missed.
      if (before !== undefined && before !== detail.check.lastRoundAt && !this.timeline.zoom) this.timeline.reload();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = error;
    }
  }

  /** Looks now; what it saw is shown at once, what follows from it a moment later. */
  async run(): Promise<Check> {
    const check = await call("POST /api/checks/:id/run", { params: { id: this.id } });
    if (this.detail) this.detail = { ...this.detail, check };
    void this.load();
    return check;
  }

  /** As a change to many: an operator may pause, and not change anything else. */
  async pause(isPaused: boolean): Promise<void> {
    await call("POST /api/check-actions", { body: { ids: [this.id], action: isPaused ? "pause" : "resume" } });
    await this.load();
  }

  async newBeatUrl(): Promise<MadeCheck> {
    return call("POST /api/checks/:id/beat-url", { params: { id: this.id } });
  }

  async remove(): Promise<void> {
    await call("DELETE /api/checks/:id", { params: { id: this.id } });
  }
}

/** Somebody is about to look. */
function isAwaited({ judgement, isPaused, target }: Check): boolean {
  return judgement === null && !isPaused && target.kind !== "heartbeat";
}
