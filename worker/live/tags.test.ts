import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { CLOSE_SESSION_ENDED } from "../../contract/limits.ts";
import type { Session } from "../../contract/people.ts";
import { Browser, envelope, Owner, post } from "../testing/people.ts";
import { Viewer } from "../testing/viewer.ts";
import { ONLY_SHARD } from "./shard-of.ts";

let owner: Owner;
const secrets: Record<string, string> = {};
let seq = 0;

async function report(id: string): Promise<void> {
  secrets[id] ??= (await owner.newToken(id)).secret;
  const samples = [{ seq: ++seq, at: Date.now(), metrics: { cpu_busy_ratio: 0.5, processes_total: seq } }];
  const reply = await post(secrets[id]!, envelope({ id, stream: `stream-of-${id}`, samples }));
  expect(reply.status).toBe(200);
}
const tag = (id: string, tags: string[]) =>
  owner.json(`/api/instances/${id}`, { method: "PATCH", body: { tags } }, 204);

beforeAll(async () => {
  owner = await Owner.signedIn();
  for (const id of ["web-1", "web-2", "db-1"]) await report(id);
  await tag("web-1", ["web"]);
  await tag("web-2", ["Web", "eu"]);
  await tag("db-1", ["db"]);
});

describe("a person limited to tags", () => {
  it("sees the instances with one of them, and of the others not even that they are there", async () => {
    const viewer = await owner.joined("viewer", { tags: ["web"] });
    expect((await viewer.fetch("/api/instances/web-2")).status).toBe(200);
    const window = `metrics=cpu_busy_ratio&from=0&to=${Date.now()}`.replace("from=0", `from=${Date.now() - 60_000}`);
    for (const path of ["", `/series?${window}`]) {
      const hidden = await viewer.fetch(`/api/instances/db-1${path}`);
      const missing = await viewer.fetch(`/api/instances/nobody${path}`);
      expect(hidden.status).toBe(404);
      expect(await hidden.text()).toBe(await missing.text());
      expect((await viewer.fetch(`/api/instances/web-1${path}`)).status).toBe(200);
    }
  });

  it.each([false, true])("hears of them alone over the live socket (shard lost its memory: %s)", async (isLost) => {
    const viewer = await Viewer.of(await owner.joined("operator", { tags: ["web", "nothing"] }));
    expect((await viewer.next("snapshot")).instances.map(({ id }) => id).sort()).toEqual(["web-1", "web-2"]);
    viewer.socket.send(JSON.stringify({ type: "watch", instanceId: "db-1" }));
    const everything = await Viewer.of(owner);
    await everything.next("snapshot");
    if (isLost) await evictDurableObject(env.FLEET.getByName(ONLY_SHARD));
    everything.socket.send(JSON.stringify({ type: "watch", instanceId: "db-1" }));
    await report("db-1");
    await everything.next("sample", ({ sample }) => sample.instanceId === "db-1");
    await report("web-1");
    const frame = await viewer.next("frame", ({ samples }) => samples.some(({ instanceId }) => instanceId === "web-1"));
    expect(frame.samples.map(({ instanceId }) => instanceId)).not.toContain("db-1");
    expect(JSON.stringify(viewer.heard)).not.toContain("db-1");
  });

  it("is shown an instance when it gets one of the tags, and no longer when it loses it", async () => {
    await report("moving");
    await tag("moving", []);
    const viewer = await Viewer.of(await owner.joined("viewer", { tags: ["stage"] }));
    expect((await viewer.next("snapshot")).instances).toEqual([]);
    await tag("moving", ["stage"]);
    expect((await viewer.next("instance")).instance).toMatchObject({ id: "moving", tags: ["stage"] });
    await tag("moving", ["live"]);
    expect(await viewer.next("removed")).toMatchObject({ instanceId: "moving" });
  });

  it("whose tags change is connected again with what they may see now", async () => {
    const browser = await owner.joined("viewer", { tags: ["web"] });
    const { person } = await browser.json<Session>("/api/session");
    const viewer = await Viewer.of(browser);
    await viewer.next("snapshot");
    await owner.json(`/api/people/${person.id}`, { method: "PATCH", body: { tags: ["db"] } }, 204);
    expect(await viewer.closed).not.toBe(CLOSE_SESSION_ENDED);
    const again = await Viewer.of(browser);
    expect((await again.next("snapshot")).instances.map(({ id }) => id)).toEqual(["db-1"]);
  });

  it("cannot give an instance the tag they see", async () => {
    const viewer = await owner.joined("operator", { tags: ["web"] });
    const reply = await viewer.fetch("/api/instances/web-1", { method: "PATCH", body: { tags: ["web", "mine"] } });
    expect(reply.status).toBe(403);
  });
});

describe("a socket", () => {
  it("of a person who was removed, or signed out by somebody, ends at once", async () => {
    for (const path of ["", "/sessions"]) {
      const browser = await owner.joined("viewer");
      const { person } = await browser.json<Session>("/api/session");
      const viewer = await Viewer.of(browser);
      await owner.json(`/api/people/${person.id}${path}`, { method: "DELETE" }, 204);
      expect(await viewer.closed).toBe(CLOSE_SESSION_ENDED);
    }
  });

  it("of a session that is gone, however it went, ends with the next tick, and no other does", async () => {
    const [gone, stays] = [await owner.joined("viewer"), await owner.joined("viewer")];
    const [closing, open] = [await Viewer.of(gone), await Viewer.of(stays)];
    const { id } = await gone.json<Session>("/api/session");
    await env.DB.prepare("DELETE FROM session WHERE id = ?").bind(id).run();
    await env.FLEET.getByName(ONLY_SHARD).endStaleSockets();
    expect(await closing.closed).toBe(CLOSE_SESSION_ENDED);
    await open.next("snapshot");
    await report("web-1");
    await open.next("frame");
  });

  it("opened with an API token needs its scope, and ends with the token", async () => {
    const make = (scopes: string[]) =>
      owner.json<{ id: string; secret: string }>(
        "/api/account/api-tokens",
        { method: "POST", body: { label: "wall", scopes, expiresInDays: null } },
        201,
      );
    const [good, other] = [await make(["fleet:read"]), await make(["audit:read"])];
    const upgrade = (secret: string) => ({ authorization: `Bearer ${secret}`, origin: "https://elsewhere.example" });
    const program = new Browser();
    await expect(Viewer.of(program, upgrade(other.secret))).rejects.toThrow("403");
    const viewer = await Viewer.of(program, upgrade(good.secret));
    await viewer.next("snapshot");
    await owner.json(`/api/account/api-tokens/${good.id}`, { method: "DELETE" }, 204);
    expect(await viewer.closed).toBe(CLOSE_SESSION_ENDED);
  });

  it("is not opened by who claims to the shard to be somebody else", async () => {
    const limited = await owner.joined("viewer", { tags: ["web"] });
    const claim = JSON.stringify({ personId: "x", sessionId: "x", expiresAt: 9e15, tags: null });
    const viewer = await Viewer.of(limited, { "x-viewer": claim });
    expect((await viewer.next("snapshot")).instances.map(({ id }) => id).sort()).toEqual(["web-1", "web-2"]);
  });
});
