import { describe, expect, it } from "vitest";
import { listAll, sessionWith, startCloud } from "../testing/outside.ts";
import { refused } from "./vultr-call.ts";
import { bareMetalOf, bareMetalSchema, instanceOf, instanceSchema } from "./vultr-instance.ts";
import { vultr } from "./vultr.ts";

const NOTHING_KNOWN = { regionNames: new Map(), plans: new Map() };
const SAID = { id: "4f0f12e5-1f84-404f-aa84-85f431ea5ec2", region: "ams" };

const instance = (said: object) => instanceOf(instanceSchema.parse({ ...SAID, ...said }), NOTHING_KNOWN);
const metal = (said: object) => bareMetalOf(bareMetalSchema.parse({ ...SAID, ...said }), NOTHING_KNOWN);

describe("a Vultr instance", () => {
  it.each([
    ["active", "running", "ok", "running"],
    ["active", "running", "locked", "running"],
    ["active", "running", "installingbooting", "starting"],
    ["active", "stopped", "ok", "stopped"],
    ["active", "melting", "ok", "unknown"],
    ["pending", "running", "none", "starting"],
    ["resizing", "running", "ok", "starting"],
    ["suspended", "running", "ok", "suspended"],
    ["dreaming", "running", "ok", "unknown"],
  ])("that is %s, %s, %s is %s, in its own words too", (status, power_status, server_status, expected) => {
    const { status: ours, statusText } = instance({ status, power_status, server_status });
    expect(ours).toBe(expected);
    expect(statusText).toBe(`${status}, ${power_status}, ${server_status}`);
  });

  it("has no address while it has none", () => {
    expect(instance({ main_ip: "0.0.0.0", v6_main_ip: "", internal_ip: "" })).toMatchObject({
      publicAddresses: [],
      privateAddresses: [],
    });
    const given = { main_ip: "45.76.0.9", v6_main_ip: "2001:db8::9", internal_ip: "10.1.0.9" };
    expect(instance(given)).toMatchObject({
      publicAddresses: ["45.76.0.9", "2001:db8::9"],
      privateAddresses: ["10.1.0.9"],
    });
  });

  it.each([
    ["2020-10-10T01:56:20+00:00", Date.UTC(2020, 9, 10, 1, 56, 20)],
    ["2017-04-12 18:45:41", Date.UTC(2017, 3, 12, 18, 45, 41)],
    ["yesterday", null],
    ["", null],
  ])("was made on %j", (date_created, expected) => {
    expect(instance({ date_created }).createdAt).toBe(expected);
  });

  it("has the tags of both fields, old and new", () => {
    expect(instance({ tags: ["Web", "prod"], tag: "old one" }).tags).toEqual(["old-one", "prod", "web"]);
  });

  it("is called by its label, its hostname or its id", () => {
    expect(instance({ label: "web-1", hostname: "web" }).name).toBe("web-1");
    expect(instance({ label: "", hostname: "web" }).name).toBe("web");
    expect(instance({}).name).toBe(SAID.id);
  });

  it("says nothing of what it is not told", () => {
    expect(instance({ ram: "much", disk: null })).toMatchObject({
      cpuCount: null,
      memoryBytes: null,
      diskBytes: null,
      bandwidth: null,
      monthlyCost: null,
      regionName: null,
      plan: null,
      image: null,
    });
  });
});

describe("bare metal at Vultr", () => {
  it.each([
    ["2x 960GB SSD", 2 * 960e9],
    ["2x 240 GB SSD", 2 * 240e9],
    ["1 TB HDD", 1e12],
    ["2x 480GB SSD + 2x 3.84TB NVMe", 2 * 480e9 + 2 * 3.84e12],
    ["a lot", null],
    ["2x 960GB SSD + a lot", null],
    ["", null],
  ])("with the disks %j has so many bytes", (disk, expected) => {
    expect(metal({ disk }).diskBytes).toBe(expected);
  });

  it("has its memory in words", () => {
    expect(metal({ ram: "32768 MB" }).memoryBytes).toBe(32 * 2 ** 30);
    expect(metal({ ram: "32 sticks" }).memoryBytes).toBeNull();
  });

  it.each([
    ["active", "running"],
    ["pending", "starting"],
    ["suspended", "suspended"],
    ["odd", "unknown"],
  ])("that is %s is %s: nothing is said of power", (status, expected) => {
    expect(metal({ status })).toMatchObject({ status: expected, statusText: status });
  });
});

describe("Vultr", () => {
  const february = Date.UTC(2026, 1, 2, 12);

  it("tells what went out in this month, of both kinds of machines", async () => {
    const cloud = await startCloud("vultr", 50);
    const session = sessionWith(cloud, { now: february });
    for (const at of [0, 49]) {
      const { id } = cloud.machines[at]!;
      expect(await vultr.bandwidth!(session, id)).toEqual({ usedBytes: 300_000_000, allowedBytes: null });
    }
    expect(await vultr.bandwidth!({ ...session, now: Date.UTC(2026, 2, 1) }, cloud.machines[0]!.id)).toMatchObject({
      usedBytes: 0,
    });
  });

  it("asks once for the traffic of a machine that it has listed, whatever its kind", async () => {
    const cloud = await startCloud("vultr", 50);
    const session = sessionWith(cloud, { now: february });
    await listAll(vultr, session);
    await vultr.bandwidth!(session, cloud.machines[49]!.id);
    const { asked } = await cloud.told();
    expect(asked["GET /v2/bare-metals/{id}/bandwidth"]).toBe(1);
    expect(asked["GET /v2/instances/{id}/bandwidth"]).toBeUndefined();
  });

  it("knows nothing of the traffic of a machine that has ended", async () => {
    const session = sessionWith(await startCloud("vultr"), { now: february });
    expect(await vultr.bandwidth!(session, SAID.id)).toEqual({ usedBytes: null, allowedBytes: null });
  });

  it("says of what goes out included, and what it costs", async () => {
    const cloud = await startCloud("vultr", 50);
    const { instances } = await listAll(vultr, sessionWith(cloud));
    const [one, bare] = [instances[0]!, instances.at(-1)!];
    await cloud.order({ change: { [one.id]: { plan: "vc2-2c-4gb" } } });
    const [changed] = (await listAll(vultr, sessionWith(cloud))).instances;
    expect(changed).toMatchObject({
      bandwidth: { usedBytes: null, allowedBytes: 3 * 2 ** 40 },
      monthlyCost: { amount: 20, currency: "USD" },
    });
    expect(bare).toMatchObject({
      bandwidth: { usedBytes: null, allowedBytes: 5 * 2 ** 40 },
      monthlyCost: { amount: 120, currency: "USD" },
    });
  });

  it("lists without names and prices where only these cannot be had, and asks for them again", async () => {
    const cloud = await startCloud("vultr", 3);
    const session = sessionWith(cloud);
    await cloud.order({ fault: { kind: "html", on: "/v2/plans" } });
    expect((await listAll(vultr, session)).instances.map(({ monthlyCost }) => monthlyCost)).toEqual([null, null, null]);
    await cloud.order({ fault: null });
    const { instances } = await listAll(vultr, session);
    expect(instances.every(({ monthlyCost, regionName }) => monthlyCost !== null && regionName !== null)).toBe(true);
  });

  it("asks for names and prices once, without the key", async () => {
    const cloud = await startCloud("vultr", 600);
    const session = sessionWith(cloud);
    await listAll(vultr, session);
    await listAll(vultr, session);
    const { asked, complaints } = await cloud.told();
    expect(asked).toMatchObject({ "GET /v2/regions": 1, "GET /v2/plans": 1, "GET /v2/plans-metal": 1 });
    expect(complaints).toEqual([]);
  });

  it("knows an allow-list of addresses for what it is, and says what to do about it", async () => {
    const cloud = await startCloud("vultr", 1);
    await cloud.order({ fault: { kind: "address_refused" } });
    await expect(vultr.page(sessionWith(cloud), null)).rejects.toMatchObject({
      code: "address_refused",
      message: expect.not.stringContaining("2a06:98c0"),
      remedy: expect.stringMatching(/Account > API.*0\.0\.0\.0\/0 and ::\/0.*proxy/),
    });
  });

  it.each([
    [401, '{"error":"Unauthorized IP address: 1.2.3.4","status":401}', "address_refused"],
    [403, "Your IP (1.2.3.4) is not authorized to use this API key", "address_refused"],
    [401, '{"error":"Invalid API token.","status":401}', "key_refused"],
    [403, '{"error":"Forbidden","status":403}', "rights_missing"],
    [403, "<p>Your IP is not authorized</p>", "not_understood"],
    [400, '{"error":"Invalid cursor","status":400}', "not_understood"],
  ])("takes %i with %s for %s", (status, text, code) => {
    const json: unknown = text.startsWith("{") ? JSON.parse(text) : undefined;
    expect(refused({ status, text, json, headers: new Headers() }).code).toBe(code);
  });

  it("names the right that a sub-user lacks", async () => {
    const cloud = await startCloud("vultr", 1);
    await cloud.order({ fault: { kind: "no_rights" } });
    await expect(vultr.page(sessionWith(cloud), null)).rejects.toMatchObject({
      code: "rights_missing",
      remedy: expect.stringContaining("View Servers"),
    });
  });

  it("takes no cursor that leads nowhere for an end", async () => {
    const session = sessionWith(await startCloud("vultr", 3));
    await expect(vultr.page(session, "instances:bm93aGVyZQ==")).rejects.toMatchObject({ code: "not_understood" });
  });
});
