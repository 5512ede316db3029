import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../contract/audit.ts";
import type { ErrorReply } from "../../contract/ingest.ts";
import type { Rule, RuleState } from "../../contract/rules.ts";
import { WatchedInstance, withoutDefaultRules } from "../testing/alerts.ts";
import { Owner, type Browser } from "../testing/people.ts";

const MINUTE = 60_000;
const LOAD = { kind: "metric", metric: "load_1m", direction: "above", warning: 4, critical: 8 };

let owner: Owner;
let admin: Browser;
beforeAll(async () => {
  owner = await Owner.signedIn();
  admin = await owner.joined("admin");
  await withoutDefaultRules();
});

const make = (rule: Record<string, unknown>) =>
  admin.json<Rule>("/api/rules", { method: "POST", body: { name: "Load", condition: LOAD, ...rule } }, 201);
const find = async (id: string) =>
  (await owner.json<{ rules: Rule[] }>("/api/rules")).rules.find((rule) => rule.id === id);
async function refusal(path: string, method: string, body: unknown, by: Browser = admin) {
  const reply = await by.fetch(path, { method, body });
  return { status: reply.status, ...(await reply.json<ErrorReply>()) };
}
const audited = async (action: string) =>
  (await owner.json<{ entries: AuditEntry[] }>(`/api/audit?action=${action}`)).entries;

describe("rules", () => {
  it("begin with those that Nephos makes, which are told apart", async () => {
    const { rules } = await owner.json<{ rules: Rule[] }>("/api/rules");
    expect(rules.filter(({ isDefault }) => isDefault).map(({ id }) => id)).toContain("default-instance-down");
    for (const rule of rules) expect(rule).toMatchObject({ overrides: {}, openIncidents: 0 });
  });

  it("hold when they are answered, and no more when they are deleted", async () => {
    const watched = await WatchedInstance.of(owner);
    const now = Date.now();
    await watched.sends(now - 2 * MINUTE, { load_1m: 1 });
    const rule = await make({ scope: { subjects: [watched.id] } });
    expect(rule).toMatchObject({ isDefault: false, holdMs: 0, overrides: {}, openIncidents: 0 });
    await watched.sends(now - MINUTE, { load_1m: 9 });
    expect(await find(rule.id)).toMatchObject({ openIncidents: 1 });
    const { states } = await owner.json<{ states: RuleState[] }>(`/api/rule-states/${watched.id}`);
    expect(states).toMatchObject([{ ruleId: rule.id, phase: "firing", severity: "critical", value: 9 }]);

    const { name, condition, scope } = rule;
    const body = { name, scope, condition: { ...condition, warning: 20, critical: 30 } };
    await admin.json(`/api/rules/${rule.id}`, { method: "PUT", body });
    await watched.sends(now, { load_1m: 9 });
    expect(await watched.incidents()).toMatchObject([{ state: "resolved" }]);

    await admin.json(`/api/rules/${rule.id}`, { method: "DELETE" }, 204);
    expect(await find(rule.id)).toBeUndefined();
    expect((await admin.fetch(`/api/rules/${rule.id}`, { method: "DELETE" })).status).toBe(404);
    const reply = await owner.json<{ states: RuleState[] }>(`/api/rule-states/${watched.id}`);
    expect(reply.states).toEqual([]);
  });

  it.each([
    [{ condition: { ...LOAD, metric: "Load!" } }, "condition.metric", "is no metric"],
    [{ condition: { ...LOAD, recovery: 6 } }, "condition.recovery", "wrong side"],
    [{ condition: { ...LOAD, critical: 3 } }, "condition.critical", "above the warning"],
    [{ condition: { ...LOAD, warning: null, critical: null } }, "condition.warning", "must be given"],
    [{ holdMs: 25 * 3_600_000 }, "holdMs", "at most"],
    [{ condition: { ...LOAD, metric: "queue_depth" } }, "condition.metric", "is sent by no instance: queue_depth"],
  ])("are refused for %j, and what is wrong is said", async (rule, field, words) => {
    const body = { name: "Load", condition: LOAD, ...rule };
    const refused = await refusal("/api/rules", "POST", body);
    expect(refused).toMatchObject({ status: 400, code: "invalid_field", field });
    expect(refused.message).toContain(words);
  });

  it("may be about a custom metric that an instance sends", async () => {
    const watched = await WatchedInstance.of(owner);
    await watched.sends(Date.now(), { jobs_waiting: 3 });
    const { id } = await make({ condition: { ...LOAD, metric: "jobs_waiting" } });
    expect(await find(id)).toMatchObject({ condition: { metric: "jobs_waiting" } });
  });

  it("may name tags and instances that are not there yet", async () => {
    const scope = { tags: ["one-day"], subjects: ["not-yet"] };
    expect((await make({ scope })).scope).toMatchObject(scope);
  });

  it("have an end, and which it is is said", async () => {
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
       INSERT INTO rule SELECT 'many-' || i, 'Many', 0, 0, ?1, ?2, 0, 0, 0, 0 FROM n`,
    )
      .bind(JSON.stringify({ ...LOAD, recovery: null }), '{"tags":[],"providers":[],"regions":[],"subjects":[]}')
      .run();
    const refused = await refusal("/api/rules", "POST", { name: "One more", condition: LOAD });
    await env.DB.prepare("DELETE FROM rule WHERE id LIKE 'many-%'").run();
    expect(refused).toMatchObject({ status: 409, code: "too_many_kept" });
  });

  it("are made by an admin, seen by a viewer, and every change of them is in the log", async () => {
    const viewer = await owner.joined("viewer");
    const operator = await owner.joined("operator");
    for (const person of [viewer, operator])
      expect((await refusal("/api/rules", "POST", { name: "Load", condition: LOAD }, person)).status).toBe(403);
    expect((await viewer.fetch("/api/rules")).status).toBe(200);
    const { id } = await make({ name: "Told" });
    const body = { name: "Told anew", condition: LOAD };
    await admin.json(`/api/rules/${id}`, { method: "PUT", body });
    await admin.json(`/api/rules/${id}`, { method: "DELETE" }, 204);
    expect((await audited("rule.made"))[0]).toMatchObject({ subject: "Told", actor: "the admin" });
    expect((await audited("rule.changed"))[0]).toMatchObject({ subject: "Told anew" });
    expect((await audited("rule.removed"))[0]).toMatchObject({ subject: "Told anew" });
  });
});

describe("another measure for one subject", () => {
  it("holds for it alone, until it is removed", async () => {
    const [one, other] = [await WatchedInstance.of(owner), await WatchedInstance.of(owner)];
    const now = Date.now();
    for (const each of [one, other]) await each.sends(now - 3 * MINUTE, { load_1m: 1 });
    const { id } = await make({ scope: { subjects: [one.id, other.id] } });
    const path = `/api/rules/${id}/overrides/${one.id}`;
    const rule = await admin.json<Rule>(path, { method: "PUT", body: { warning: 20, critical: 40 } });
    expect(rule.overrides).toEqual({ [one.id]: { isEnabled: true, warning: 20, critical: 40, recovery: null } });
    for (const each of [one, other]) await each.sends(now - 2 * MINUTE, { load_1m: 9 });
    expect(await one.incidents()).toEqual([]);
    expect(await other.incidents()).toMatchObject([{ state: "open" }]);
    await admin.json(path, { method: "DELETE" }, 204);
    await one.sends(now - MINUTE, { load_1m: 9 });
    expect(await one.incidents()).toMatchObject([{ state: "open" }]);
    expect((await admin.fetch(path, { method: "DELETE" })).status).toBe(404);
  });

  it("is refused where it does not go with the rule, or nobody is called that", async () => {
    const watched = await WatchedInstance.of(owner);
    await watched.sends(Date.now(), { load_1m: 1 });
    const { id } = await make({});
    const put = (subject: string, body: unknown) => refusal(`/api/rules/${id}/overrides/${subject}`, "PUT", body);
    expect(await put(watched.id, { warning: 5, critical: 4 })).toMatchObject({ status: 400, field: "critical" });
    expect(await put(watched.id, { recovery: 5 })).toMatchObject({ status: 400, field: "recovery" });
    expect(await put("nobody", { isEnabled: false })).toMatchObject({ status: 404, field: "subject" });
    const down = `/api/rules/default-instance-down/overrides/${watched.id}`;
    expect(await refusal(down, "PUT", { warning: 1 })).toMatchObject({ status: 400, field: "warning" });
    expect((await admin.fetch(down, { method: "PUT", body: { isEnabled: false } })).status).toBe(200);
  });

  it("keeps a rule from becoming one that it does not go with", async () => {
    const watched = await WatchedInstance.of(owner);
    await watched.sends(Date.now(), { load_1m: 1 });
    const { id } = await make({});
    await admin.json(`/api/rules/${id}/overrides/${watched.id}`, { method: "PUT", body: { warning: 5 } });
    const body = { name: "Rebooted", condition: { kind: "reboot" } };
    const refused = await refusal(`/api/rules/${id}`, "PUT", body);
    expect(refused).toMatchObject({ status: 400, field: "condition" });
    expect(refused.message).toContain(watched.id);
  });
});

describe("rules, to who is limited to tags,", () => {
  it("name nobody that they may not see, and count the incidents that they see", async () => {
    const [theirs, other] = [await WatchedInstance.of(owner), await WatchedInstance.of(owner)];
    const now = Date.now();
    for (const one of [theirs, other]) await one.sends(now - 2 * MINUTE, { load_1m: 1 });
    await owner.fetch(`/api/instances/${theirs.id}`, { method: "PATCH", body: { tags: ["team-a"] } });
    const both = await make({ scope: { subjects: [theirs.id, other.id] } });
    const hidden = await make({ scope: { subjects: [other.id] } });
    for (const { id } of [theirs, other])
      await admin.json(`/api/rules/${both.id}/overrides/${id}`, { method: "PUT", body: { warning: 5 } });
    for (const one of [theirs, other]) await one.sends(now - MINUTE, { load_1m: 9 });
    expect(await find(both.id)).toMatchObject({ openIncidents: 2 });

    const limited = await owner.joined("viewer", { tags: ["team-a"] });
    const { rules } = await limited.json<{ rules: Rule[] }>("/api/rules");
    expect(JSON.stringify(rules)).not.toContain(other.id);
    const seen = rules.find(({ id }) => id === both.id)!;
    expect([seen.scope.subjects, Object.keys(seen.overrides), seen.openIncidents]).toEqual([
      [theirs.id],
      [theirs.id],
      1,
    ]);
    expect(
      rules.map(({ id }) => id),
      "of no one they see: not as if it were for all",
    ).not.toContain(hidden.id);
    expect(rules.map(({ id }) => id)).toContain("default-instance-down");
  });
});

describe("where rules stand", () => {
  it("is not told to who may not see the instance", async () => {
    const watched = await WatchedInstance.of(owner);
    await watched.sends(Date.now(), { load_1m: 1 });
    const viewer = await owner.joined("viewer", { tags: ["elsewhere"] });
    expect((await viewer.fetch(`/api/rule-states/${watched.id}`)).status).toBe(404);
    expect((await owner.fetch("/api/rule-states/check:no")).status).toBe(404);
  });
});
