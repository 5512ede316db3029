import type { Outlook } from "../../../../contract/insights.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import { bandEnd } from "../chart/band.ts";
import type { Overlay } from "../chart/overlay.ts";
import type { Timeline } from "../chart/sync.svelte.ts";
import { Persisted } from "../persisted.svelte.ts";

/** It is computed anew every hour. */
export const OUTLOOK_EVERY_MS: DurationMs = 10 * 60_000;
/** In a shorter window what is foretold by the hour would be a straight line. */
export const AHEAD_FROM_WINDOW_MS: DurationMs = 6 * 3_600_000;
/** So much of the window is added to it at most. */
const AHEAD_SHARE = 1 / 3;

/** What lies ahead of the charts of an instance, and whether it is shown. */
export class Ahead {
  readonly id: string;
  readonly #timeline: Timeline;
  readonly #chosen = new Persisted("instance.forecast", ["on", "off"], "on");
  #outlook = $state.raw<Outlook | null>(null);

  constructor(id: string, timeline: Timeline) {
    this.id = id;
    this.#timeline = timeline;
  }

  /** There is something to be shown ahead. */
  isKnown: boolean = $derived.by(() => Object.keys(this.#outlook?.bands ?? {}).length > 0);
  isPossible: boolean = $derived.by(() => this.#timeline.windowMs >= AHEAD_FROM_WINDOW_MS);
  isShown: boolean = $derived.by(() => this.isKnown && this.isPossible && this.#chosen.current === "on");

  // The same one as long as it says the same: another would draw every chart anew.
  #overlay: Overlay | null = $derived.by(
    () => this.#outlook && { spans: this.#outlook.spans, bands: this.isShown ? this.#outlook.bands : {} },
  );

  toggle(): void {
    if (this.isKnown && this.isPossible) this.#chosen.current = this.#chosen.current === "on" ? "off" : "on";
  }

  /** Keeps the charts by what is known and chosen; to be run in an effect. */
  follow = (): void => {
    const timeline = this.#timeline;
    const outlook = this.#outlook;
    timeline.aheadMs = this.isShown && outlook ? aheadOf(outlook, timeline.windowMs, timeline.to) : 0;
    timeline.overlay = this.#overlay;
  };

  async load(): Promise<void> {
    try {
      this.#outlook = await call("GET /api/instances/:id/outlook", { params: { id: this.id } });
    } catch (error) {
      // The charts are whole without it; the last one stays.
      if (!(error instanceof ApiError)) throw error;
    }
  }
}

/** How far ahead a window reaches: a third of it, and no further than something is foretold. */
export function aheadOf({ bands }: Pick<Outlook, "bands">, windowMs: DurationMs, now: number): DurationMs {
  const last = Math.max(now, ...Object.values(bands).map(bandEnd));
  return Math.min(windowMs * AHEAD_SHARE, last - now);
}
