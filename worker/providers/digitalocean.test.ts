import { describe, expect, it } from "vitest";
import { listAll, sessionWith, startCloud } from "../testing/outside.ts";
import { digitalocean } from "./digitalocean.ts";
import type { Session } from "./provider.ts";

async function oneThatIs(facts: object) {
  const cloud = await startCloud("digitalocean", 1);
  await cloud.order({ change: { [cloud.machines[0]!.id]: facts } });
  return (await listAll(digitalocean, sessionWith(cloud))).instances;
}

/** A session with an API that says this, and what it was asked. */
function saying(json: unknown) {
  const asked: string[] = [];
  const ask: Session<"digitalocean">["ask"] = async (request) => {
    asked.push((await request()).url);
    return { status: 200, headers: new Headers(), text: "", json };
  };
  const credentials = { kind: "digitalocean", token: "dop_v1_token" } as const;
  return { asked, session: { credentials, endpoint: null, ask, now: 0, memo: new Map<string, unknown>() } };
}

describe("a droplet", () => {
  it.each([
    ["new", "starting"],
    ["active", "running"],
    ["off", "stopped"],
    ["archive", "stopped"],
    ["melting", "unknown"],
  ])("that is %s is %s, in its own words too", async (state, expected) => {
    expect(await oneThatIs({ state })).toMatchObject([{ status: expected, statusText: state }]);
  });

  it("has what its size has, its price, and what goes out included", async () => {
    const facts = { plan: "s-1vcpu-512mb-10gb", region: "fra1", address: "104.1.2.3", privateAddress: "10.110.0.7" };
    expect(await oneThatIs({ ...facts, tags: ["Team_A", "env:prod"] })).toMatchObject([
      {
        plan: "s-1vcpu-512mb-10gb",
        cpuCount: 1,
        memoryBytes: 2 ** 29,
        diskBytes: 10 * 2 ** 30,
        regionName: "Frankfurt 1",
        image: "Ubuntu 24.04 (LTS) x64",
        publicAddresses: ["104.1.2.3", "2604:a880:0:1010::4000"],
        privateAddresses: ["10.110.0.7"],
        createdAt: Date.UTC(2024, 6, 21, 10),
        tags: ["env:prod", "team_a"],
        monthlyCost: { amount: 4, currency: "USD" },
        bandwidth: { usedBytes: null, allowedBytes: 500 * 2 ** 30 },
      },
    ]);
  });

  it("says nothing of what it is not told", async () => {
    const droplet = { id: 7, region: { slug: "nyc3" }, size: null, image: null, networks: {}, created_at: null };
    const { instances } = await digitalocean.page(saying({ droplets: [droplet] }).session, null);
    expect(instances).toMatchObject([
      {
        id: "7",
        name: "7",
        status: "unknown",
        regionName: null,
        plan: null,
        image: null,
        memoryBytes: null,
        publicAddresses: [],
        createdAt: null,
        monthlyCost: null,
        bandwidth: null,
      },
    ]);
  });
});

describe("DigitalOcean", () => {
  it("is asked for droplets, and for those with a graphics processor, which it lists apart", async () => {
    const cloud = await startCloud("digitalocean", 450);
    const { instances } = await listAll(digitalocean, sessionWith(cloud));
    expect(instances.filter(({ plan }) => plan === "gpu-h100x1-80gb")).toHaveLength(11);
    expect((await cloud.told()).asked).toEqual({ "GET /v2/droplets droplets": 3, "GET /v2/droplets gpus": 1 });
  });

  it("is asked at its own address, wherever the next page is said to be", async () => {
    const next = "https://elsewhere.example/v2/droplets?page=2&token=1";
    const { asked, session } = saying({ droplets: [], links: { pages: { next } } });
    const page = await digitalocean.page(session, null);
    await digitalocean.page(session, page.next).catch(() => {});
    expect(asked).toEqual([
      "https://api.digitalocean.com/v2/droplets?type=droplets&per_page=200&page=1",
      "https://api.digitalocean.com/v2/droplets?type=droplets&per_page=200&page=2",
    ]);
  });

  it("is asked below an address of the account's own, however that ends", async () => {
    const { asked, session } = saying({ droplets: [] });
    await digitalocean.page({ ...session, endpoint: "https://proxy.example/do/" }, null);
    expect(asked).toEqual(["https://proxy.example/do/v2/droplets?type=droplets&per_page=200&page=1"]);
  });

  it.each(["https://api.digitalocean.com/v2/droplets", "?page=2", "https://a.example/?page=-1"])(
    "is not understood where the next page is %j",
    async (next) => {
      const { session } = saying({ droplets: [], links: { pages: { next } } });
      await expect(digitalocean.page(session, null)).rejects.toMatchObject({ code: "not_understood" });
    },
  );

  it.each(["two\nlines", "ein Schlüssel"])("is not asked with a token that no request can hold: %j", async (token) => {
    const { asked, session } = saying({});
    const withIt = { ...session, credentials: { ...session.credentials, token } };
    await expect(digitalocean.page(withIt, null)).rejects.toMatchObject({ code: "key_refused" });
    expect(asked).toEqual([]);
  });

  it("names the right that a token lacks", async () => {
    const cloud = await startCloud("digitalocean", 1);
    await cloud.order({ fault: { kind: "no_rights" } });
    await expect(digitalocean.page(sessionWith(cloud), null)).rejects.toMatchObject({
      code: "rights_missing",
      remedy: expect.stringContaining("droplet:read"),
    });
  });
});
