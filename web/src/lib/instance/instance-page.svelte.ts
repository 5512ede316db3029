import { STALE_AFTER_INTERVALS } from "../../../../contract/limits.ts";
import type { Instance, InstanceDetail } from "../../../../contract/instance.ts";
import type { LiveSample } from "../../../../contract/live.ts";
import type { Readings, SeriesKey } from "../../../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import type { App } from "../app.svelte.ts";
import type { Money } from "../format/money.ts";
import { Timeline } from "../chart/sync.svelte.ts";
import { Pulse } from "../live/pulse.svelte.ts";
import { isWithoutAgent } from "../live/status.ts";
import { batched, fetchHistory } from "./history.ts";
import { type Section, sectionsOf } from "./sections.ts";

/** One instance, looked at: what it is, what it has, and the time its charts share. */
export class InstancePage {
  readonly id: string;
  readonly timeline: Timeline;
  readonly pulse = new Pulse();
  detail = $state.raw<InstanceDetail | null>(null);
  problem = $state.raw<ApiError | null>(null);
  latest = $state.raw<Readings>({});
  seriesKeys = $state.raw<SeriesKey[]>([]);
  #known = new Set<SeriesKey>();
  #app: App;

  constructor(id: string, app: App, windowMs: DurationMs) {
    this.id = id;
    this.#app = app;
    this.timeline = new Timeline(batched(fetchHistory(id)), windowMs, app.now || Date.now());
  }

  /** The live socket knows the newest facts; the detail stands in until it has spoken. */
  instance: Instance | null = $derived.by(
    () => this.#app.fleet.entries.get(this.id)?.instance ?? this.detail?.instance ?? null,
  );

  lastSampleAt: number | null = $derived.by(
    () => this.#app.fleet.entries.get(this.id)?.reading.lastSampleAt ?? this.detail?.instance.lastSampleAt ?? null,
  );

  isWithoutAgent = $derived.by(() => this.instance !== null && isWithoutAgent(this.instance, this.lastSampleAt));

  sections: Section[] = $derived.by(() => {
    const { cpuCount = null, memoryTotalBytes = null } = this.detail?.instance ?? {};
    return sectionsOf(this.seriesKeys, { cpuCount, memoryTotalBytes });
  });

  async load(): Promise<void> {
    try {
      const detail = await call("GET /api/instances/:id", { params: { id: this.id } });
      this.detail = detail;
      this.latest = { ...detail.latest, ...this.latest };
      this.problem = null;
      this.timeline.pauseMs = STALE_AFTER_INTERVALS * detail.instance.intervalMs;
      this.#learn(detail.seriesKeys);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) void this.#app.session.check();
      this.problem = error;
    }
  }

  hear(sample: LiveSample, heardAt: EpochMs): void {
    if (sample.instanceId !== this.id) return;
    this.pulse.hear(sample.at, heardAt);
    this.latest = sample.metrics;
    this.#learn(Object.keys(sample.metrics));
    this.timeline.hear(sample);
  }

  rename(name: string): Promise<void> {
    return this.#change({ name });
  }

  tag(tags: string[]): Promise<void> {
    return this.#change({ tags });
  }

  /** What its owner says it costs in a month. */
  price(monthlyCostGiven: Money | null): Promise<void> {
    return this.#change({ monthlyCostGiven });
  }

  async remove(): Promise<void> {
    await call("DELETE /api/instances/:id", { params: { id: this.id } });
  }

  async #change(change: Partial<Pick<Instance, "name" | "tags" | "monthlyCostGiven">>): Promise<void> {
    await call("PATCH /api/instances/:id", { params: { id: this.id }, body: change });
    if (this.detail) this.detail = { ...this.detail, instance: { ...this.detail.instance, ...change } };
  }

  #learn(keys: readonly SeriesKey[]): void {
    const fresh = keys.filter((key) => !this.#known.has(key));
    if (fresh.length === 0) return;
    for (const key of fresh) this.#known.add(key);
    this.seriesKeys = [...this.#known].sort();
  }
}
