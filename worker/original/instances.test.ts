import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { ErrorReply } from "../../contract/ingest.ts";
import { originalInstanceSchema, originalInstancesSchema, type OriginalInstance } from "../../contract/original.ts";
import type { Cloud } from "../../contract/providers.ts";
import type { Verdict } from "../../contract/verdict.ts";
import { newCheckRow } from "../checks/new-check.ts";
import { insertChecks } from "../checks/store.ts";
import { httpTarget } from "../checks/target-of-address.ts";
import { db, knowInstance } from "../testing/history.ts";
import { Browser, envelope, fetchApp, ORIGIN, Owner, post } from "../testing/people.ts";
import { apiTokenOf, personWith } from "../testing/seed-people.ts";

let owner: Owner;
beforeAll(async () => void (owner = await Owner.signedIn()));

interface Page {
  instances: OriginalInstance[];
  count: number;
  lastEvaluatedKey?: { id: string };
}
const list = (as: Browser, query: Record<string, string> = {}) =>
  as.json<Page>(`/instances?${new URLSearchParams(query)}`);
const idsOf = ({ instances }: Page) => instances.map(({ id }) => id);

async function judged(id: string, verdict: Verdict, tags: string[]): Promise<void> {
  await knowInstance(id, tags);
  const judgement = { verdict, since: 1_767_225_600_000, reason: `it is ${verdict}`, witnesses: [] };
  await env.DB.prepare("UPDATE instance SET judgement = ?2 WHERE id = ?1").bind(id, JSON.stringify(judgement)).run();
}
async function agentOf(id: string, tags: string[], sampleAt = Date.now()): Promise<void> {
  const { secret } = await owner.newToken(id);
  const sent = envelope({ id, samples: [{ seq: 1, at: sampleAt, metrics: { load_1m: 1 } }] });
  expect((await post(secret, sent)).status).toBe(200);
  await owner.json(`/api/instances/${id}`, { method: "PATCH", body: { tags } }, 204);
}

describe("the original's list of instances", () => {
  it("says of each what the sentinel found, in the original's words and shape", async () => {
    const tags = ["statuses"];
    for (const verdict of ["up", "degraded", "down", "unsure"] as const)
      await judged(`status-${verdict}`, verdict, tags);
    await agentOf("status-speaks", tags);
    await agentOf("status-silent", tags, Date.now() - 3_600_000);
    await knowInstance("status-unseen", tags);
    const viewer = await owner.joined("viewer", { tags });
    const page = await list(viewer);
    expect(originalInstancesSchema.parse(page).count).toBe(7);
    expect(Object.fromEntries(page.instances.map(({ id, status }) => [id, status]))).toEqual({
      "status-up": "healthy",
      "status-degraded": "degraded",
      "status-down": "unhealthy",
      "status-unsure": "unknown",
      "status-speaks": "healthy",
      "status-silent": "unknown",
      "status-unseen": "unknown",
    });
    expect(idsOf(await list(viewer, { status: "unknown" }))).toEqual([
      "status-silent",
      "status-unseen",
      "status-unsure",
    ]);
    expect(page.instances.find(({ id }) => id === "status-unseen")).toMatchObject({
      type: "unknown",
      region: "unknown",
      endpoint: "",
      lastHealthCheck: null,
      createdAt: "1970-01-01T00:00:00.000Z",
    });
  });

  it("comes in pages, each instance on one of them, and the last has no key", async () => {
    const tags = ["paged"];
    const ids = Array.from({ length: 7 }, (_, number) => `paged-${number}`);
    for (const id of [...ids].reverse()) await judged(id, id === "paged-3" ? "down" : "up", tags);
    const viewer = await owner.joined("viewer", { tags });
    const seen: string[][] = [];
    let key: Page["lastEvaluatedKey"];
    do {
      const next = await list(viewer, {
        status: "healthy",
        limit: "2",
        ...(key && { exclusiveStartKey: JSON.stringify(key) }),
      });
      seen.push(idsOf(next));
      expect(seen.length, "pages end").toBeLessThan(9);
      key = next.lastEvaluatedKey;
    } while (key);
    expect(seen).toEqual([
      ["paged-0", "paged-1"],
      ["paged-2", "paged-4"],
      ["paged-5", "paged-6"],
    ]);
  });

  it.each([
    ["limit=ten", "limit: must be a whole number from 1 to 1000"],
    ["limit=0", "limit: must be a whole number from 1 to 1000"],
    ["limit=1001", "limit: must be a whole number from 1 to 1000"],
    ["status=well", "status: must be one of healthy, degraded, unhealthy, unknown"],
    ["exclusiveStartKey=paged-1", "exclusiveStartKey: must be a lastEvaluatedKey"],
    ["exclusiveStartKey=%7B%22id%22%3A7%7D", "exclusiveStartKey.id: must be a lastEvaluatedKey"],
  ])("refuses %s and says which it is", async (query, message) => {
    const reply = await owner.fetch(`/instances?${query}`);
    expect(reply.status).toBe(400);
    const refusal = await reply.json<ErrorReply>();
    expect(refusal).toMatchObject({ error: "Bad Request", code: "invalid_field" });
    expect(refusal.message).toContain(message);
  });
});

describe("one instance at the original's address", () => {
  it("has its provider's facts, its check's address and when it was looked at last", async () => {
    const id = "cloud-1";
    const [at, createdAt] = [Date.now() - 1_000, 1_760_000_000_000];
    await agentOf(id, [], at);
    const cloud: Partial<Cloud> = {
      kind: "vultr",
      region: "ewr",
      plan: "vc2-1c-1gb",
      image: "Debian 12",
      publicAddresses: ["192.0.2.7"],
      privateAddresses: ["10.0.0.7"],
      createdAt,
    };
    await env.DB.prepare("UPDATE instance SET cloud = ?2 WHERE id = ?1").bind(id, JSON.stringify(cloud)).run();
    const row = { id, name: id, tags: [] };
    await insertChecks(db, [
      newCheckRow(row, { kind: "heartbeat", periodMs: 60_000, graceMs: 60_000 }, at),
      newCheckRow(row, { kind: "tcp", host: "192.0.2.7", port: 22 }, at),
      { ...newCheckRow(row, httpTarget("https://web.example/other"), at), isDefault: false },
      newCheckRow(row, httpTarget("https://web.example/health"), at),
    ]);
    const told = originalInstanceSchema.parse(await owner.json(`/instances/${id}`));
    expect(told).toMatchObject({
      id,
      name: id,
      type: "vultr-compute",
      status: "healthy",
      region: "ewr",
      endpoint: "https://web.example/health",
      createdAt: new Date(createdAt).toISOString(),
      lastHealthCheck: new Date(at).toISOString(),
    });
    expect(Date.parse(told.updatedAt)).toBeGreaterThanOrEqual(at);
    expect(told.metadata).toMatchObject({
      provider: "vultr",
      plan: "vc2-1c-1gb",
      os: "Debian 12",
      ip: "192.0.2.7",
      addresses: ["192.0.2.7", "10.0.0.7"],
    });
    expect(told.metadata).not.toHaveProperty("kernel");
  });

  it("is not there for who may not see it, as the original says it", async () => {
    await judged("hidden", "up", ["theirs"]);
    const viewer = await owner.joined("viewer", { tags: ["mine"] });
    for (const id of ["hidden", "nobody-there"]) {
      const reply = await viewer.fetch(`/instances/${id}`);
      expect(reply.status).toBe(404);
      expect(await reply.json()).toMatchObject({ error: "Instance not found", code: "not_found", field: "id" });
    }
    expect(await list(viewer)).toEqual({ instances: [], count: 0 });
    expect((await owner.fetch("/instances/hidden")).status).toBe(200);
  });
});

describe.each(["/instances", "/instances/web-1", "/instances/web-1/deeper", "/metrics", "/analytics/dashboard"])(
  "at %s",
  (path) => {
    const NAVIGATES = { "sec-fetch-mode": "navigate", accept: "text/html" };

    it.each([
      ["that navigates", NAVIGATES],
      ["of before browsers said so", { accept: "text/html,application/xhtml+xml,*/*;q=0.8" }],
    ])("a browser %s gets the page, signed in or not", async (_, headers) => {
      const page = await env.ASSETS.fetch(new Request(ORIGIN + path));
      const reply = await new Browser().fetch(path, { headers });
      expect([reply.status, await reply.text()]).toEqual([page.status, await page.text()]);
      expect(reply.headers.get("content-security-policy")).toBe(page.headers.get("content-security-policy"));
    });

    it.each([
      ["a script of a page", { "sec-fetch-mode": "cors", accept: "text/html" }],
      ["a program", { accept: "*/*" }],
      ["a program with a token", { ...NAVIGATES, authorization: "Bearer nea_no" }],
    ])("%s gets data, which no cache may keep", async (_, headers) => {
      const reply = await new Browser().fetch(path, { headers });
      expect([401, 404]).toContain(reply.status);
      expect(await reply.json<ErrorReply>()).toHaveProperty("code");
      expect(reply.headers.get("cache-control")).toBe("no-store");
      expect(reply.headers.get("vary")).toBe("accept, authorization, sec-fetch-mode");
      expect(reply.headers.get("content-security-policy")).toContain("default-src 'none'");
    });
  },
);

it("an API token that may read the fleet reads it here, and no cache keeps it", async () => {
  const person = await personWith("viewer");
  const authorization = `Bearer ${await apiTokenOf(person, ["fleet:read"])}`;
  const reply = await fetchApp("/instances", { headers: { authorization } });
  expect([reply.status, reply.headers.get("cache-control")]).toEqual([200, "no-store"]);
});
