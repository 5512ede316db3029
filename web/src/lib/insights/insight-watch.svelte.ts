import type { Insight } from "../../../../contract/insights.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";

/** How often the mark in the rail is counted anew. */
export const RECOUNT_EVERY_MS: DurationMs = 10 * 60_000;
/** The mark has room for one digit; the worst come first. */
const COUNTED_MAX = 9;

/** The predictions that call for somebody, on whichever page one is. */
export class InsightWatch {
  serious = $state(0);
  critical = $state(0);
  #isKnown = false;

  /** As it fits on the mark: `3`, `9+`; empty where there is nothing to say. */
  badge = $derived(this.serious === 0 ? "" : this.serious > COUNTED_MAX ? `${COUNTED_MAX}+` : String(this.serious));

  async load(): Promise<void> {
    try {
      const query = { group: "predictions", limit: String(COUNTED_MAX + 1) };
      const { insights } = await call("GET /api/insights", { query });
      this.#isKnown = true;
      ({ serious: this.serious, critical: this.critical } = seriousOf(insights));
    } catch (error) {
      // A mark that could not be counted stays as it was: the page itself says what is wrong.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** Counts anew what was counted before. */
  recount(): void {
    if (this.#isKnown) void this.load();
  }
}

export function seriousOf(insights: readonly Pick<Insight, "severity">[]): { serious: number; critical: number } {
  const critical = insights.filter(({ severity }) => severity === "critical").length;
  return { serious: critical + insights.filter(({ severity }) => severity === "warning").length, critical };
}
