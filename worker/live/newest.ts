import type { Readings } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import { readingsOf } from "./incoming.ts";
import type { Tails } from "./tails.ts";

/** What an object that is asked about an instance knows that no block holds yet. */
export interface Newest {
  at: EpochMs;
  metrics: Readings;
  seriesKeys: string[];
}

/** The newest sample of an instance that waits for its block, and the series of all that do. */
export function newestIn(tails: Tails, instanceId: string): Newest | undefined {
  const last = tails.newestOf(instanceId);
  if (!last) return undefined;
  const keys = new Set(tails.of(instanceId).flatMap(({ keys: ofSample }) => ofSample));
  const seriesKeys = Object.keys(readingsOf({ keys: [...keys], values: new Float64Array(keys.size) }));
  return { at: last.at, metrics: readingsOf(last), seriesKeys };
}
