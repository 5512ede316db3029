import type { OriginalAlert, OriginalInstance, OriginalMetricsQuery, OriginalStatus } from "../../contract/original.ts";
import type { OriginalInsight, OriginalInsightType } from "../../contract/original-insights.ts";
import type { EpochMs } from "../../contract/units.ts";
import { refreshInsights, summaryFor } from "../advice/asking.ts";
import { countOpen } from "../alerts/incident-queries.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { database } from "../db/client.ts";
import { NephosError, replyOf } from "../errors.ts";
import { actOn } from "../live/acting-on-incidents.ts";
import { ORIGINAL_LATENCIES_MAX } from "../settings.ts";
import { ACTION_OF, originalAlert, originalAlerts } from "./alerts.ts";
import { hoursOf } from "./analytics.ts";
import { checksOf, watchedFleet, watchedInstance, type Watched } from "./fleet.ts";
import { originalInsights, originalSummary } from "./insights.ts";
import { originalInstances, statusOf } from "./instances.ts";
import { lastLooks, meanOf } from "./looks.ts";
import { metricsOfFleet, metricsOfInstance, type MetricsPage } from "./metrics.ts";

const DASHBOARD_INSTANCES = 10;
const DASHBOARD_METRICS = 20;
const DASHBOARD_ALERTS = 10;
const ORIGINAL_INSIGHTS = 50;
const ORIGINAL_INSIGHTS_OF_TYPE = 20;

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
    return notFound(c, "instance");
  },

  "GET /metrics": async (c, { query }) => {
    const now = Date.now();
    const { metrics, ...more } = await (query.instanceId === undefined
      ? metricsOfFleet(c, await watchedFleet(c), query, now)
      : metricsOfOne(c, query.instanceId, query, now));
    return { metrics, count: metrics.length, ...more };
  },

  "GET /alerts": async (c, { query: { exclusiveStartKey, ...asked } }) => {
    const { alerts, next } = await originalAlerts(c, { ...asked, before: exclusiveStartKey?.before });
    return { alerts, count: alerts.length, ...(next !== null && { lastEvaluatedKey: { before: next } }) };
  },

  "GET /alerts/:id": async (c): Promise<OriginalAlert | Response> => {
    return (await originalAlert(c, c.req.param("id")!)) ?? notFound(c, "alert");
  },

  "PUT /alerts/:id": async (c, { body: { status, message, resolvedAt } }): Promise<OriginalAlert | Response> => {
    const id = c.req.param("id")!;
    if (!(await originalAlert(c, id))) return notFound(c, "alert");
    const db = database(c.env.DB);
    const wanted = status ?? (resolvedAt ? "resolved" : undefined);
    const note = message || null;
    if (wanted === undefined && note === null) {
      throw new NephosError("invalid_field", "status: must be given, or a message: there are no fields to update", {
        field: "status",
        remedy: "Send a status of active, acknowledged or resolved, or a message that is kept as a note.",
      });
    }
    await actOn(c, db, { ids: [id], action: wanted === undefined ? "note" : ACTION_OF[wanted], note }, "id");
    return (await originalAlert(c, id)) ?? notFound(c, "alert");
  },

  "GET /insights": async (c, { query }) => listOf(await originalInsights(c, query)),
  "GET /insights/patterns": (c) => insightsOfType(c, "pattern"),
  "GET /insights/anomalies": (c) => insightsOfType(c, "anomaly"),
  "GET /insights/predictions": (c) => insightsOfType(c, "prediction"),
  "GET /insights/summary": async (c) => originalSummary(c, await summaryFor(c), false),

  "POST /insights/generate": async (c) => {
    await refreshInsights(c);
    const generatedAt = new Date().toISOString();
    return { ...listOf(await originalInsights(c, { limit: ORIGINAL_INSIGHTS })), generatedAt };
  },

  "POST /insights/summary/generate": async (c) => {
    await refreshInsights(c);
    return originalSummary(c, await summaryFor(c), true);
  },

  "GET /analytics": async (c, { query }) => {
    const now = Date.now();
    const fleet = await watchedFleet(c);
    const wanted = query.instanceId === undefined ? fleet : fleet.filter(({ row }) => row.id === query.instanceId);
    const { hours, leftOut } = await hoursOf(c, wanted, query, now);
    if (leftOut > 0) c.header("x-instances-left-out", String(leftOut));
    const { critical, warning } = await activeAlerts(c);
    return {
      hourlyMetrics: hours,
      activeAlertsCount: critical + warning,
      healthyInstancesCount: countOf(fleet, "healthy", now),
      unhealthyInstancesCount: countOf(fleet, "unhealthy", now),
      totalInstancesCount: fleet.length,
    };
  },

  "GET /analytics/dashboard": async (c) => {
    const now = Date.now();
    const fleet = await watchedFleet(c);
    const [instances, { metrics }, avgLatency, active, { alerts }] = await Promise.all([
      originalInstances(c, fleet.slice(0, DASHBOARD_INSTANCES), now),
      metricsOfFleet(c, fleet, { limit: DASHBOARD_METRICS }, now),
      latencyOf(c, fleet),
      activeAlerts(c),
      originalAlerts(c, { limit: DASHBOARD_ALERTS }),
    ]);
    return {
      summary: {
        totalInstances: fleet.length,
        healthyInstances: countOf(fleet, "healthy", now),
        activeAlerts: active.critical + active.warning,
        criticalAlerts: active.critical,
        avgLatency,
      },
      instances,
      recentAlerts: alerts,
      recentMetrics: metrics,
    };
  },
});

const listOf = (insights: OriginalInsight[]) => ({ insights, count: insights.length });

async function insightsOfType(c: ApiContext, type: OriginalInsightType) {
  return { type, ...listOf(await originalInsights(c, { type, limit: ORIGINAL_INSIGHTS_OF_TYPE })) };
}

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

/** Of what is not acknowledged either: so the original counts. */
async function activeAlerts(c: ApiContext): Promise<{ critical: number; warning: number }> {
  return countOpen(database(c.env.DB), c.var.principal.person.tags);
}

/** In the original's words. */
function notFound(c: ApiContext, what: "instance" | "alert"): Response {
  const refusal = replyOf({
    code: "not_found",
    message: `There is no such ${what}.`,
    field: "id",
    remedy: `It may have been removed; GET /${what}s lists what there is.`,
  });
  return c.json({ ...refusal, error: what === "alert" ? "Alert not found" : "Instance not found" }, 404);
}

function countOf(fleet: readonly Watched[], status: OriginalStatus, now: EpochMs): number {
  return fleet.filter((watched) => statusOf(watched, now) === status).length;
}

async function latencyOf(c: ApiContext, fleet: readonly Watched[]): Promise<number> {
  const last = await lastLooks(c, checksOf(fleet).slice(0, ORIGINAL_LATENCIES_MAX));
  return Math.round(meanOf([...last.values()].flatMap(({ responseMs }) => responseMs ?? [])) ?? 0);
}
