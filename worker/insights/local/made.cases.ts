import { INSIGHT_METRICS } from "../../../contract/insight-kinds.ts";
import { metricOf, rangeOf, type SeriesKey } from "../../../contract/metric.ts";
import type { EpochMs } from "../../../contract/units.ts";
import type { Machine, MachineHistory } from "../engine.ts";
import type { EvenSeries } from "./even-series.ts";

/** Machines and series that are made up for tests: noise of every colour, and what is known to be in it. */

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** A Thursday, ten in the morning. */
export const NOW: EpochMs = Date.UTC(2026, 10, 26, 10);
export const HOURS = 1_440;

/** From 0, below 1. */
export type Random = () => number;
/** What a value is at an hour: `at` is when the hour begins, `hour` its place, counted back from the newest, which is -1. */
export type Maker = (at: EpochMs, hour: number) => number;

export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Student's t with three degrees of freedom: now and then far off. */
export function heavy(random: Random): number {
  const squares = [0, 0, 0].reduce((sum) => sum + normal(random) ** 2, 0);
  return normal(random) / Math.sqrt(squares / 3);
}

/** Noise that remembers: 0 is white, 1 wanders off. */
export function wandering(random: Random, memory: number, one: (random: Random) => number = normal): Maker {
  let value = 0;
  return () => (value = memory * value + one(random));
}

export function hourly(make: Maker, hours = HOURS, now = NOW): EvenSeries {
  const from = now - hours * HOUR;
  return {
    from,
    stepMs: HOUR,
    values: Float64Array.from({ length: hours }, (_, at) => make(from + at * HOUR, at - hours)),
  };
}

export function hourOfDay(at: EpochMs): number {
  return Math.floor(at / HOUR) % 24;
}

/** 0 is Monday. */
export function weekday(at: EpochMs): number {
  return (Math.floor(at / DAY) + 3) % 7;
}

export function machine(name: string, given: Partial<Machine> = {}): Machine {
  return {
    id: `id-${name}`,
    name,
    tags: [],
    region: "ewr",
    plan: null,
    cpuCount: 2,
    memoryBytes: 4 * 2 ** 30,
    diskBytes: 80 * 2 ** 30,
    monthlyCost: null,
    bandwidth: null,
    bootAt: null,
    firstSeenAt: NOW - 200 * DAY,
    ...given,
  };
}

export function history(
  of: Machine,
  series: Record<SeriesKey, EvenSeries>,
  more: Partial<MachineHistory> = {},
): MachineHistory {
  return { machine: of, hourly: new Map(Object.entries(series)), fine: new Map(), spans: [], ...more };
}

/** What each metric is of a machine at work on which nothing happens: a level, and noise around it. */
const QUIET: Record<string, [level: number, noise: number]> = {
  cpu_busy_ratio: [0.55, 0.03],
  memory_used_ratio: [0.6, 0.01],
  filesystem_used_ratio: [0.5, 0.0005],
  filesystem_inodes_used_ratio: [0.1, 0.0001],
  network_receive_bytes_per_second: [400_000, 40_000],
  network_transmit_bytes_per_second: [900_000, 90_000],
  disk_util_ratio: [0.2, 0.02],
  load_5m: [1.2, 0.1],
};

/** Eight metrics over sixty days on which nothing happens; `add` is added to one of them. */
export function quietSeries(
  random: Random,
  add: Readonly<Record<SeriesKey, Maker>> = {},
): Record<SeriesKey, EvenSeries> {
  return Object.fromEntries(
    INSIGHT_METRICS.map((key) => {
      const [level, noise] = QUIET[key]!;
      const [min, max] = rangeOf(metricOf(key));
      const colour = wandering(random, 0.5);
      const more = add[key];
      return [
        key,
        hourly((at, hour) => Math.max(min, Math.min(max, level + noise * colour(at, hour) + (more?.(at, hour) ?? 0)))),
      ];
    }),
  );
}
