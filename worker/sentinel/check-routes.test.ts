import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Check, CheckDetail, CheckList } from "../../contract/checks.ts";
import type { Instance, InstanceDetail } from "../../contract/instance.ts";
import type { SeriesColumns } from "../../contract/series.ts";
import { fetchApp, Owner, storedSamples } from "../testing/people.ts";
import { startHealthEndpoints } from "../testing/health-endpoints.ts";
import { makeCheck, runAtHome, tick } from "../testing/sentinel.ts";
import { secretsIn } from "../testing/planted.ts";

let owner: Owner;
let endpoints: Awaited<ReturnType<typeof startHealthEndpoints>>;

beforeAll(async () => {
  endpoints = await startHealthEndpoints();
  await endpoints.set("/health", { does: "answer", body: '{"status":"ok"}' });
});

beforeEach(async () => {
  await env.DB.batch(
    ["health_check", "check_change", "instance"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  );
  owner = await Owner.signedIn();
  await runAtHome();
});

const http = (path = "/health", more: Record<string, unknown> = {}) => ({
  kind: "http",
  url: endpoints.byAddress(path),
  ...more,
});
const run = (id: string) => owner.json<Check>(`/api/checks/${id}/run`, { method: "POST" });
const detail = (id: string) => owner.json<CheckDetail>(`/api/checks/${id}`);

describe("a check", () => {
  it("of a good answer is up, with its time from each region in its series and in the blocks", async () => {
    const { id } = await makeCheck(owner, { target: http(), regions: ["weur", "enam"] });
    const check = await run(id);
    expect(check.judgement).toMatchObject({ verdict: "up", reason: "HTTP answers" });
    expect(check.results.map(({ region, outcome }) => [region, outcome])).toEqual([
      ["enam", "ok"],
      ["weur", "ok"],
    ]);
    const { seriesKeys, changes } = await detail(id);
    expect(changes).toHaveLength(1);
    const from = Date.now() - 3_600_000;
    const metrics = "check_up,probe_response_seconds:weur,probe_response_seconds:enam";
    const path = `/api/checks/${id}/series?from=${from}&to=${Date.now() + 1_000}&points=100&metrics=${metrics}`;
    const { at, series } = await owner.json<SeriesColumns>(path);
    expect(at.length).toBeGreaterThanOrEqual(1);
    expect(series["check_up"]!.mean.at(-1)).toBe(1);
    expect(series["probe_response_seconds:weur"]!.mean.at(-1)).toBeGreaterThanOrEqual(0);
    const stored = await storedSamples(id);
    expect(stored.at(-1)!.metrics).toMatchObject({ check_up: 1, "probe_up:weur": 1, "probe_up:enam": 1 });
    expect(seriesKeys).toBeDefined();
  });

  it("that fails from its only region is confirmed from another before it is called down", async () => {
    const { id } = await makeCheck(owner, { target: { kind: "tcp", host: "127.0.0.1", port: endpoints.ports.closed } });
    const { judgement, results } = await run(id);
    expect(judgement).toMatchObject({ verdict: "down" });
    expect(new Set(results.map(({ region }) => region)).size).toBe(2);
    expect(judgement!.reason).toMatch(/refused.*2 of 2 regions/);
  });

  it("judges its instance: a port that refuses is an answer of the host", async () => {
    const body = { name: "pet", address: `127.0.0.1:${endpoints.ports.closed}` };
    const { id } = await owner.json<Instance>("/api/instances", { method: "POST", body }, 201);
    await tick();
    const { instance, events } = await owner.json<InstanceDetail>(`/api/instances/${id}`);
    expect(instance.judgement).toMatchObject({ verdict: "degraded", reason: expect.stringContaining("host answers") });
    expect(instance.judgement!.witnesses).toMatchObject([{ kind: "check", says: "down" }]);
    expect(events).toMatchObject([{ kind: "verdict", after: "degraded" }]);
  });

  it("tells a verdict once, and a quiet round nothing", async () => {
    const { id } = await makeCheck(owner, { target: http() });
    await run(id);
    await run(id);
    await run(id);
    expect((await detail(id)).changes).toHaveLength(1);
    await endpoints.set("/flips", { does: "answer", status: 503 });
    await owner.json(`/api/checks/${id}`, { method: "PATCH", body: { target: http("/flips") } });
    await run(id);
    await endpoints.set("/flips", { does: "answer" });
    await run(id);
    expect((await detail(id)).changes.map(({ verdict }) => verdict)).toEqual(["up", "down", "up"]);
  });

  it("that is paused is not looked at, by no tick and by nobody", async () => {
    const { id } = await makeCheck(owner, { target: http("/paused") });
    await run(id);
    await owner.json(`/api/checks/${id}`, { method: "PATCH", body: { isPaused: true } });
    const before = (await endpoints.received("/paused")).length;
    await tick(Date.now() + 600_000);
    expect(await endpoints.received("/paused")).toHaveLength(before);
    expect((await owner.fetch(`/api/checks/${id}/run`, { method: "POST" })).status).toBe(400);
    expect((await detail(id)).check).toMatchObject({ isPaused: true, judgement: null, nextRoundAt: null });
  });

  it("that is deleted takes its history with it", async () => {
    const { id } = await makeCheck(owner, { target: http() });
    await run(id);
    await storedSamples(id);
    await owner.json(`/api/checks/${id}`, { method: "DELETE" }, 204);
    expect((await owner.fetch(`/api/checks/${id}`)).status).toBe(404);
    await tick(Date.now() + 3_600_000);
    const { results } = await env.DB.prepare("SELECT * FROM block WHERE instance_id = ?").bind(id).all();
    expect(results).toEqual([]);
  });
});

describe("what a check sends", () => {
  it("its headers are kept sealed, sent, and told of by name only", async () => {
    const headers = [{ name: "Authorization", value: "Bearer of-the-health-page" }];
    const made = await makeCheck(owner, { target: http("/guarded", { headers }) });
    expect(made.target).toMatchObject({ headerNames: ["Authorization"] });
    expect(JSON.stringify(await detail(made.id))).not.toContain("of-the-health-page");
    const { results } = await env.DB.prepare("SELECT * FROM health_check").all();
    expect(JSON.stringify(results)).not.toContain("of-the-health-page");
    await run(made.id);
    const received = await endpoints.received("/guarded");
    expect(received.at(-1)!.headers).toMatchObject({ authorization: "Bearer of-the-health-page" });
  });

  it("headers stay where only the path changes, and are forgotten where the host does", async () => {
    const headers = [{ name: "X-Key", value: "of-one-host-only" }];
    const { id } = await makeCheck(owner, { target: http("/a", { headers }) });
    await owner.json(`/api/checks/${id}`, { method: "PATCH", body: { target: http("/b") } });
    await run(id);
    expect((await endpoints.received("/b")).at(-1)!.headers).toMatchObject({ "x-key": "of-one-host-only" });
    const elsewhere = { kind: "http", url: endpoints.byName("/c") };
    await owner.json(`/api/checks/${id}`, { method: "PATCH", body: { target: elsewhere } });
    const { check } = await detail(id);
    expect(check.target).toMatchObject({ headerNames: [] });
  });
});

describe("what may not be looked at", () => {
  it.each([
    ["no URL", { kind: "http", url: "not a url" }, "target.url"],
    ["another protocol", { kind: "http", url: "ftp://example.com/" }, "target.url"],
    ["credentials in the URL", { kind: "http", url: "https://user:secret@example.com/" }, "target.url"],
    ["loopback", { kind: "http", url: "http://127.0.0.1/" }, "target.url"],
    ["a number that is loopback", { kind: "http", url: "http://2130706433/" }, "target.url"],
    ["the metadata service", { kind: "http", url: "http://169.254.169.254/latest/meta-data/" }, "target.url"],
    ["a private network", { kind: "tcp", host: "10.0.0.5", port: 22 }, "target.host"],
    ["IPv6 of a private network", { kind: "tls", host: "fd00::1" }, "target.host"],
    ["the port of mail servers", { kind: "tcp", host: "example.com", port: 25 }, "target.port"],
  ])("%s is refused, at its field and with what to do", async (_what, target, field) => {
    await runAtHome({ allowsPrivateTargets: false });
    const reply = await owner.fetch("/api/checks", { method: "POST", body: { name: "x", target } });
    expect(reply.status).toBe(422);
    const refusal = await reply.json<{ code: string; field: string; remedy: string }>();
    expect(refusal).toMatchObject({ code: "target_refused", field });
    expect(refusal.remedy.length).toBeGreaterThan(10);
    expect((await owner.json<CheckList>("/api/checks")).total).toBe(0);
  });

  it("Nephos' own hostname is explained, and never called down", async () => {
    const { id, warning } = await makeCheck(owner, { target: { kind: "http", url: "http://nephos.test/health" } });
    expect(warning).toContain("own hostname");
    const { judgement } = await run(id);
    expect(judgement).toMatchObject({ verdict: "unsure", reason: expect.stringContaining("own hostname") });
  });

  it("an instance that is not there, and thresholds the wrong way round, are refused at their field", async () => {
    for (const [body, field] of [
      [{ instanceId: "nobody" }, "instanceId"],
      [{ slowMs: 2_000, badMs: 1_000 }, "badMs"],
      [{ intervalMs: 1_000 }, "intervalMs"],
    ] as const) {
      const reply = await owner.fetch("/api/checks", { method: "POST", body: { name: "x", target: http(), ...body } });
      expect(reply.status).toBe(400);
      expect(await reply.json()).toMatchObject({ field });
    }
  });
});

describe("the list", () => {
  it("is the worst first, counted, filtered and paged", async () => {
    await endpoints.set("/sick", { does: "answer", status: 500 });
    const sick = await makeCheck(owner, { name: "sick", target: http("/sick"), tags: ["web"] });
    const well = await makeCheck(owner, { name: "well", target: http(), tags: ["web"] });
    const resting = await makeCheck(owner, { name: "resting", target: http(), isPaused: true });
    await run(sick.id);
    await run(well.id);
    const list = await owner.json<CheckList>("/api/checks");
    expect(list.checks.map(({ name }) => name)).toEqual(["sick", "well", "resting"]);
    expect(list.counts).toMatchObject({ down: 1, up: 1, paused: 1 });
    const names = async (query: string) =>
      (await owner.json<CheckList>(`/api/checks?${query}`)).checks.map(({ name }) => name);
    expect(await names("verdict=down")).toEqual(["sick"]);
    expect(await names("tag=web&text=WELL")).toEqual(["well"]);
    expect(await names("offset=1&limit=1")).toEqual(["well"]);
    expect(await names("kind=tcp")).toEqual([]);
    expect(resting.judgement).toBeNull();
  });

  it("is what one may see: a person limited to tags sees checks with them, or of instances with them", async () => {
    const body = { name: "of web", tags: ["web"], address: endpoints.byAddress("/") };
    await owner.json("/api/instances", { method: "POST", body }, 201);
    await makeCheck(owner, { name: "other", target: http() });
    const viewer = await owner.joined("viewer", { tags: ["web"] });
    const list = await viewer.json<CheckList>("/api/checks");
    expect(list.checks.map(({ name }) => name)).toEqual(["of web"]);
    expect(list.counts).toMatchObject({ up: 0, waiting: 1 });
  });

  it("many are paused, resumed and deleted at once, by tag; deleting takes an admin", async () => {
    for (const name of ["a", "b"]) await makeCheck(owner, { name, target: http(), tags: ["batch"] });
    await makeCheck(owner, { name: "c", target: http() });
    const operator = await owner.joined("operator");
    const bulk = (action: string) => ({ method: "POST", body: { tag: "batch", action } });
    expect(await operator.json("/api/check-actions", bulk("pause"))).toEqual({ checks: 2 });
    expect((await owner.json<CheckList>("/api/checks")).counts["paused"]).toBe(2);
    expect(await operator.json("/api/check-actions", bulk("resume"))).toEqual({ checks: 2 });
    expect((await operator.fetch("/api/check-actions", bulk("delete"))).status).toBe(403);
    expect(await owner.json("/api/check-actions", bulk("delete"))).toEqual({ checks: 2 });
    expect((await owner.json<CheckList>("/api/checks")).checks.map(({ name }) => name)).toEqual(["c"]);
  });
});

describe("a heartbeat", () => {
  const target = { kind: "heartbeat", periodMs: 3_600_000, graceMs: 300_000 };
  const call = (url: string, method = "POST") => fetchApp(new URL(url).pathname, { method });

  it("is waited for, heard, and late when nobody calls", async () => {
    const { id, beatUrl } = await makeCheck(owner, { target });
    const now = Date.now();
    await tick(now);
    expect((await detail(id)).check.judgement).toBeNull();
    expect((await call(beatUrl!, "GET")).status).toBe(200);
    await tick(now + 120_000);
    expect((await detail(id)).check.judgement).toMatchObject({ verdict: "up" });
    await tick(Date.now() + 3_600_000 + 310_000);
    expect((await detail(id)).check.judgement).toMatchObject({
      verdict: "down",
      reason: expect.stringContaining("no call"),
    });
    expect((await call(`${beatUrl}/fail`)).status).toBe(200);
    await tick(Date.now());
    expect((await detail(id)).check.judgement).toMatchObject({ verdict: "down", reason: "the job said it failed" });
  });

  it("that rested with its check is waited for anew", async () => {
    const { id, beatUrl } = await makeCheck(owner, { target });
    await call(beatUrl!);
    const old = Date.now() - 3 * 86_400_000;
    await env.DB.prepare("UPDATE health_check SET last_beat_at = ?, created_at = ?").bind(old, old).run();
    for (const action of ["pause", "resume"])
      await owner.json("/api/check-actions", { method: "POST", body: { ids: [id], action } });
    await tick();
    expect((await detail(id)).check.judgement).toBeNull();
  });

  it("answers nobody who guesses, and its address no more after a new one was made", async () => {
    const { id, beatUrl } = await makeCheck(owner, { target });
    expect((await fetchApp("/beat/nothing", { method: "POST" })).status).toBe(404);
    expect((await call(beatUrl!.slice(0, -4) + "AAAA")).status).toBe(404);
    const again = await owner.json<{ beatUrl: string }>(`/api/checks/${id}/beat-url`, { method: "POST" });
    expect((await call(beatUrl!)).status).toBe(404);
    expect((await call(again.beatUrl)).status).toBe(200);
    expect(secretsIn(JSON.stringify(await detail(id)))).toEqual([]);
  });
});
