import { resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { METRICS } from "../../contract/metric.ts";
import type { InstanceDetail } from "../../contract/instance.ts";
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

it("a reading of /proc becomes a live message at a viewer and a row in the database", async () => {
  const viewer = await owner.viewer();
  const { instances } = await viewer.next("snapshot");
  const id = instances[0]?.id ?? (await viewer.next("instance")).instance.id;
  viewer.socket.send(JSON.stringify({ type: "watch", instanceId: id }));
  const { sample } = await viewer.next("sample", (message) => message.sample.instanceId === id);
  // From the fixture's /proc/loadavg and /proc/meminfo, not from this machine's.
  const detail = await owner.get<InstanceDetail>(`/api/instances/${id}`);
  expect(detail.instance.memoryTotalBytes).toBe(sample.metrics["memory_total_bytes"]);
  expect(sample.metrics).toMatchObject({ load_5m: 0.06, load_15m: 0.07 });
  for (const key of Object.keys(sample.metrics)) expect(Object.keys(METRICS)).toContain(key.split(":")[0]);

  const window = `from=${sample.at}&to=${sample.at + 1}`;
  const stored = async () => owner.get<SeriesColumns>(`/api/instances/${id}/series?metrics=load_5m,load_15m&${window}`);
  await expect.poll(async () => (await stored()).series["load_5m"]!.mean, { timeout: 10_000 }).toEqual([0.06]);
  expect((await stored()).at).toEqual([sample.at]);
});

it("a second start keeps the history, and a new link signs in while the old one is spent", async () => {
  const before = (await (await owner.viewer()).next("snapshot")).instances[0]!;
  const spent = nephos.link;
  await nephos.stop();
  const link = await nephos.restart("--no-agent");
  await expect(SignedIn.by(spent)).rejects.toThrow("401");
  const again = await SignedIn.by(link);
  const after = (await (await again.viewer()).next("snapshot")).instances[0]!;
  expect(after.id).toBe(before.id);
  expect(after.lastSampleAt).toBeGreaterThanOrEqual(before.lastSampleAt!);
});
