import { beforeAll, describe, expect, it } from "vitest";
import type { ErrorReply } from "../../contract/ingest.ts";
import { originalMetricsSchema, type OriginalMetric, type OriginalMetricsKey } from "../../contract/original.ts";
import { onlyShard } from "../testing/agent-socket.ts";
import { newCheckRow } from "../checks/new-check.ts";
import { insertChecks } from "../checks/store.ts";
import { db, knowInstance, putSamples } from "../testing/history.ts";
import { Browser, envelope, fetchApp, Owner, post } from "../testing/people.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let owner: Owner;
let names = 0;
beforeAll(async () => void (owner = await Owner.signedIn()));

interface Page {
  metrics: OriginalMetric[];
  count: number;
  lastEvaluatedKey?: OriginalMetricsKey;
}
async function ask(query: Record<string, unknown>, as: Browser = owner): Promise<Page> {
  const asked = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return as.json<Page>(`/metrics?${asked}`);
}
/** Every page there is. */
async function pages(query: Record<string, unknown>, as?: Browser): Promise<OriginalMetric[][]> {
  const read: OriginalMetric[][] = [];
  let key: OriginalMetricsKey | undefined;
  do {
    const page = await ask({ ...query, ...(key && { exclusiveStartKey: JSON.stringify(key) }) }, as);
    expect(page.count).toBe(page.metrics.length);
    read.push(page.metrics);
    expect(read.length, "pages end").toBeLessThan(100);
    key = page.lastEvaluatedKey;
  } while (key);
  return read;
}

/** The metrics of the original's agent, as it sends them. */
const SENT: Record<string, [value: number, unit: string]> = {
  cpu_usage: [45.2, "percent"],
  memory_usage_percent: [62.5, "percent"],
  memory_used_mb: [2560.25, "megabytes"],
  memory_free_mb: [1536, "megabytes"],
  disk_usage_percent: [71, "percent"],
  disk_used_mb: [56_800, "megabytes"],
  disk_available_mb: [23_200, "megabytes"],
  load_average_1min: [0.5, "count"],
  load_average_5min: [0.4, "count"],
  load_average_15min: [0.3, "count"],
  network_rx_mb: [1000.5, "megabytes"],
  network_tx_mb: [500, "megabytes"],
  response_time_ms: [123.4, "milliseconds"],
};
async function report(instanceId: string, at: number, more: object[] = []): Promise<void> {
  const { secret } = await owner.newToken(instanceId);
  const timestamp = new Date(at).toISOString();
  const metrics = [
    ...Object.entries(SENT).map(([name, [value, unit]]) => ({ name, value, unit, timestamp, tags: {} })),
    ...more.map((metric) => ({ timestamp, ...metric })),
  ];
  const body = JSON.stringify({ instanceId, metrics });
  expect((await fetchApp(`/ingest/vultr?token=${secret}`, { method: "POST", body })).status).toBe(200);
}

describe("the metrics of an instance", () => {
  it("come back under the names, in the units and with the values the original's agent sent them in", async () => {
    const at = Math.floor(Date.now() / 1000) * 1000;
    await report("round-trip", at, [{ name: "queue_length", value: 7, unit: "jobs" }]);
    const page = await ask({ instanceId: "round-trip" });
    expect(originalMetricsSchema.parse(page).count).toBe(14);
    const told = page.metrics.map(({ metricName, metricValue, unit }) => [metricName, [metricValue, unit]]);
    expect(Object.fromEntries(told)).toEqual({ ...SENT, queue_length: [7, "count"] });
    expect(new Set(page.metrics.map(({ timestamp }) => timestamp))).toEqual(new Set([at]));
    const again = await ask({ instanceId: "round-trip" });
    expect(again.metrics.map(({ id }) => id)).toEqual(page.metrics.map(({ id }) => id));
    expect(new Set(page.metrics.map(({ id }) => id)).size).toBe(14);
  });

  it("are newest first and each on one page, whether they wait or are in a block, and however a page cuts them", async () => {
    const id = `paged-${++names}`;
    const { secret } = await owner.newToken(id);
    const now = Date.now();
    const sample = (seq: number) => ({ seq, at: now - (10 - seq) * MINUTE, metrics: { load_1m: seq, load_5m: seq } });
    const seqs = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    await post(secret, envelope({ id, samples: seqs.slice(0, 5).map(sample) }));
    await onlyShard().flush();
    await post(secret, envelope({ id, samples: seqs.slice(5).map(sample) }));
    const read = await pages({ instanceId: id, limit: 5 });
    expect(read[0]).toHaveLength(5);
    expect(read.flat().map(({ metricName, metricValue }) => `${metricName} ${metricValue}`)).toEqual(
      [...seqs].reverse().flatMap((seq) => [`load_average_1min ${seq}`, `load_average_5min ${seq}`]),
    );
  });

  it("of one name are that name's: the original's, one of ours in base units, or a custom one", async () => {
    const id = `named-${++names}`;
    const { secret } = await owner.newToken(id);
    const metrics = { cpu_busy_ratio: 0.5, cpu_user_ratio: 0.25, memory_used_bytes: 1_048_576, "queue_length:mail": 3 };
    await post(secret, envelope({ id, samples: [{ seq: 1, at: Date.now(), metrics }] }));
    const of = async (metricName: string) => (await ask({ instanceId: id, metricName })).metrics;
    expect(await of("cpu_usage")).toMatchObject([{ metricValue: 50, unit: "percent" }]);
    expect(await of("memory_used_mb")).toMatchObject([{ metricValue: 1, unit: "megabytes" }]);
    expect(await of("memory_used_bytes")).toMatchObject([{ metricValue: 1_048_576, unit: "bytes" }]);
    expect(await of("cpu_user_ratio")).toMatchObject([{ metricValue: 0.25, unit: "ratio" }]);
    expect(await of("queue_length:mail")).toMatchObject([{ metricValue: 3, unit: "count" }]);
    expect(await of("disk_used_mb")).toEqual([]);
    const all = (await ask({ instanceId: id })).metrics.map(({ metricName }) => metricName);
    expect(all).toEqual(["cpu_usage", "memory_used_mb", "queue_length:mail"]);
  });

  it("of one that has been silent for days are its last, and what was before them", async () => {
    const id = `silent-${++names}`;
    await knowInstance(id);
    const last = Date.now() - 2 * DAY;
    const at = [last, last - MINUTE, last - 5 * HOUR];
    await putSamples(id, at.map((time) => ({ at: time, metrics: { load_1m: 1, cpu_user_ratio: 1 } })).reverse());
    const read = await pages({ instanceId: id });
    expect(read[0]!.map(({ timestamp }) => timestamp)).toEqual([last]);
    expect(read.flat().map(({ timestamp }) => timestamp)).toEqual(at);
    // A day of silence is not asked through hour by hour.
    expect(read.length).toBeLessThan(8);
  });

  it("hold what its check saw, as the original's sentinel told it", async () => {
    const id = `looked-at-${++names}`;
    await knowInstance(id);
    const at = Date.now() - MINUTE;
    const row = { id, name: id, tags: [] };
    const beat = newCheckRow(row, { kind: "heartbeat", periodMs: MINUTE, graceMs: MINUTE }, at);
    const check = newCheckRow(row, { kind: "tcp", host: "192.0.2.7", port: 22 }, at);
    await insertChecks(db, [beat, check]);
    await onlyShard().record([{ subject: check.id, at, metrics: { check_up: 1, check_response_seconds: 0.1234 } }]);
    expect((await ask({ instanceId: id })).metrics).toMatchObject([
      { instanceId: id, metricName: "health_check_latency", metricValue: 123.4, unit: "milliseconds", timestamp: at },
    ]);
  });

  it("are none of one that is not there, or not for this person", async () => {
    await report("theirs", Date.now());
    const viewer = await owner.joined("viewer", { tags: ["mine"] });
    for (const id of ["theirs", "nobody-there"]) {
      expect(await ask({ instanceId: id }, viewer)).toEqual({ metrics: [], count: 0 });
    }
    expect(await ask({}, viewer)).toEqual({ metrics: [], count: 0 });
  });

  it.each([
    ["limit=many", "limit: must be a whole number"],
    ["instanceId=a%20b", "instanceId: may hold letters"],
    ["metricName=DROP%20TABLE&instanceId=x", "metricName: is no metric's name"],
    ["exclusiveStartKey=%7B%7D", "exclusiveStartKey.instanceId: must be a lastEvaluatedKey"],
  ])("are refused for %s, and which it is is said", async (query, message) => {
    await knowInstance("x");
    const reply = await owner.fetch(`/metrics?${query}`);
    expect(reply.status).toBe(400);
    expect((await reply.json<ErrorReply>()).message).toContain(message);
  });
});

describe("the metrics of the fleet", () => {
  it("are the newest of each instance that speaks, each on one page", async () => {
    const tags = ["fleet"];
    const now = Date.now();
    const ids = ["fleet-a", "fleet-b", "fleet-c"];
    for (const id of [...ids, "fleet-silent"]) {
      await knowInstance(id, tags);
      const ago = id === "fleet-silent" ? 3 * HOUR : 0;
      const at = (minutes: number) => now - ago - minutes * MINUTE;
      await putSamples(id, [
        { at: at(3), metrics: { load_1m: 1, uptime_seconds: 100 } },
        { at: at(ids.indexOf(id)), metrics: { load_1m: 2 } },
      ]);
    }
    const viewer = await owner.joined("viewer", { tags });
    const read = await pages({ limit: 1 }, viewer);
    expect(read.flat().map(({ instanceId, metricName, metricValue }) => [instanceId, metricName, metricValue])).toEqual(
      ids.flatMap((id) => [
        [id, "load_average_1min", 2],
        [id, "uptime_seconds", 100],
      ]),
    );
    const whole = (await ask({ metricName: "load_average_1min" }, viewer)).metrics;
    expect(whole.map(({ instanceId }) => instanceId)).toEqual(ids);
    expect(whole.map(({ timestamp }) => timestamp)).toEqual([now, now - MINUTE, now - 2 * MINUTE]);
  });
});
