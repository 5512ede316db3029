import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { Health } from "../../contract/health.ts";
import type { Operations } from "../../contract/operations.ts";
import { database } from "../db/client.ts";
import { ONLY_SHARD } from "../live/shard-of.ts";
import { sentinel } from "../sentinel-client.ts";
import { envelope, fetchApp, Owner, post, storedSamples } from "../testing/people.ts";
import { startHealthEndpoints } from "../testing/health-endpoints.ts";
import { tick } from "../testing/sentinel.ts";
import { deleteExpiredBlocks } from "../series/block-store.ts";
import { lastTick } from "./store.ts";

const DAY = 86_400_000;
let owner: Owner;

beforeAll(async () => {
  owner = await Owner.signedIn();
});

const onlyShard = () => env.FLEET.get(env.FLEET.idFromName(ONLY_SHARD));
const step = async (name: string) => {
  const { steps } = await owner.json<Operations>("/api/operations");
  return steps.find((one) => one.name === name);
};

it("a tick writes the blocks that are due", async () => {
  const { secret } = await owner.newToken();
  const at = Date.now() - 3_600_000;
  await post(secret, envelope({ id: "due", samples: [{ seq: 1, at, metrics: { load_1m: 1 } }] }));
  await tick(Date.now() + 5 * 60_000);
  const rows = await env.DB.prepare("SELECT count FROM block WHERE instance_id = 'due' AND tier = 0").all();
  expect(rows.results).toEqual([{ count: 1 }]);
});

it("the first tick of a day removes what is past its time of instances that fell silent, and keeps the rest", async () => {
  const { secret } = await owner.newToken();
  const at = Date.now();
  const samples = [at - 6 * DAY, at].map((moment, i) => ({ seq: i + 1, at: moment, metrics: { load_1m: i } }));
  await post(secret, envelope({ id: "silent", samples }));
  expect(await storedSamples("silent")).toHaveLength(2);
  // A raw block has its place for eight days: until then somebody may add to it.
  const day = Math.ceil((at + 2 * DAY + 3_600_000) / DAY) * DAY;
  await tick(at + DAY);
  expect(await storedSamples("silent")).toHaveLength(2);
  await tick(day);
  expect((await storedSamples("silent")).map(({ seq }) => seq)).toEqual([2]);
  expect(await deleteExpiredBlocks(database(env.DB), day, 10)).toBe(0);
});

describe("how it went", () => {
  it("is in health for everybody, without the words, and whole under Operations", async () => {
    const now = Date.now() + 60_000;
    await tick(now);
    const kept = (await lastTick(database(env.DB)))!;
    expect(kept.finishedAt).toBeGreaterThanOrEqual(now);
    const health = await (await fetchApp("/api/health")).json<Health>();
    expect(health.lastTickAt).toBe(kept.finishedAt);
    expect(health.steps.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["discover", "checks", "judge", "secrets"]),
    );
    expect(JSON.stringify(health)).not.toContain("says");
    expect(await step("judge")).toMatchObject({ isOk: true, problem: null });
  });

  it("is remembered by a sentinel that was evicted", async () => {
    await evictDurableObject(sentinel(env) as never);
    expect(await step("judge")).toMatchObject({ isOk: true });
  });

  it("a step that fails says so, and keeps nobody from their turn", async () => {
    await env.DB.prepare("ALTER TABLE session RENAME TO session_away").run();
    await sentinel(env).tick(Date.now());
    await env.DB.prepare("ALTER TABLE session_away RENAME TO session").run();
    const sessions = await step("sessions");
    expect(sessions).toMatchObject({ isOk: false, problem: expect.stringContaining("session") });
    expect(sessions!.lastOkAt).not.toBeNull();
    expect(await step("secrets")).toMatchObject({ isOk: true });
    await tick();
    expect(await step("sessions")).toMatchObject({ isOk: true, problem: null });
  });

  it("two at once are one", async () => {
    const before = (await lastTick(database(env.DB)))!.finishedAt;
    const now = before + 3_600_000;
    await Promise.all([tick(now), tick(now + 1), tick(now + 2)]);
    const { finishedAt } = (await lastTick(database(env.DB)))!;
    expect(finishedAt).toBeGreaterThanOrEqual(now);
    expect(await onlyShard().heard(["due"])).toHaveLength(1);
  });
});

describe("the heartbeat to an outside watcher", () => {
  const settings = (heartbeatUrl: string | null) => ({
    regions: ["weur"],
    allowsPrivateTargets: true,
    ownHostnames: [],
    makesDefaultChecks: true,
    heartbeatUrl,
  });

  it("is sent after a good tick and not after another, and its address is never told again", async () => {
    const endpoints = await startHealthEndpoints();
    await endpoints.set("/ping/secret-of-ours", { does: "answer" });
    const body = settings(endpoints.byAddress("/ping/secret-of-ours"));
    const shown = await owner.json<Record<string, unknown>>("/api/sentinel/settings", { method: "PUT", body });
    expect(shown).toMatchObject({ heartbeatHost: new URL(endpoints.byAddress("/")).host });
    expect(JSON.stringify(await owner.json("/api/sentinel/settings"))).not.toContain("secret-of-ours");
    await tick();
    expect(await endpoints.received("/ping/secret-of-ours")).toHaveLength(1);
    await env.DB.prepare("ALTER TABLE session RENAME TO session_away").run();
    await tick();
    await env.DB.prepare("ALTER TABLE session_away RENAME TO session").run();
    expect(await endpoints.received("/ping/secret-of-ours")).toHaveLength(1);
    await endpoints.set("/ping/secret-of-ours", { does: "answer", status: 500 });
    await tick();
    expect(await step("heartbeat")).toMatchObject({ isOk: false, problem: expect.stringContaining("500") });
    await owner.json("/api/sentinel/settings", { method: "PUT", body: settings(null) });
    await tick();
    expect(await step("heartbeat")).toBeUndefined();
  });
});
