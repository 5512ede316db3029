import { TAIL_STEP_MS, TAIL_WINDOW_MS } from "../../contract/limits.ts";
import { TAIL_METRICS, type Readings } from "../../contract/metric.ts";
import type { FleetTail } from "../../contract/instance.ts";
import type { EpochMs } from "../../contract/units.ts";

/** The last half hour of one instance for its card: the newest sample of every slot of a minute. */
export class Tail {
  #slots = new Map<number, { at: EpochMs; metrics: Readings }>();

  /** Samples may come in any order, and twice. */
  add(at: EpochMs, metrics: Readings): void {
    const slot = Math.floor(at / TAIL_STEP_MS);
    const known = this.#slots.get(slot);
    if (known && known.at > at) return;
    this.#slots.set(slot, { at, metrics });
    if (this.#slots.size > (2 * TAIL_WINDOW_MS) / TAIL_STEP_MS) this.#forget(at - TAIL_WINDOW_MS);
  }

  /** What is younger than the window, oldest first, with a null row in every gap. */
  columns(now: EpochMs): FleetTail {
    const tail: FleetTail = { at: [], values: { cpu_busy_ratio: [], memory_used_ratio: [] } };
    const slots = [...this.#slots].filter(([, { at }]) => at > now - TAIL_WINDOW_MS).sort(([a], [b]) => a - b);
    let previous: number | undefined;
    for (const [slot, { at, metrics }] of slots) {
      // Two empty slots in a row; one may be empty where an interval is longer than a slot.
      if (previous !== undefined && slot - previous > 2) {
        tail.at.push(Math.round((slot + previous + 1) / 2) * TAIL_STEP_MS);
        for (const metric of TAIL_METRICS) tail.values[metric].push(null);
      }
      tail.at.push(at);
      for (const metric of TAIL_METRICS) tail.values[metric].push(metrics[metric] ?? null);
      previous = slot;
    }
    return tail;
  }

  #forget(before: EpochMs): void {
    for (const [slot, { at }] of this.#slots) if (at <= before) this.#slots.delete(slot);
  }
}
