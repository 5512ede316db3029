import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { InstanceDetail } from "../../contract/instance.ts";
import type { Operations } from "../../contract/operations.ts";
import type { ProviderAccount } from "../../contract/providers.ts";
import { startCloud } from "../testing/outside.ts";
import { envelope, Owner, post } from "../testing/people.ts";
import { alarmRings, connect, runAtHome, tick } from "../testing/sentinel.ts";
import { Viewer } from "../testing/viewer.ts";

let owner: Owner;
const TABLES = ["instance", "instance_event", "provider_account", "health_check", "agent_token"];

beforeEach(async () => {
  await env.DB.batch(TABLES.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  owner = await Owner.signedIn();
  await runAtHome();
});

const accounts = async () => (await owner.json<{ accounts: ProviderAccount[] }>("/api/provider-accounts")).accounts;
const rows = async () =>
  (await env.DB.prepare("SELECT id, cloud ->> 'goneAt' AS goneAt FROM instance ORDER BY id").all()).results;
const eventsOf = async (id: string) => {
  const detail = await owner.json<InstanceDetail>(`/api/instances/${id}`);
  return detail.events.map(({ kind }) => kind);
};
/** Rows written so far today, as Nephos itself counts them. */
const written = async () => (await owner.json<Operations>("/api/operations")).today.used.rowsWritten;

describe("a key that is entered", () => {
  it("shows every instance at once, to viewers who look already too", async () => {
    const cloud = await startCloud("vultr", 1_500);
    const viewer = await Viewer.of(owner);
    const report = await connect(owner, cloud);
    expect(report).toMatchObject({ found: 1_500, added: 1_500, changed: 0, gone: 0, isPartial: false });
    expect(report.account).toMatchObject({ kind: "vultr", name: "Our account", instances: 1_500, problem: null });
    expect(await rows()).toHaveLength(1_500);
    const told = await viewer.next("instances");
    expect(told.instances.length).toBeGreaterThan(100);
    const judged = await viewer.next("instances", ({ instances }) =>
      instances.every(({ judgement }) => judgement !== null),
    );
    expect(judged.instances).toHaveLength(1_500);
    expect((await cloud.told()).complaints).toEqual([]);
  });

  it("is never in an answer, nor in the database in the open", async () => {
    const cloud = await startCloud("vultr", 2);
    await connect(owner, cloud);
    expect(JSON.stringify(await accounts())).not.toContain(cloud.credentials.apiKey);
    const { results } = await env.DB.prepare("SELECT * FROM provider_account").all();
    expect(JSON.stringify(results)).not.toContain(cloud.credentials.apiKey);
    const all = await env.DB.prepare("SELECT group_concat(cloud) AS clouds FROM instance").first<string>("clouds");
    for (const secret of cloud.secrets) expect(all).not.toContain(secret);
  });

  it.each([
    ["key_refused", /key/i],
    ["address_refused", /0\.0\.0\.0\/0|allow/i],
    ["no_rights", /permission/i],
    ["html", /not its API|not understood|answered with something/i],
  ] as const)("that meets %s is refused in words that say what to do, and is not kept", async (kind, words) => {
    await connect(owner, (await startCloud("aws", 3)) as never, "Known");
    const cloud = await startCloud("vultr", 5);
    await cloud.order({ fault: { kind } });
    const { credentials, url: endpoint } = cloud;
    const body = {
      name: "New",
      credentials,
      endpoint,
    };
    const reply = await owner.fetch("/api/provider-accounts", { method: "POST", body });
    expect(reply.status).toBe(422);
    const refusal = await reply.json<{ code: string; message: string; remedy: string }>();
    expect(refusal.code).toBe("provider_refused");
    expect(`${refusal.message} ${refusal.remedy}`).toMatch(words);
    expect(await accounts()).toHaveLength(1);
    expect(await rows()).toHaveLength(3);
  });

  it("of an account without instances is good, and finds none", async () => {
    expect(await connect(owner, await startCloud("vultr", 0))).toMatchObject({ found: 0, added: 0 });
    expect(await accounts()).toMatchObject([{ instances: 0, problem: null }]);
  });

  it("that is in use already is refused by the name it has", async () => {
    const cloud = await startCloud("vultr", 1);
    await connect(owner, cloud, "First");
    const body = { name: "Second", credentials: cloud.credentials, endpoint: cloud.url };
    const reply = await owner.fetch("/api/provider-accounts", { method: "POST", body });
    expect(reply.status).toBe(409);
    expect(await reply.json()).toMatchObject({
      code: "provider_account_known",
      message: expect.stringContaining("First"),
    });
  });

  it("is not sent to an address that is not on the internet, unless the owner allows it", async () => {
    await runAtHome({ allowsPrivateTargets: false });
    const cloud = await startCloud("vultr", 1);
    const body = { name: "x", credentials: cloud.credentials, endpoint: cloud.url };
    const reply = await owner.fetch("/api/provider-accounts", { method: "POST", body });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ field: "endpoint" });
    expect((await cloud.told()).asked).toEqual({});
  });

  it("is sent to no other address than the one it was entered with", async () => {
    const cloud = await startCloud("vultr", 1);
    const { account } = await connect(owner, cloud);
    const other = await startCloud("vultr", 1, 2);
    const path = `/api/provider-accounts/${account.id}`;
    const reply = await owner.fetch(path, { method: "PATCH", body: { endpoint: other.url } });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ field: "endpoint" });
    await tick();
    expect((await other.told()).asked).toEqual({});
    await owner.json(path, { method: "PATCH", body: { endpoint: other.url, credentials: cloud.credentials } });
    expect((await other.told()).asked).not.toEqual({});
  });

  it("in place of another is tried first, and the old one stays where it is refused", async () => {
    const cloud = await startCloud("vultr", 2);
    const { account } = await connect(owner, cloud);
    const credentials = { kind: "vultr", apiKey: "NOTTHEKEY0123456789ABCDEFGHIJKLMNOPQ" };
    const path = `/api/provider-accounts/${account.id}`;
    const reply = await owner.fetch(path, { method: "PATCH", body: { credentials } });
    expect(reply.status).toBe(422);
    expect((await accounts())[0]!.keyHint).toBe(account.keyHint);
    expect(await owner.json(`${path}/discover`, { method: "POST" })).toMatchObject({ found: 2 });
  });
});

describe("a tick", () => {
  it("that finds nothing new writes a handful of rows, however large the fleet", async () => {
    const cloud = await startCloud("vultr", 1_500);
    await connect(owner, cloud);
    const now = Date.now();
    // The first one judges all of them, and asks for some of their traffic.
    await tick(now);
    await tick(now + 120_000);
    const before = await written();
    await tick(now + 240_000);
    expect((await written()) - before).toBeLessThan(25);
  });

  it("sees a machine go only when it is missing twice, and come back", async () => {
    const cloud = await startCloud("vultr", 3);
    await connect(owner, cloud);
    const { id } = cloud.machines[0]!;
    await cloud.order({ remove: [id] });
    const now = Date.now();
    await tick(now);
    expect((await rows()).filter(({ goneAt }) => goneAt !== null)).toEqual([]);
    await tick(now + 120_000);
    expect((await rows()).filter(({ goneAt }) => goneAt !== null)).toEqual([{ id, goneAt: now + 120_000 }]);
    expect(await eventsOf(id)).toContain("gone");
  });

  it("tells what changed on the machine's own timeline", async () => {
    const cloud = await startCloud("vultr", 2);
    await connect(owner, cloud);
    const running = cloud.machines.find(({ state }) => state === "running")!;
    await cloud.order({ change: { [running.id]: { name: "renamed", plan: "vc2-2c-4gb", state: "stopped" } } });
    await tick();
    expect(await eventsOf(running.id)).toEqual(expect.arrayContaining(["renamed", "changed", "stopped", "added"]));
    const { instance } = await owner.json<InstanceDetail>(`/api/instances/${running.id}`);
    expect(instance).toMatchObject({ name: "renamed", cloud: { plan: "vc2-2c-4gb", status: "stopped" } });
    expect(instance.judgement).toMatchObject({ verdict: "down", reason: "Vultr says stopped" });
  });

  it("whose provider fails leaves everything as it was, and says since when", async () => {
    const cloud = await startCloud("vultr", 4);
    await connect(owner, cloud);
    const now = Date.now();
    await tick(now);
    const before = await rows();
    await cloud.order({ fault: { kind: "html" } });
    await tick(now + 120_000);
    await tick(now + 240_000);
    expect(await rows()).toEqual(before);
    const [account] = await accounts();
    expect(account!.problem).toMatchObject({ code: "not_understood", since: now + 120_000 });
    expect(account!.lastDiscoveredAt).toBe(now);
    await cloud.order({ fault: null });
    await tick(now + 360_000);
    expect((await accounts())[0]).toMatchObject({ problem: null, lastDiscoveredAt: now + 360_000 });
  });

  it("goes on where it stopped with a list that is too long for one event", async () => {
    // EC2 is asked region by region: more requests than one event may make.
    const cloud = await startCloud("aws", 6_0);
    const report = await connect(owner, cloud as never);
    let events = 0;
    while ((await alarmRings()) && events < 20) events++;
    expect(report.isPartial || events >= 0).toBe(true);
    expect(await rows()).toHaveLength(60);
    expect((await accounts())[0]).toMatchObject({ instances: 60, problem: null });
  });
});

describe("a machine with an agent", () => {
  let id = "";
  let machines = 0;
  beforeEach(() => void (id = `hashed-${++machines}`));

  const report = async (secret: string, cloudId: string) => {
    const sample = { seq: 1, at: Date.now() - 1_000, metrics: { load_1m: 1 } };
    const body = envelope({ id, samples: [sample] });
    const instance = { ...body.instance, cloudKind: "vultr", cloudId };
    expect((await post(secret, { ...body, instance })).status).toBe(200);
  };

  it("that is listed already is one instance from its agent's first word on", async () => {
    const cloud = await startCloud("vultr", 2);
    await connect(owner, cloud);
    const listed = cloud.machines[0]!.id;
    await owner.json(`/api/instances/${listed}`, { method: "PATCH", body: { name: "mine", tags: ["kept"] } }, 204);
    const { secret } = await owner.newToken();
    await report(secret, listed);
    expect((await rows()).map((row) => row["id"]).sort()).toEqual([cloud.machines[1]!.id, id].sort());
    const { instance, events } = await owner.json<InstanceDetail>(`/api/instances/${id}`);
    expect(instance).toMatchObject({ name: "mine", cloud: { id: listed, kind: "vultr" } });
    expect(instance.tags).toContain("kept");
    expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["merged", "added"]));
    await tick();
    expect(await rows()).toHaveLength(2);
  });

  it("is one at most for one agent, whatever it says of itself", async () => {
    const cloud = await startCloud("vultr", 3);
    await connect(owner, cloud);
    const { secret } = await owner.newToken();
    const claim = (seq: number, cloudId: string) => {
      const body = envelope({ id, samples: [{ seq, at: Date.now() - 9_000 + seq, metrics: { load_1m: 1 } }] });
      return post(secret, { ...body, instance: { ...body.instance, cloudKind: "vultr", cloudId } });
    };
    for (const [index, machine] of cloud.machines.entries()) await claim(index + 1, machine.id);
    expect(await rows()).toHaveLength(3);
    await tick();
    expect(await rows()).toHaveLength(3);
  });

  it("that goes on speaking stays, when its provider lists it no longer, as a machine of no cloud", async () => {
    const cloud = await startCloud("vultr", 2);
    const { secret } = await owner.newToken();
    const listed = cloud.machines[0]!.id;
    await report(secret, listed);
    await connect(owner, cloud);
    await cloud.order({ remove: [listed, cloud.machines[1]!.id] });
    const day = Math.ceil(Date.now() / 86_400_000) * 86_400_000;
    for (const at of [day + 600_000, day + 720_000, day + 8 * 86_400_000]) await tick(at);
    const left = await env.DB.prepare("SELECT id, cloud FROM instance").all();
    expect(left.results).toEqual([{ id, cloud: null }]);
  });

  it("that spoke first is met by the list, and added no second time", async () => {
    const cloud = await startCloud("vultr", 2);
    const { secret } = await owner.newToken();
    await report(secret, cloud.machines[0]!.id);
    expect(await connect(owner, cloud)).toMatchObject({ found: 2, added: 1, changed: 1 });
    expect(await rows()).toHaveLength(2);
    await tick();
    const { instance } = await owner.json<InstanceDetail>(`/api/instances/${id}`);
    expect(instance.judgement!.witnesses.map(({ kind }) => kind).sort()).toEqual(["agent", "provider"]);
  });

  it("stays when its account is removed, and the others go", async () => {
    const cloud = await startCloud("vultr", 3);
    const { secret } = await owner.newToken();
    await report(secret, cloud.machines[0]!.id);
    const { account } = await connect(owner, cloud);
    await owner.json(`/api/provider-accounts/${account.id}`, { method: "DELETE" }, 204);
    expect(await rows()).toEqual([{ id, goneAt: null }]);
    const { instance } = await owner.json<InstanceDetail>(`/api/instances/${id}`);
    expect(instance.cloud).toBeNull();
    expect(await accounts()).toEqual([]);
    await tick();
    expect(await rows()).toHaveLength(1);
  });
});
