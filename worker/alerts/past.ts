import type { DurationMs, EpochMs } from "../../contract/units.ts";

/** Points that are kept of the span that is looked back over: enough to meet its beginning closely. */
const POINTS = 60;

/** The last while of one series, thinned, for how much it has changed. Memory only: after a new beginning it takes its span to tell again. */
export class Past {
  readonly #overMs: DurationMs;
  #points: { at: EpochMs; value: number }[] = [];

  constructor(overMs: DurationMs) {
    this.#overMs = overMs;
  }

  get isEmpty(): boolean {
    return this.#points.length === 0;
  }

  /** Takes a reading in; the value so long before it, or undefined where nothing was read then. */
  add(at: EpochMs, value: number): number | undefined {
    const last = this.#points.at(-1);
    if (last && at <= last.at) return undefined;
    const step = this.#overMs / POINTS;
    if (!last || at - last.at >= step) this.#points.push({ at, value });
    const from = at - this.#overMs;
    // The newest that is old enough stays: it is what this one is compared with.
    while (this.#points.length > 1 && this.#points[1]!.at <= from) this.#points.shift();
    const first = this.#points[0]!;
    const isThen = first.at <= from && from - first.at <= Math.max(step * 3, this.#overMs / 4);
    return isThen ? first.value : undefined;
  }
}
