import type { FleetTail } from "../../../../contract/instance.ts";
import { TAIL_STEP_MS, TAIL_WINDOW_MS } from "../../../../contract/limits.ts";
import { TAIL_METRICS, type Readings } from "../../../../contract/metric.ts";
import type { EpochMs } from "../../../../contract/units.ts";

export function emptyTail(): FleetTail {
  return { at: [], values: Object.fromEntries(TAIL_METRICS.map((metric) => [metric, []])) as never };
}

/** The tail with one more sample at its end; the newest point is replaced while its step lasts. */
export function appendToTail(tail: FleetTail, at: EpochMs, metrics: Readings): FleetTail {
  const last = tail.at.at(-1);
  if (last !== undefined && at <= last) return tail;
  const beforeLast = tail.at.at(-2);
  const replaces = beforeLast !== undefined && at - beforeLast < TAIL_STEP_MS;
  const end = tail.at.length - (replaces ? 1 : 0);
  let start = 0;
  while (start < end && tail.at[start]! < at - TAIL_WINDOW_MS) start += 1;

  const grow = <Value>(column: readonly Value[], value: Value): Value[] => {
    const grown = column.slice(start, end);
    grown.push(value);
    return grown;
  };
  const values = {} as FleetTail["values"];
  for (const metric of TAIL_METRICS) values[metric] = grow(tail.values[metric] ?? [], metrics[metric] ?? null);
  return { at: grow(tail.at, at), values };
}
