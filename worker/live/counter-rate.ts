import type { Readings } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";

const RATES = [
  ["network_received_bytes", "network_receive_bytes_per_second"],
  ["network_transmitted_bytes", "network_transmit_bytes_per_second"],
] as const;

/** The counters that rates are made of. */
export const RATE_COUNTERS = RATES.map(([counter]) => counter);

/** The rates between two samples of counters since boot; a counter that fell was reset, and gives none. */
export function counterRates(
  previous: { at: EpochMs; metrics: Readings } | undefined,
  at: EpochMs,
  next: Readings,
): Readings {
  const rates: Readings = {};
  if (!previous || at <= previous.at) return rates;
  for (const [counter, rate] of RATES) {
    const before = previous.metrics[counter];
    const after = next[counter];
    if (before === undefined || after === undefined || after < before) continue;
    rates[rate] = (after - before) / ((at - previous.at) / 1000);
  }
  return rates;
}
