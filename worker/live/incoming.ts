import {
  atPrecision,
  definitionOf,
  FLEET_METRICS,
  parseSeriesKey,
  rangeOf,
  type Readings,
  type SeriesKey,
} from "../../contract/metric.ts";
import { SERIES_PER_SAMPLE_MAX } from "../../contract/limits.ts";
import type { EpochMs } from "../../contract/units.ts";
import { columnsOf, packKey, unpackKey } from "../series/packed.ts";
import { SERIES_KEYS_KNOWN_MAX } from "../settings.ts";
import type { BatchSample } from "./batch.ts";

/** A sample as the shard takes it in: readings under packed keys, at the digits they are worth, and what else is asked of them. */
export interface IncomingSample {
  seq: number;
  at: EpochMs;
  keys: readonly string[];
  values: Float64Array;
  /** The part of it that the fleet page shows. */
  fleet: Readings;
  custom: readonly SeriesKey[];
}

/** What is known of a series key, looked up once: a shard meets the same hundred keys all day. */
interface KnownKey {
  packed: string;
  min: number;
  max: number;
  /** For the precision; undefined for a custom metric. */
  metric: string | undefined;
  fleet: string | undefined;
}

const known = new Map<SeriesKey, KnownKey | null>();
const FLEET: readonly string[] = FLEET_METRICS;

function knownKey(key: SeriesKey): KnownKey | null {
  let found = known.get(key);
  if (found === undefined) {
    if (known.size >= SERIES_KEYS_KNOWN_MAX) known.clear();
    known.set(key, (found = lookUp(key)));
  }
  return found;
}

function lookUp(key: SeriesKey): KnownKey | null {
  const parsed = parseSeriesKey(key);
  if (!parsed) return null;
  const [min, max] = rangeOf(parsed.metric);
  const metric = definitionOf(parsed.metric) && parsed.metric;
  return { packed: packKey(key), min, max, metric, fleet: FLEET.includes(key) ? key : undefined };
}

/**
 * Readings as they came in a message → a sample; undefined where one of them cannot be taken, which the schema then says in words.
 * `before` is the sample before: as a rule it had the same keys, and its list is shared.
 */
export function incomingOf(
  seq: number,
  at: EpochMs,
  metrics: Readings,
  before: IncomingSample | undefined,
): IncomingSample | undefined {
  const keys = Object.keys(metrics);
  if (keys.length > SERIES_PER_SAMPLE_MAX) return undefined;
  const values = new Float64Array(keys.length);
  const fleet: Readings = {};
  let custom: SeriesKey[] | undefined;
  let isSame = before?.keys.length === keys.length;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    const about = knownKey(key);
    const value = metrics[key] as unknown;
    // NaN fails both comparisons.
    if (!about || typeof value !== "number" || !(value >= about.min && value <= about.max)) return undefined;
    const precise = about.metric === undefined ? value + 0 : atPrecision(about.metric, value);
    values[index] = precise;
    if (about.fleet !== undefined) fleet[about.fleet] = precise;
    if (about.metric === undefined) (custom ??= []).push(key);
    isSame &&= before!.keys[index] === about.packed;
    keys[index] = about.packed;
  }
  return { seq, at, keys: isSame ? before!.keys : keys, values, fleet, custom: custom ?? NONE };
}

const NONE: readonly SeriesKey[] = [];

/** A sample of a request, which the Worker has checked and packed. */
export function incomingOfBatch({ seq, at, metrics, fleet, custom }: BatchSample): IncomingSample {
  return { seq, at, ...columnsOf(metrics), fleet, custom };
}

/** Without the series that there is no room for. */
export function without(sample: IncomingSample, refused: readonly SeriesKey[]): IncomingSample {
  const gone = new Set(refused.map(packKey));
  const kept = sample.keys.map((key, index) => [key, sample.values[index]!] as const).filter(([key]) => !gone.has(key));
  return {
    ...sample,
    keys: kept.map(([key]) => key),
    values: Float64Array.from(kept, ([, value]) => value),
    custom: sample.custom.filter((key) => !refused.includes(key)),
  };
}

export function readingsOf({ keys, values }: Pick<IncomingSample, "keys" | "values">): Readings {
  const readings: Readings = {};
  keys.forEach((key, index) => (readings[unpackKey(key)] = values[index]!));
  return readings;
}
