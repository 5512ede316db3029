import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { CLOSE_SESSION_ENDED } from "../../contract/limits.ts";
import type { InstanceDetail } from "../../contract/instance.ts";
import type { SeriesColumns } from "../../contract/series.ts";
import { envelope, Owner, post } from "../testing/people.ts";
import { Viewer } from "../testing/viewer.ts";
import { ONLY_SHARD } from "./shard-of.ts";

const sampleOf = (id: string, seq: number, at = Date.now()) =>
  envelope({ id, samples: [{ seq, at, metrics: { cpu_busy_ratio: seq / 100, processes_total: seq } }] });

it("a viewer hears of a new instance, its samples, its renaming and its removal", async () => {
  const owner = await Owner.signedIn();
  const viewer = await Viewer.of(owner);
  expect((await viewer.next("snapshot")).instances).toEqual([]);
  const { secret } = await owner.newToken();
  await post(secret, sampleOf("live-1", 1));
  expect((await viewer.next("instance")).instance).toMatchObject({ id: "live-1", name: "live-1" });
  expect((await viewer.next("frame")).samples[0]).toMatchObject({
    instanceId: "live-1",
    metrics: { cpu_busy_ratio: 0.01 },
  });
  await owner.fetch("/api/instances/live-1", { method: "PATCH", body: { name: "Mail" } });
  expect((await viewer.next("instance")).instance.name).toBe("Mail");
  await post(secret, sampleOf("live-1", 2));
  const detail = await (await owner.fetch("/api/instances/live-1")).json<InstanceDetail>();
  expect(detail.instance.name).toBe("Mail");
  expect(detail.seriesKeys).toEqual(["cpu_busy_ratio", "processes_total"]);
  expect((await owner.fetch("/api/instances/live-1", { method: "DELETE" })).status).toBe(204);
  expect((await viewer.next("removed")).instanceId).toBe("live-1");
  expect((await post(secret, sampleOf("live-1", 3))).status).toBe(401);
  expect((await owner.fetch("/api/instances/live-1")).status).toBe(404);
});

it("who watches an instance gets its samples whole, also after the shard lost its memory", async () => {
  const owner = await Owner.signedIn();
  const viewer = await Viewer.of(owner);
  await viewer.next("snapshot");
  const { secret } = await owner.newToken();
  viewer.socket.send(JSON.stringify({ type: "watch", instanceId: "live-2" }));
  await post(secret, sampleOf("live-2", 1));
  expect((await viewer.next("sample")).sample.metrics).toEqual({ cpu_busy_ratio: 0.01, processes_total: 1 });
  await evictDurableObject(env.FLEET.getByName(ONLY_SHARD));
  await post(secret, sampleOf("live-2", 2));
  expect((await viewer.next("sample")).sample.metrics).toEqual({ cpu_busy_ratio: 0.02, processes_total: 2 });
});

it("the first snapshot after a loss of memory holds the last sample and the half hour before", async () => {
  const owner = await Owner.signedIn();
  const { secret } = await owner.newToken();
  const now = Date.now();
  const samples = [20, 10, 0].map((minutes, i) => ({
    seq: i + 1,
    at: now - minutes * 60_000 - 500,
    metrics: { cpu_busy_ratio: i / 10 },
  }));
  await post(secret, envelope({ id: "live-3", samples }));
  await env.FLEET.getByName(ONLY_SHARD).flush();
  await evictDurableObject(env.FLEET.getByName(ONLY_SHARD));
  const snapshot = await (await Viewer.of(owner)).next("snapshot");
  const instance = snapshot.instances.find(({ id }) => id === "live-3")!;
  expect(instance).toMatchObject({ latest: { cpu_busy_ratio: 0.2 }, lastSampleAt: now - 500 });
  expect(instance.tail.values.cpu_busy_ratio).toEqual([0, null, 0.1, null, 0.2]);
});

it("signing out closes the sockets of that session, and no other", async () => {
  const [leaving, staying] = [await Owner.signedIn(), await Owner.signedIn()];
  const [gone, kept] = [await Viewer.of(leaving), await Viewer.of(staying)];
  await kept.next("snapshot");
  await leaving.fetch("/api/session", { method: "DELETE" });
  expect(await gone.closed).toBe(CLOSE_SESSION_ENDED);
  await post((await staying.newToken()).secret, sampleOf("live-4", 1));
  await kept.next("frame");
});

it("history comes back as columns, with a null where samples are missing", async () => {
  const owner = await Owner.signedIn();
  const { secret } = await owner.newToken();
  const now = Date.now();
  const at = [now - 300_000, now - 270_000, now - 30_000];
  await post(
    secret,
    envelope({
      id: "series-1",
      samples: at.map((t, i) => ({ seq: i + 1, at: t, metrics: { "disk_util_ratio:vda": i / 10 } })),
    }),
  );
  const reply = await owner.fetch(
    `/api/instances/series-1/series?metrics=disk_util_ratio:vda,load_1m&from=${now - 600_000}&to=${now}&points=100`,
  );
  const columns = await reply.json<SeriesColumns>();
  expect(columns.series["disk_util_ratio:vda"]!.mean).toEqual([0, 0.1, null, 0.2]);
  expect(columns.series["load_1m"]!.mean).toEqual([null, null, null, null]);
});

it.each([
  ["from=2&to=1&metrics=load_1m", "from"],
  ["from=0&to=1&metrics=%22;drop", "metrics"],
  ["from=0&to=1", "metrics"],
  ["from=0&to=999999999999&metrics=load_1m", "from"],
  ["from=0&to=1&metrics=load_1m&points=100000", "points"],
])("a window that cannot be (%s) is refused with its field", async (query, field) => {
  const reply = await (await Owner.signedIn()).fetch(`/api/instances/series-1/series?${query}`);
  expect(reply.status).toBe(400);
  expect((await reply.json<{ field: string }>()).field).toContain(field);
});
