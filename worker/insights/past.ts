import { INSIGHT_METRICS } from "../../contract/insight-kinds.ts";
import type { SeriesKey } from "../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { packKey } from "../series/packed.ts";
import { readWindow, type Held } from "../series/query.ts";
import { readReach } from "../series/ring-store.ts";
import { TIER_SPECS } from "../series/tiers.ts";
import type { Window } from "../series/window.ts";
import { hoursOf, type KeptHours } from "./hours.ts";
import { endOf, type EvenSeries } from "./local/even-series.ts";

/** What machines were like: from the tiers of history, with what the shard still holds. */
export interface PastReader {
  db: Database;
  /** Samples that no block has yet, and which hours are not rolled. Asked for before the blocks are read. */
  held(instanceIds: string[], packedKeys: string[]): Promise<Held>;
}

/** Hours over these days tell of weeks; each is one point, 15 rows a machine. */
export const HOURLY_FROM_MS: DurationMs = 60 * 86_400_000;
/** A series that is met for the first time is learned from so much of its past. */
export const FINE_FROM_MS: DurationMs = 14 * 86_400_000;

const FINE_STEP_MS = TIER_SPECS.fiveMinutes.stepMs;
const HOUR_MS = TIER_SPECS.hour.stepMs;
const NOTHING_HELD: Held = { waiting: new Map(), unrolled: { before: Infinity, hours: [] } };

export interface Past {
  hourly: Map<SeriesKey, EvenSeries>;
  fine: Map<SeriesKey, EvenSeries>;
}

interface Wanted {
  keys?: readonly SeriesKey[];
  hourlyMs?: DurationMs;
  /** Of whom hours are kept already: of them only what is newer is read. */
  kept?: ReadonlyMap<string, KeptHours>;
}

/**
 * The past of these machines: every full step of five minutes since `fineFrom`, and every full hour of the last 60 days, or of `hourlyMs`. The hours that are
 * not rolled yet are made of their steps, so that their samples are unpacked once. Two statements at most.
 */
export async function readPast(
  { db, held: heldOf }: PastReader,
  instanceIds: readonly string[],
  fineFrom: EpochMs,
  now: EpochMs,
  { keys = INSIGHT_METRICS, hourlyMs = HOURLY_FROM_MS, kept = new Map() }: Wanted = {},
): Promise<Map<string, Past>> {
  const [reach, held] = await Promise.all([readReach(db), heldOf([...instanceIds], keys.map(packKey))]);
  const to = Math.floor(now / FINE_STEP_MS) * FINE_STEP_MS;
  const asked = { instanceIds, keys };
  const fineAsked = { ...asked, from: Math.floor(fineFrom / HOUR_MS) * HOUR_MS, to };
  const hourAsked = { ...asked, from: Math.ceil((now - hourlyMs) / HOUR_MS) * HOUR_MS, to };
  const fine = await readWindow(db, TIER_SPECS.fiveMinutes, fineAsked, held, reach, now);
  const unkept = instanceIds.filter((id) => !kept.has(id));
  const hourly =
    unkept.length > 0
      ? await readWindow(db, TIER_SPECS.hour, { ...hourAsked, instanceIds: unkept }, NOTHING_HELD, reach, now)
      : null;
  const hours = {
    from: hourAsked.from,
    stepMs: HOUR_MS,
    length: (Math.floor(to / HOUR_MS) * HOUR_MS - hourAsked.from) / HOUR_MS,
  };
  return new Map(
    instanceIds.map((id) => {
      const fineSeries = evenSeries(fine.windows.get(id)!, FINE_STEP_MS, fineAsked.from, to);
      const known = kept.get(id);
      const hourSeries = known
        ? hoursOf(known, hours)
        : evenSeries(hourly!.windows.get(id)!, HOUR_MS, hours.from, hours.from + hours.length * HOUR_MS);
      for (const [key, steps] of fineSeries) withHours(hourSeries, key, steps, hourAsked.from, to);
      return [id, { hourly: hourSeries, fine: fineSeries }];
    }),
  );
}

/** A window as series at even steps; what was never heard is not among them. */
export function evenSeries(
  window: Pick<Window, "at" | "keys" | "points">,
  stepMs: DurationMs,
  from: EpochMs,
  to: EpochMs,
): Map<SeriesKey, EvenSeries> {
  const length = Math.max(0, Math.floor((to - from) / stepMs));
  const series = new Map<SeriesKey, EvenSeries>();
  window.keys.forEach((key, column) => {
    const { mean } = window.points[column]!;
    const values = new Float64Array(length).fill(NaN);
    let isHeard = false;
    window.at.forEach((at, row) => {
      const place = Math.floor((at - from) / stepMs);
      const value = mean[row] ?? null;
      if (value === null || place < 0 || place >= length) return;
      values[place] = value;
      isHeard = true;
    });
    if (isHeard) series.set(key, { from, stepMs, values });
  });
  return series;
}

/** Hours that are not rolled yet, as the mean of their steps: of an hour that is over, half of whose steps were heard. */
function withHours(
  hourly: Map<SeriesKey, EvenSeries>,
  key: SeriesKey,
  fine: EvenSeries,
  from: EpochMs,
  to: EpochMs,
): void {
  const length = Math.max(0, Math.floor(to / HOUR_MS) - from / HOUR_MS);
  const known = hourly.get(key) ?? { from, stepMs: HOUR_MS, values: new Float64Array(length).fill(NaN) };
  const perHour = HOUR_MS / FINE_STEP_MS;
  let isHeard = hourly.has(key);
  for (let at = fine.from; at + HOUR_MS <= Math.min(to, endOf(fine)); at += HOUR_MS) {
    const place = (at - from) / HOUR_MS;
    if (place < 0 || place >= length || !Number.isNaN(known.values[place]!)) continue;
    const first = (at - fine.from) / FINE_STEP_MS;
    const heard = fine.values.subarray(first, first + perHour).filter((value) => !Number.isNaN(value));
    if (heard.length < perHour / 2) continue;
    known.values[place] = heard.reduce((sum, value) => sum + value, 0) / heard.length;
    isHeard = true;
  }
  if (isHeard) hourly.set(key, known);
}
