import { beforeAll, describe, expect, it } from "vitest";
import {
  originalAlertSchema,
  originalAlertsSchema,
  originalAnalyticsSchema,
  originalDashboardSchema,
} from "../../contract/original.ts";
import { newRule, WatchedInstance, withoutDefaultRules } from "../testing/alerts.ts";
import { Owner, type Browser } from "../testing/people.ts";

const MINUTE = 60_000;
let owner: Owner;
let operator: Browser;
let one: WatchedInstance;
let other: WatchedInstance;

const list = async (query: Record<string, string> = {}, by: Browser = owner) =>
  originalAlertsSchema.parse(await by.json(`/alerts?${new URLSearchParams(query)}`));

beforeAll(async () => {
  owner = await Owner.signedIn();
  operator = await owner.joined("operator");
  await withoutDefaultRules();
  one = await WatchedInstance.of(owner);
  other = await WatchedInstance.of(owner);
  const now = Date.now();
  const CPU = { kind: "metric", metric: "cpu_busy_ratio", direction: "above", recovery: null } as const;
  await newRule({ ...CPU, warning: 0.7, critical: 0.9 }, { subjects: [one.id], name: "CPU" });
  await newRule({ ...CPU, metric: "load_1m", warning: 4, critical: null }, { subjects: [other.id], name: "Load" });
  for (const each of [one, other]) await each.sends(now - 2 * MINUTE, { cpu_busy_ratio: 0.1, load_1m: 1 });
  for (const each of [one, other]) await each.sends(now - MINUTE, { cpu_busy_ratio: 0.95, load_1m: 5 });
});

describe("the original's alerts", () => {
  it("are incidents in its words", async () => {
    const { alerts, count } = await list({ status: "active" });
    expect(count).toBe(2);
    const byInstance = Object.fromEntries(alerts.map((alert) => [alert.instanceId, alert]));
    expect(byInstance[one.id]).toMatchObject({
      alertType: "cpu_usage_critical",
      severity: "critical",
      status: "active",
      message: expect.stringContaining("CPU"),
    });
    expect(byInstance[other.id]).toMatchObject({ alertType: "load_average_1min_warning", severity: "high" });
    expect((await list({ instanceId: one.id })).alerts).toEqual([byInstance[one.id]]);
    const path = `/alerts/${byInstance[one.id]!.id}`;
    expect(originalAlertSchema.parse(await owner.json(path))).toEqual(byInstance[one.id]);
  });

  it("come in pages, each on one of them", async () => {
    const first = await list({ limit: "1" });
    const key = JSON.stringify(first.lastEvaluatedKey);
    const second = await list({ limit: "1", exclusiveStartKey: key });
    expect(second.lastEvaluatedKey).toBeUndefined();
    expect(new Set([...first.alerts, ...second.alerts].map(({ instanceId }) => instanceId))).toEqual(
      new Set([one.id, other.id]),
    );
    expect((await owner.fetch("/alerts?exclusiveStartKey=no")).status).toBe(400);
  });

  it("are counted where it counts them, without what is acknowledged, and acknowledged and resolved as it does", async () => {
    const analytics = originalAnalyticsSchema.parse(await owner.json("/analytics"));
    expect(analytics.activeAlertsCount).toBe(2);
    const before = originalDashboardSchema.parse(await owner.json("/analytics/dashboard"));
    expect(before.summary).toMatchObject({ activeAlerts: 2, criticalAlerts: 1 });
    expect(before.recentAlerts).toHaveLength(2);

    const { id } = (await list({ instanceId: one.id })).alerts[0]!;
    const put = (body: unknown, by: Browser = operator) => by.fetch(`/alerts/${id}`, { method: "PUT", body });
    expect(await (await put({ status: "acknowledged" })).json()).toMatchObject({ id, status: "acknowledged" });
    expect((await list({ status: "acknowledged" })).alerts.map((alert) => alert.id)).toEqual([id]);
    const after = originalDashboardSchema.parse(await owner.json("/analytics/dashboard"));
    expect(after.summary).toMatchObject({ activeAlerts: 1, criticalAlerts: 0 });
    const resolved = originalAlertSchema.parse(await (await put({ status: "resolved", resolvedAt: "now" })).json());
    expect(resolved).toMatchObject({ status: "resolved", resolvedAt: expect.any(String) });
    expect((await list({ status: "resolved" })).count).toBe(1);
    expect((await put({})).status).toBe(400);
    expect((await put({ status: "gone" })).status).toBe(400);
  });

  it("are changed by an operator, and not there for who may not see them", async () => {
    const { id } = (await list({ instanceId: other.id })).alerts[0]!;
    const viewer = await owner.joined("viewer");
    const body = { status: "resolved" };
    expect((await viewer.fetch(`/alerts/${id}`, { method: "PUT", body })).status).toBe(403);
    const limited = await owner.joined("operator", { tags: ["elsewhere"] });
    expect((await list({}, limited)).alerts).toEqual([]);
    for (const method of ["GET", "PUT"]) {
      const reply = await limited.fetch(`/alerts/${id}`, { method, ...(method === "PUT" && { body }) });
      expect(reply.status).toBe(404);
      expect(await reply.json()).toMatchObject({ error: "Alert not found" });
    }
  });
});
