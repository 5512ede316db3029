import type { OriginalMetric, OriginalMetricsKey, OriginalMetricsQuery } from "../../contract/original.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { ApiContext } from "../auth/api.ts";
import { database } from "../db/client.ts";
import { findCustomSeries, lastStoredSample } from "../series/store.ts";
import { ORIGINAL_INSTANCES_PER_PAGE_MAX } from "../settings.ts";
import type { Watched } from "./fleet.ts";
import { namedSeries, originalValue, type NamedSeries } from "./names.ts";
import { keptSince, readNamed, type NamedPoints } from "./readings.ts";

const HOUR_MS = 3_600_000;
const FIRST_LOOK_MAX_MS = 12 * HOUR_MS;
const SECOND_LOOK_MS = 24 * HOUR_MS;

export interface MetricsPage {
  metrics: OriginalMetric[];
  lastEvaluatedKey?: Record<string, string | number>;
}

type Asked = Pick<OriginalMetricsQuery, "metricName" | "limit" | "exclusiveStartKey">;

/** Readings of one instance, newest first. A page may be short, or empty, and still have more behind it. */
export async function metricsOfInstance(
  c: ApiContext,
  watched: Watched,
  { metricName, limit, exclusiveStartKey: after }: Asked,
  now: EpochMs,
): Promise<MetricsPage> {
  const { id, intervalMs } = watched.row;
  const custom = metricName === undefined ? await findCustomSeries(database(c.env.DB), id) : [];
  const named = namedSeries(metricName, custom);
  const since = await keptSince(c, "raw", now);
  const samplesWanted = Math.ceil(limit / named.length) + 1;
  const firstLookMs = Math.min(FIRST_LOOK_MAX_MS, Math.max(HOUR_MS, 2 * samplesWanted * intervalMs));
  let to = Math.min(now, after?.timestamp ?? now);
  for (const spanMs of [firstLookMs, SECOND_LOOK_MS]) {
    const from = Math.max(to - spanMs, since);
    const read = await readNamed(c, [watched], named, { tier: "raw", from, to }, now);
    const found = read.flatMap(everyReading).filter((metric) => isOlder(metric, after));
    if (found.length > 0) return pageOfInstance(found.sort(newestFirst), limit, from, from > since);
    if (from <= since) return { metrics: [] };
    to = from;
  }
  return after ? { metrics: [], lastEvaluatedKey: { instanceId: id, timestamp: to } } : lastWords(c, id, named);
}

/** Of one that has been silent: its last sample, and all before it behind that. */
async function lastWords(c: ApiContext, id: string, named: readonly NamedSeries[]): Promise<MetricsPage> {
  const last = await lastStoredSample(database(c.env.DB), id);
  if (!last) return { metrics: [] };
  const metrics = named.flatMap((series) => {
    const value = series.of === "instance" ? last.metrics[series.key] : undefined;
    return value === undefined ? [] : [reading(id, series, last.at, value)];
  });
  return { metrics: metrics.sort(newestFirst), lastEvaluatedKey: { instanceId: id, timestamp: last.at } };
}

/** The newest reading of each series of each instance that was heard within the hour, by instance from page to page. */
export async function metricsOfFleet(
  c: ApiContext,
  fleet: readonly Watched[],
  { metricName, limit, exclusiveStartKey: after }: Asked,
  now: EpochMs,
): Promise<MetricsPage> {
  const named = namedSeries(metricName, []);
  const rest = fleet.filter(({ row: { id } }) => isLaterInstance(id, after));
  const count = Math.min(ORIGINAL_INSTANCES_PER_PAGE_MAX, Math.ceil(limit / named.length));
  const here = rest.slice(0, count);
  const window = { tier: "raw", from: now - HOUR_MS, to: now } as const;
  const read = await readNamed(c, here, named, window, now);
  const found = read
    .flatMap(newestReading)
    .filter((metric) => metric.instanceId !== after?.instanceId || metric.metricName > (after.metricName ?? ""))
    .sort(byPlace);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const isCut = found.length > limit;
  const lastEvaluatedKey = isCut
    ? { instanceId: last!.instanceId, metricName: last!.metricName }
    : rest.length > here.length && { instanceId: here.at(-1)!.row.id };
  return { metrics: page.sort(newestFirst), ...(lastEvaluatedKey && { lastEvaluatedKey }) };
}

function pageOfInstance(found: OriginalMetric[], limit: number, from: EpochMs, isMore: boolean): MetricsPage {
  const metrics = found.slice(0, limit);
  const { instanceId, timestamp, metricName } = metrics.at(-1)!;
  if (found.length > limit) return { metrics, lastEvaluatedKey: { instanceId, timestamp, metricName } };
  return { metrics, ...(isMore && { lastEvaluatedKey: { instanceId, timestamp: from } }) };
}

function everyReading({ instanceId, series, at, points: { mean } }: NamedPoints): OriginalMetric[] {
  return at.flatMap((time, row) => {
    const value = mean[row];
    return value === null || value === undefined ? [] : [reading(instanceId, series, time, value)];
  });
}

function newestReading({ instanceId, series, at, points: { mean } }: NamedPoints): OriginalMetric[] {
  const row = mean.findLastIndex((value) => value !== null);
  return row === -1 ? [] : [reading(instanceId, series, at[row]!, mean[row]!)];
}

function reading(instanceId: string, series: NamedSeries, at: EpochMs, value: number): OriginalMetric {
  return {
    id: `${instanceId}/${series.name}/${at}`,
    instanceId,
    timestamp: at,
    metricName: series.name,
    metricValue: originalValue(series, value),
    unit: series.unit,
    tags: {},
  };
}

/** Readings of one moment by name, so that a page may end between two of them. */
function newestFirst(a: OriginalMetric, b: OriginalMetric): number {
  return b.timestamp - a.timestamp || byPlace(a, b);
}

function byPlace(a: OriginalMetric, b: OriginalMetric): number {
  if (a.instanceId !== b.instanceId) return a.instanceId < b.instanceId ? -1 : 1;
  return a.metricName < b.metricName ? -1 : 1;
}

function isOlder({ timestamp, metricName }: OriginalMetric, after: OriginalMetricsKey | undefined): boolean {
  if (after?.timestamp === undefined || timestamp < after.timestamp) return true;
  return timestamp === after.timestamp && after.metricName !== undefined && metricName > after.metricName;
}

/** An instance that a page ended within is on the next one too. */
function isLaterInstance(id: string, after: OriginalMetricsKey | undefined): boolean {
  return !after || id > after.instanceId || (id === after.instanceId && after.metricName !== undefined);
}
