import { beforeAll, describe, expect, it } from "vitest";
import type { Check } from "../../contract/checks.ts";
import type { ErrorReply } from "../../contract/ingest.ts";
import { originalAnalyticsSchema, originalDashboardSchema } from "../../contract/original.ts";
import { db, knowInstance, putSamples, QUARTER } from "../testing/history.ts";
import { Browser, Owner } from "../testing/people.ts";
import { rollDue } from "../testing/rolled.ts";
import { startHealthEndpoints } from "../testing/health-endpoints.ts";
import { makeCheck, runAtHome } from "../testing/sentinel.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let owner: Owner;
beforeAll(async () => void (owner = await Owner.signedIn()));

async function ask(query: Record<string, string>, as: Browser = owner) {
  const reply = await as.fetch(`/analytics?${new URLSearchParams(query)}`);
  expect(reply.status).toBe(200);
  return { ...originalAnalyticsSchema.parse(await reply.json()), leftOut: reply.headers.get("x-instances-left-out") };
}
const iso = (at: number) => new Date(at).toISOString();

describe("the original's analytics", () => {
  it("tell lowest, mean, highest and how many of each hour, in the original's units, rolled or not", async () => {
    const id = "hours";
    await knowInstance(id);
    const samples = Array.from({ length: 120 }, (_, minute) => ({
      at: QUARTER + minute * MINUTE,
      metrics: { cpu_busy_ratio: minute / 1_000 },
    }));
    await putSamples(id, samples);
    const query = { instanceId: id, startDate: iso(QUARTER), endDate: String(QUARTER + 3 * HOUR) };
    const wanted = [
      { hour: iso(QUARTER), avgValue: 2.95, minValue: 0, maxValue: 5.9, sampleCount: 60 },
      { hour: iso(QUARTER + HOUR), avgValue: 8.95, minValue: 6, maxValue: 11.9, sampleCount: 60 },
    ].map((hour) => ({ instanceId: id, metricName: "cpu_usage", ...hour }));
    expect((await ask(query)).hourlyMetrics).toEqual(wanted);
    expect((await ask({ ...query, metricName: "load_average_1min" })).hourlyMetrics).toEqual([]);
    await rollDue(db, Date.now());
    expect((await ask(query)).hourlyMetrics).toEqual(wanted);
    const second = { ...query, startDate: iso(QUARTER + HOUR) };
    expect((await ask(second)).hourlyMetrics).toEqual(wanted.slice(1));
  });

  it("are of the last day where no date is given", async () => {
    const id = "lately";
    await knowInstance(id);
    const now = Date.now();
    await putSamples(id, [
      { at: now - 2 * DAY, metrics: { load_1m: 1 } },
      { at: now - MINUTE, metrics: { load_1m: 2 } },
    ]);
    const { hourlyMetrics } = await ask({ instanceId: id });
    expect(hourlyMetrics).toMatchObject([{ metricName: "load_average_1min", avgValue: 2, sampleCount: 1 }]);
  });

  it("count who is well, and say how many instances had no room in the answer", async () => {
    const tags = ["analysed"];
    const ids = Array.from({ length: 22 }, (_, number) => `analysed-${String(number).padStart(2, "0")}`);
    for (const id of ids) {
      await knowInstance(id, tags);
      await putSamples(id, [{ at: Date.now() - MINUTE, metrics: { load_1m: 1 } }]);
    }
    const judgement = (verdict: string) => JSON.stringify({ verdict, since: 0, reason: "", witnesses: [] });
    const judge = "UPDATE instance SET judgement = ?1 WHERE id = ?2";
    await db.$client.batch([
      db.$client.prepare(judge).bind(judgement("up"), ids[0]),
      db.$client.prepare(judge).bind(judgement("down"), ids[1]),
    ]);
    const viewer = await owner.joined("viewer", { tags });
    const told = await ask({ metricName: "load_average_1min" }, viewer);
    expect(told.hourlyMetrics.map(({ instanceId }) => instanceId)).toEqual(ids.slice(0, 20));
    expect(told).toMatchObject({
      totalInstancesCount: 22,
      healthyInstancesCount: 1,
      unhealthyInstancesCount: 1,
      activeAlertsCount: 0,
      leftOut: "2",
    });
    // All that the original knows, for a month: a few of them fill an answer.
    const month = { startDate: iso(Date.now() - 30 * DAY) };
    expect((await ask(month, viewer)).leftOut).toBe("21");
    expect(await ask({ instanceId: ids[3]! }, viewer)).toMatchObject({ leftOut: null, totalInstancesCount: 22 });
    const other = await owner.joined("viewer", { tags: ["others"] });
    expect(await ask({ instanceId: ids[3]! }, other)).toMatchObject({ hourlyMetrics: [], totalInstancesCount: 0 });
  });

  it.each([
    [{ startDate: "yesterday" }, "startDate: must be a date"],
    [{ endDate: "2026-13-01" }, "endDate: must be a date"],
    [{ startDate: "2026-01-02", endDate: "2026-01-02" }, "startDate: must be before endDate"],
    [{ startDate: "2026-01-01", endDate: "2026-03-01" }, "startDate: must be at most 31 days before endDate"],
  ])("are refused for %j, and which it is is said", async (query, message) => {
    const reply = await owner.fetch(`/analytics?${new URLSearchParams(query)}`);
    expect(reply.status).toBe(400);
    expect((await reply.json<ErrorReply>()).message).toContain(message);
  });
});

describe("the original's dashboard", () => {
  it("has ten instances, twenty readings and what is true of the fleet", async () => {
    const tags = ["glance"];
    for (let number = 10; number < 22; number++) {
      await knowInstance(`glance-${number}`, tags);
      await putSamples(`glance-${number}`, [{ at: Date.now() - MINUTE, metrics: { load_1m: 1, load_5m: 1 } }]);
    }
    const viewer = await owner.joined("viewer", { tags });
    const { summary, instances, recentAlerts, recentMetrics } = originalDashboardSchema.parse(
      await viewer.json("/analytics/dashboard"),
    );
    expect(summary).toEqual({
      totalInstances: 12,
      healthyInstances: 0,
      activeAlerts: 0,
      criticalAlerts: 0,
      avgLatency: 0,
    });
    expect(instances.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, number) => `glance-${10 + number}`));
    expect(recentAlerts).toEqual([]);
    expect(recentMetrics.every(({ instanceId }) => instanceId.startsWith("glance-"))).toBe(true);
    expect(recentMetrics.length).toBeGreaterThan(0);
    expect(recentMetrics.length).toBeLessThanOrEqual(20);
  });

  it("has the mean of what the last rounds of the fleet's checks took, and the instance when that was", async () => {
    const id = "slowly";
    await knowInstance(id, [id]);
    await runAtHome();
    const endpoints = await startHealthEndpoints();
    await endpoints.set("/slow", { does: "answer", ms: 60 });
    const target = { kind: "http", url: endpoints.byAddress("/slow") };
    const check = await makeCheck(owner, { instanceId: id, target });
    const { lastRoundAt } = await owner.json<Check>(`/api/checks/${check.id}/run`, { method: "POST" });
    const viewer = await owner.joined("viewer", { tags: [id] });
    const { summary, instances } = originalDashboardSchema.parse(await viewer.json("/analytics/dashboard"));
    expect(summary.avgLatency).toBeGreaterThanOrEqual(50);
    expect(summary).toMatchObject({ totalInstances: 1, healthyInstances: 1 });
    expect(instances).toMatchObject([
      { id, status: "healthy", endpoint: target.url, lastHealthCheck: new Date(lastRoundAt!).toISOString() },
    ]);
  });
});
