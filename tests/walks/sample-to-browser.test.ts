import { resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { METRICS } from "../../contract/metric.ts";
import type { InstanceDetail } from "../../contract/instance.ts";
import type { LiveSample } from "../../contract/live.ts";
import type { SeriesColumns } from "../../contract/series.ts";
import { Launched } from "../launched.ts";
import { SignedIn } from "../owner.ts";

/** The first walk of docs/architecture.md: /proc of a machine → agent process → Worker → shard → D1, and → viewer. */
let nephos: Launched;
let owner: SignedIn;

beforeAll(async () => {
  nephos = await Launched.start("--agent-root", resolve("agent/fixtures/debian-vm"));
  owner = await SignedIn.by(nephos.link);
});
afterAll(() => nephos.end());

/** What the history holds of this moment, from the shard's memory or from a block. */
const historyOf = (id: string, at: number) =>
  owner.get<SeriesColumns>(`/api/instances/${id}/series?metrics=load_5m,load_15m&from=${at}&to=${at + 1}`);

let stored: { instanceId: string; at: number };

it("a reading of /proc becomes a live message at a viewer and a point of the history", async () => {
  const viewer = await owner.viewer();
  const { instances } = await viewer.next("snapshot");
  const id = instances[0]?.id ?? (await viewer.next("instance")).instance.id;
  viewer.socket.send(JSON.stringify({ type: "watch", instanceId: id }));
  // Who watches is also shown readings that are not stored.
  let history: SeriesColumns;
  let sample: LiveSample;
  do {
    ({ sample } = await viewer.next("sample", (message) => message.sample.instanceId === id));
    history = await historyOf(id, sample.at);
  } while (history.at.length === 0);
  stored = sample;
  // From the fixture's /proc/loadavg and /proc/meminfo, not from this machine's.
  const detail = await owner.get<InstanceDetail>(`/api/instances/${id}`);
  expect(detail.instance.memoryTotalBytes).toBe(sample.metrics["memory_total_bytes"]);
  expect(sample.metrics).toMatchObject({ load_5m: 0.06, load_15m: 0.07 });
  for (const key of Object.keys(sample.metrics)) expect(Object.keys(METRICS)).toContain(key.split(":")[0]);
  expect(history).toMatchObject({ at: [sample.at], series: { load_5m: { mean: [0.06] }, load_15m: { mean: [0.07] } } });
});

it("a second start keeps the history, in the database alone, and a new link signs in while the old one is spent", async () => {
  const before = (await (await owner.viewer()).next("snapshot")).instances[0]!;
  const spent = nephos.link;
  await nephos.stop();
  // Without the agent nobody could send it again.
  const link = await nephos.restart("--no-agent");
  await expect(SignedIn.by(spent)).rejects.toThrow("401");
  owner = await SignedIn.by(link);
  const after = (await (await owner.viewer()).next("snapshot")).instances[0]!;
  expect(after.id).toBe(before.id);
  expect(after.lastSampleAt).toBeGreaterThanOrEqual(before.lastSampleAt!);
  const { at, series } = await historyOf(stored.instanceId, stored.at);
  expect(at).toEqual([stored.at]);
  expect(series["load_5m"]!.mean).toEqual([0.06]);
});
