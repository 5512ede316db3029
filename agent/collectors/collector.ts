import type { Clock } from "../clock.ts";
import type { NameList } from "../name-list.ts";
import type { Procfs } from "../procfs.ts";
import type { MetricName } from "../../contract/metric.ts";
import type { DurationMs } from "../../contract/units.ts";

/** Only metrics of the table can be told; an undefined one could not be read and is left out of the sample. */
export type Collected = { [Key in MetricName | `${MetricName}:${string}`]?: number | undefined };

/** One tick: when it is, and the files as they are at that moment. */
export interface Moment {
  monotonicMs: number;
  procfs: Procfs;
}

/** Reads one thing of the machine. It keeps what it needs of the last reading for rates, and throws where it cannot read. */
export interface Collector {
  readonly name: string;
  collect(moment: Moment): Collected | Promise<Collected>;
}

/** What collectors may be told by the operator. */
export interface CollectorSettings {
  clock: Clock;
  nics: NameList;
  filesystems: NameList;
  includeNetworkFilesystems: boolean;
}

/** A tick waits no longer than this for one collector. Reading /proc takes less than a millisecond. */
export const COLLECTOR_LIMIT_MS: DurationMs = 5_000;

/** The key of one thing's reading. Characters a series key may not hold become `_`; the wire allows 96 of them. */
export function dimensionKey<Metric extends MetricName>(metric: Metric, dimension: string): `${Metric}:${string}` {
  const legal = Array.from(dimension.replace(/[\p{Cc}\p{Cs}"'\\,]/gu, "_"));
  return `${metric}:${legal.slice(0, 96).join("") || "_"}`;
}

/** The sum of what is there; undefined where nothing is, for the whole of nothing is unknown, not zero. */
export function sumOf(values: Iterable<number | undefined>): number | undefined {
  let sum: number | undefined;
  for (const value of values) if (value !== undefined) sum = (sum ?? 0) + value;
  return sum;
}

/** The worst of what is there. */
export function worstOf(values: Iterable<number | undefined>): number | undefined {
  let worst: number | undefined;
  for (const value of values) if (value !== undefined && (worst === undefined || value > worst)) worst = value;
  return worst;
}
