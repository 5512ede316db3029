import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Check, CheckDetail, CheckList } from "../../contract/checks.ts";
import type { Instance, InstanceDetail } from "../../contract/instance.ts";
import type { Operations } from "../../contract/operations.ts";
import { sentinel } from "../sentinel-client.ts";
import { startHealthEndpoints } from "../testing/health-endpoints.ts";
import { startCloud } from "../testing/outside.ts";
import { Owner } from "../testing/people.ts";
import { alarmRings, connect, makeCheck, runAtHome, tick } from "../testing/sentinel.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const TABLES = ["health_check", "check_change", "instance", "provider_account", "uptime"];
let owner: Owner;
let endpoints: Awaited<ReturnType<typeof startHealthEndpoints>>;

beforeAll(async () => {
  endpoints = await startHealthEndpoints();
});

beforeEach(async () => {
  await env.DB.batch(TABLES.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  owner = await Owner.signedIn();
  await runAtHome();
});

const http = (path: string) => ({ kind: "http", url: endpoints.byAddress(path) });
const detail = (id: string) => owner.json<CheckDetail>(`/api/checks/${id}`);
const run = (id: string) => owner.json<Check>(`/api/checks/${id}/run`, { method: "POST" });
const checks = async () => (await owner.json<CheckList>("/api/checks")).checks;
const says = async (name: string) => {
  const { steps } = await owner.json<Operations>("/api/operations");
  return steps.find((step) => step.name === name)?.says;
};
const alarmAt = () =>
  runInDurableObject(sentinel(env) as never, (_object, state: DurableObjectState) => state.storage.getAlarm());

describe("how often a check looks", () => {
  it("each at its own interval: an alarm for one that comes more often hurries nobody else", async () => {
    for (const path of ["/often", "/seldom"]) await endpoints.set(path, { does: "answer" });
    const often = await makeCheck(owner, { name: "often", target: http("/often"), intervalMs: 30_000 });
    const seldom = await makeCheck(owner, { name: "seldom", target: http("/seldom"), intervalMs: 600_000 });
    await run(often.id);
    await run(seldom.id);
    const counts = async () => [
      (await endpoints.received("/often")).length,
      (await endpoints.received("/seldom")).length,
    ];
    const before = await counts();
    const at = await alarmAt();
    expect(at! - Date.now()).toBeGreaterThan(20_000);
    expect(at! - Date.now()).toBeLessThan(31_000);
    // The clock is real here, so what is due is due by what the sentinel remembers.
    await backdate(often.id, 31_000);
    await backdate(seldom.id, 31_000);
    expect(await alarmRings()).toBe(true);
    expect(await counts()).toEqual([before[0]! + 1, before[1]]);
  });

  it("a check that was deleted, or paused, sets no alarm any more", async () => {
    await endpoints.set("/often", { does: "answer" });
    const { id } = await makeCheck(owner, { target: http("/often"), intervalMs: 30_000 });
    await run(id);
    await owner.json(`/api/checks/${id}`, { method: "DELETE" }, 204);
    await alarmRings();
    expect(await alarmRings()).toBe(false);
  });
});

describe("a check that cannot be looked at", () => {
  it("because its headers do not open any more is unsure, says so, and sets no alarm after the other", async () => {
    await endpoints.set("/sealed", { does: "answer" });
    const headers = [{ name: "x-key", value: "of-the-page" }];
    const { id } = await makeCheck(owner, { target: { ...http("/sealed"), headers }, isPaused: true });
    await env.DB.prepare("UPDATE health_check SET headers = replace(headers, 'v1.k1', 'v1.k9'), is_paused = 0").run();
    await tick();
    expect((await detail(id)).check.judgement).toMatchObject({
      verdict: "unsure",
      reason: expect.stringContaining("enter them again"),
    });
    await alarmRings();
    expect(await alarmRings()).toBe(false);
  });

  it("because its machine is gone sets no alarm, and its last verdict is forgotten", async () => {
    await endpoints.set("/gone", { does: "answer" });
    const cloud = await startCloud("vultr", 1, 5);
    await connect(owner, cloud);
    const { id } = cloud.machines[0]!;
    const check = await makeCheck(owner, { target: http("/gone"), instanceId: id, intervalMs: 30_000 });
    await run(check.id);
    await cloud.order({ remove: [id] });
    const now = Date.now();
    for (const minutes of [2, 4, 6]) await tick(now + minutes * MINUTE);
    expect((await detail(check.id)).check.judgement).toBeNull();
    await alarmRings();
    expect(await alarmRings()).toBe(false);
  });
});

/** Lets the sentinel believe that it looked so much earlier. */
async function backdate(id: string, byMs: number): Promise<void> {
  await runInDurableObject(sentinel(env) as never, async (_object, state: DurableObjectState) => {
    const texts = await state.storage.list<string>({ prefix: "checks " });
    for (const [key, text] of texts) {
      const known = JSON.parse(text) as [string, { lastRoundAt: number }][];
      for (const [one, memory] of known) if (one === id) memory.lastRoundAt -= byMs;
      await state.storage.put(key, JSON.stringify(known));
    }
  });
  const { evictDurableObject } = await import("cloudflare:test");
  await evictDurableObject(sentinel(env) as never);
}

describe("uptime", () => {
  it("counts what was seen, leaves out what nobody saw, and keeps a day that is over", async () => {
    await endpoints.set("/up", { does: "answer" });
    const { id } = await makeCheck(owner, { target: http("/up"), isPaused: true });
    await owner.json("/api/check-actions", { method: "POST", body: { ids: [id], action: "resume" } });
    // Noon, so that nothing of it falls over midnight; of yesterday, for nobody is told of days that are to come.
    const noon = Math.floor(Date.now() / DAY) * DAY - DAY / 2;
    for (let at = noon; at <= noon + 10 * MINUTE; at += 2 * MINUTE) await tick(at);
    await endpoints.set("/up", { does: "answer", status: 500 });
    await tick(noon + 12 * MINUTE);
    await tick(noon + 14 * MINUTE);
    // Nobody looks for an hour.
    await tick(noon + 74 * MINUTE);
    await tick(noon + DAY / 2 + 10 * MINUTE);
    const { uptime } = await detail(id);
    const day = uptime.days.find((one) => one.day === new Date(noon).toISOString().slice(0, 10))!;
    expect(day.upSeconds).toBe(12 * 60);
    // Two minutes between two rounds, and five (two and a half intervals) after the last that was seen.
    expect(day.downSeconds).toBe(2 * 60 + 5 * 60 + 5 * 60);
    expect(day.unknownSeconds).toBeGreaterThan(50 * 60);
    const stored = await env.DB.prepare("SELECT recent FROM uptime WHERE subject = ?").bind(id).first<string>("recent");
    const [kept] = (JSON.parse(stored!) as number[][]).filter(([number]) => number === Math.floor(noon / DAY));
    expect(kept!.slice(1)).toEqual([day.upSeconds, day.degradedSeconds, day.downSeconds, day.unknownSeconds]);
  });

  it("of a paused check no time passes at all", async () => {
    await endpoints.set("/paused", { does: "answer" });
    const { id } = await makeCheck(owner, { target: http("/paused") });
    await run(id);
    const body = { ids: [id], action: "pause" };
    await owner.json("/api/check-actions", { method: "POST", body });
    const now = Date.now();
    await tick(now + 2 * MINUTE);
    await tick(now + 600 * MINUTE);
    const { uptime } = await detail(id);
    const { unknownSeconds, downSeconds } = uptime.spans.week;
    expect(unknownSeconds + downSeconds).toBeLessThan(1);
  });
});

describe("a new instance's first check", () => {
  it("looks at the first of its doors that opens", async () => {
    await runAtHome({ makesDefaultChecks: true });
    const cloud = await startCloud("vultr", 1);
    // Loopback has no port 80, 443 or 22 here: its health endpoint is what opens.
    await connect(owner, cloud);
    const { id } = cloud.machines[0]!;
    await endpoints.set("/own-health", { does: "answer" });
    await env.DB.prepare(
      "UPDATE instance SET health_endpoint = ?, cloud = json_set(cloud, '$.publicAddresses', json('[]'))",
    )
      .bind(endpoints.byAddress("/own-health"))
      .run();
    await tick();
    expect(await checks()).toMatchObject([{ instanceId: id, isDefault: true, target: { kind: "http" } }]);
    expect(await says("doors")).toBe("1 checks for 1 instances");
    await tick(Date.now() + 2 * MINUTE);
    expect(await checks()).toHaveLength(1);
  });

  it("is not made where no door opens, nor where its owner does not want any", async () => {
    const cloud = await startCloud("vultr", 1);
    await connect(owner, cloud);
    await tick();
    expect(await checks()).toEqual([]);
  });

  it("follows the machine to another address, until somebody changes it", async () => {
    const cloud = await startCloud("vultr", 1);
    await connect(owner, cloud);
    const { id, address } = cloud.machines[0]!;
    const target = JSON.stringify({ kind: "tcp", host: address, port: 22 });
    const insert = `INSERT INTO health_check (id, name, instance_id, tags, interval_ms, timeout_ms, slow_ms, bad_ms, is_paused,
      is_default, target, header_names, created_at) VALUES (?, 'x', ?, '[]', 120000, 5000, 1000, 3000, 1, ?, ?, '[]', 0)`;
    await env.DB.batch([
      env.DB.prepare(insert).bind("check:default", id, 1, target),
      env.DB.prepare(insert).bind("check:changed", id, 0, target),
    ]);
    await cloud.order({ change: { [id]: { address: "45.1.2.3" } } });
    await tick();
    const hosts = Object.fromEntries(
      (await checks()).map((check) => [check.id, (check.target as { host: string }).host]),
    );
    expect(hosts).toEqual({ "check:default": "45.1.2.3", "check:changed": address });
  });
});

describe("what else a tick does", () => {
  it("asks for the traffic of some machines, and again only hours later", async () => {
    const cloud = await startCloud("vultr", 20, 7);
    await connect(owner, cloud);
    const now = Date.now();
    for (let i = 0; i < 4; i++) await tick(now + i * 2 * MINUTE);
    const { asked } = await cloud.told();
    const requests = Object.entries(asked).filter(([name]) => name.endsWith("/bandwidth"));
    expect(requests.reduce((sum, [, count]) => sum + count, 0)).toBe(20);
    const { bandwidth } = await owner.json<InstanceDetail>(`/api/instances/${cloud.machines[0]!.id}`);
    expect(bandwidth!.usedBytes).toBeGreaterThanOrEqual(0);
    expect(bandwidth!.allowedBytes).toBeGreaterThan(0);
  });

  it("removes a machine that has been gone for long, with its checks", async () => {
    const cloud = await startCloud("vultr", 2);
    await connect(owner, cloud);
    const { id } = cloud.machines[0]!;
    await makeCheck(owner, { target: http("/x"), instanceId: id });
    await cloud.order({ remove: [id] });
    const day = Math.ceil(Date.now() / DAY) * DAY;
    await tick(day + 10 * MINUTE);
    await tick(day + 12 * MINUTE);
    expect((await owner.json<InstanceDetail>(`/api/instances/${id}`)).instance.cloud!.goneAt).toBe(day + 12 * MINUTE);
    // Sessions have ended by then: the database tells.
    const left = () => env.DB.prepare("SELECT id FROM instance UNION ALL SELECT id FROM health_check").all();
    await tick(day + 7 * DAY);
    expect((await left()).results).toHaveLength(3);
    await tick(day + 8 * DAY);
    expect((await left()).results).toEqual([{ id: cloud.machines[1]!.id }]);
  });

  it("says nothing of a machine that is gone any more, and looks at it no more", async () => {
    const cloud = await startCloud("vultr", 1);
    await connect(owner, cloud);
    const { id } = cloud.machines[0]!;
    await endpoints.set("/of-the-gone", { does: "answer" });
    await makeCheck(owner, { target: http("/of-the-gone"), instanceId: id });
    const now = Date.now();
    await tick(now + 2 * MINUTE);
    await cloud.order({ remove: [id] });
    for (const minutes of [4, 6, 8]) await tick(now + minutes * MINUTE);
    const { instance } = await owner.json<InstanceDetail>(`/api/instances/${id}`);
    expect(instance.judgement).toBeNull();
    const looked = (await endpoints.received("/of-the-gone")).length;
    await tick(now + 20 * MINUTE);
    expect(await endpoints.received("/of-the-gone")).toHaveLength(looked);
  });
});

describe("a machine of no cloud", () => {
  it.each([
    ["a URL", () => endpoints.byAddress("/pet"), "http"],
    ["an address and a port", () => `127.0.0.1:${endpoints.ports.speaksSsh}`, "tcp"],
  ])("is added with %s to look at, and judged at once", async (_what, address, kind) => {
    await endpoints.set("/pet", { does: "answer" });
    const body = { name: "pet", tags: ["home"], address: address(), monthlyCost: { amount: 4.5, currency: "EUR" } };
    const { id } = await owner.json<Instance>("/api/instances", { method: "POST", body }, 201);
    await tick();
    const { instance } = await owner.json<InstanceDetail>(`/api/instances/${id}`);
    expect(instance).toMatchObject({ name: "pet", tags: ["home"], monthlyCostGiven: body.monthlyCost, cloud: null });
    expect(instance.judgement).toMatchObject({ verdict: "up" });
    expect(await checks()).toMatchObject([{ instanceId: id, target: { kind } }]);
  });

  it("is not added where its address is none", async () => {
    const body = { name: "pet", address: "127.0.0.1:99999" };
    const reply = await owner.fetch("/api/instances", { method: "POST", body });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ field: "address" });
  });

  it("is not added where its address may not be looked at", async () => {
    await runAtHome({ allowsPrivateTargets: false });
    const body = { name: "pet", address: "http://192.168.1.1/" };
    const reply = await owner.fetch("/api/instances", { method: "POST", body });
    expect(reply.status).toBe(422);
    expect(await reply.json()).toMatchObject({ field: "address" });
    expect(await env.DB.prepare("SELECT count(*) AS n FROM instance").first<number>("n")).toBe(0);
  });
});
