import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { fetchApp, Owner, post, storedSamples } from "../testing/people.ts";

let owner: Owner;
beforeAll(async () => {
  owner = await Owner.signedIn();
});

/** The twelve metrics of the original agent, as it names and stamps them. */
function report(instanceId: string, at: number, receivedMegabytes = 1000) {
  const metric = (name: string, value: unknown, unit: string, i = 0) => ({
    name,
    value,
    unit,
    timestamp: new Date(at + i).toISOString(),
    tags: {},
  });
  return {
    instanceId,
    instanceName: "web-1",
    region: "ewr",
    instanceType: "vultr-compute",
    metrics: [
      metric("cpu_usage", 45.2, "percent"),
      metric("memory_usage_percent", 62.5, "percent"),
      metric("memory_used_mb", 2560, "megabytes"),
      metric("memory_free_mb", 1536, "megabytes"),
      metric("disk_usage_percent", 71, "percent"),
      metric("disk_used_mb", 56_800, "megabytes"),
      metric("disk_available_mb", 23_200, "megabytes"),
      metric("load_average_1min", 0.5, "count"),
      metric("load_average_5min", 0.4, "count"),
      metric("load_average_15min", 0.3, "count"),
      metric("network_rx_mb", receivedMegabytes, "megabytes", 1),
      metric("network_tx_mb", 500, "megabytes", 2),
    ],
  };
}

describe.each(["/ingest", "/ingest/vultr"])("the original payload at %s", (path) => {
  it("answers with the original's fields and stores base units", async () => {
    const id = `orig${path.replaceAll("/", "-")}`;
    const { secret } = await owner.newToken();
    const at = Math.floor(Date.now() / 1000) * 1000;
    const reply = await fetchApp(`${path}?token=${secret}`, { method: "POST", body: JSON.stringify(report(id, at)) });
    expect(reply.status).toBe(200);
    expect(await reply.json()).toEqual({
      message: "Metrics ingested successfully",
      metricsIngested: 12,
      instanceUpdated: true,
      alertsGenerated: 0,
    });
    const [sample, ...more] = await storedSamples(id);
    expect(more).toEqual([]);
    expect(sample!.at).toBe(at);
    expect(sample!.metrics).toMatchObject({
      cpu_busy_ratio: expect.closeTo(0.452),
      memory_used_bytes: 2560 * 2 ** 20,
      load_1m: 0.5,
    });
    const row = await env.DB.prepare("SELECT name, region, type FROM instance WHERE id = ?").bind(id).first();
    expect(row).toEqual({ name: "web-1", region: "ewr", type: "vultr-compute" });
  });
});

describe("the original's manners", () => {
  it("makes rates of its counters, and none across a reset", async () => {
    const { secret } = await owner.newToken();
    const at = Math.floor(Date.now() / 1000) * 1000 - 90_000;
    for (const [i, megabytes] of [1000, 1030, 10].entries())
      await post(secret, report("counters", at + i * 30_000, megabytes));
    const rates = (await storedSamples("counters")).map((sample) => sample.metrics["network_receive_bytes_per_second"]);
    expect(rates).toEqual([undefined, 2 ** 20, undefined]);
  });

  it("takes the guide's connectivity test, and leaves the token free for the real machine", async () => {
    const { secret } = await owner.newToken();
    const reply = await post(secret, { instanceId: "test", metrics: [] });
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({
      message: "Metrics ingested successfully",
      metricsIngested: 0,
      instanceUpdated: false,
    });
    expect((await post(secret, report("the-real-one", Date.now()))).status).toBe(200);
    const known = await post(secret, { instanceId: "the-real-one", metrics: [] });
    expect(await known.json()).toMatchObject({ metricsIngested: 0, instanceUpdated: true });
  });

  it.each([{}, { instanceId: "x" }, { metrics: [] }])("answers %j with the original's 400", async (body) => {
    const { secret } = await owner.newToken();
    const reply = await post(secret, body);
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ error: "Bad Request", message: "instanceId and metrics are required" });
  });

  it("skips and counts values that are no numbers", async () => {
    const { secret } = await owner.newToken();
    const metrics = [
      { name: "network_eth0_ip", value: "10.1.2.3" },
      { name: "__proto__", value: 1 },
      { name: "load_average_1min", value: "0.25" },
    ];
    const reply = await post(secret, { instanceId: "odd", metrics });
    expect(await reply.json()).toMatchObject({ metricsIngested: 1, metricsSkipped: 2 });
    expect((await storedSamples("odd"))[0]!.metrics).toEqual({ load_1m: 0.25 });
  });

  it("lets the server's clock decide when a timestamp is years off, and says so", async () => {
    const { secret } = await owner.newToken();
    const reply = await post(secret, report("old-clock", Date.parse("2001-01-01")));
    expect(await reply.json()).toMatchObject({ metricsIngested: 12, clock: expect.stringContaining("server's time") });
    expect(Math.abs((await storedSamples("old-clock"))[0]!.at - Date.now())).toBeLessThan(30_000);
  });

  it("answers a preflight with an empty 200 for any origin", async () => {
    const reply = await fetchApp("/ingest/vultr", { method: "OPTIONS" });
    expect(reply.status).toBe(200);
    expect(await reply.text()).toBe("");
    expect(reply.headers.get("access-control-allow-origin")).toBe("*");
  });

  it("lets a page of any origin read the answer, the refusal too", async () => {
    const { secret } = await (await Owner.signedIn()).newToken();
    for (const token of [secret, "nep_wrong"]) {
      const reply = await fetchApp(`/ingest?token=${token}`, {
        method: "POST",
        headers: { origin: "https://status.example" },
        body: JSON.stringify({ instanceId: "from-a-page", metrics: [] }),
      });
      expect(reply.headers.get("access-control-allow-origin")).toBe("*");
    }
  });
});
