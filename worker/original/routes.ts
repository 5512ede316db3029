import type { OriginalInstance, OriginalMetricsQuery, OriginalStatus } from "../../contract/original.ts";
import type { EpochMs } from "../../contract/units.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { replyOf } from "../errors.ts";
import { ORIGINAL_LATENCIES_MAX } from "../settings.ts";
import { hoursOf } from "./analytics.ts";
import { checksOf, watchedFleet, watchedInstance, type Watched } from "./fleet.ts";
import { originalInstances, statusOf } from "./instances.ts";
import { lastLooks, meanOf } from "./looks.ts";
import { metricsOfFleet, metricsOfInstance, type MetricsPage } from "./metrics.ts";

const DASHBOARD_INSTANCES = 10;
const DASHBOARD_METRICS = 20;

/** The addresses the original Nephos was read at, answered from what there is here in its own shapes. */
export const originalRoutes = api({
  "GET /instances": async (c, { query: { status, limit, exclusiveStartKey: after } }) => {
    const now = Date.now();
    const rest = (await watchedFleet(c)).filter(
      (watched) => (!after || watched.row.id > after.id) && (!status || statusOf(watched, now) === status),
    );
    const page = rest.slice(0, limit);
    const instances = await originalInstances(c, page, now);
    const isMore = rest.length > page.length;
    return { instances, count: instances.length, ...(isMore && { lastEvaluatedKey: { id: page.at(-1)!.row.id } }) };
  },

  "GET /instances/:id": async (c): Promise<OriginalInstance | Response> => {
    const watched = await watchedInstance(c, c.req.param("id")!);
    if (watched) return (await originalInstances(c, [watched], Date.now()))[0]!;
    const refusal = replyOf({
      code: "not_found",
      message: "There is no such instance.",
      field: "id",
      remedy: "It may have been removed; GET /instances lists what there is.",
    });
    return c.json({ ...refusal, error: "Instance not found" }, 404);
  },

  "GET /metrics": async (c, { query }) => {
    const now = Date.now();
    const { metrics, ...more } = await (query.instanceId === undefined
      ? metricsOfFleet(c, await watchedFleet(c), query, now)
      : metricsOfOne(c, query.instanceId, query, now));
    return { metrics, count: metrics.length, ...more };
  },

  "GET /analytics": async (c, { query }) => {
    const now = Date.now();
    const fleet = await watchedFleet(c);
    const wanted = query.instanceId === undefined ? fleet : fleet.filter(({ row }) => row.id === query.instanceId);
    const { hours, leftOut } = await hoursOf(c, wanted, query, now);
    if (leftOut > 0) c.header("x-instances-left-out", String(leftOut));
    return {
      hourlyMetrics: hours,
      activeAlertsCount: 0,
      healthyInstancesCount: countOf(fleet, "healthy", now),
      unhealthyInstancesCount: countOf(fleet, "unhealthy", now),
      totalInstancesCount: fleet.length,
    };
  },

  "GET /analytics/dashboard": async (c) => {
    const now = Date.now();
    const fleet = await watchedFleet(c);
    const [instances, { metrics }, avgLatency] = await Promise.all([
      originalInstances(c, fleet.slice(0, DASHBOARD_INSTANCES), now),
      metricsOfFleet(c, fleet, { limit: DASHBOARD_METRICS }, now),
      latencyOf(c, fleet),
    ]);
    return {
      summary: {
        totalInstances: fleet.length,
        healthyInstances: countOf(fleet, "healthy", now),
        activeAlerts: 0,
        criticalAlerts: 0,
        avgLatency,
      },
      instances,
      recentAlerts: [],
      recentMetrics: metrics,
    };
  },
});

/** One that is not there has no metrics: so the original answers. */
async function metricsOfOne(
  c: ApiContext,
  id: string,
  query: OriginalMetricsQuery,
  now: EpochMs,
): Promise<MetricsPage> {
  const watched = await watchedInstance(c, id);
  return watched ? metricsOfInstance(c, watched, query, now) : { metrics: [] };
}

function countOf(fleet: readonly Watched[], status: OriginalStatus, now: EpochMs): number {
  return fleet.filter((watched) => statusOf(watched, now) === status).length;
}

async function latencyOf(c: ApiContext, fleet: readonly Watched[]): Promise<number> {
  const last = await lastLooks(c, checksOf(fleet).slice(0, ORIGINAL_LATENCIES_MAX));
  return Math.round(meanOf([...last.values()].flatMap(({ responseMs }) => responseMs ?? [])) ?? 0);
}
