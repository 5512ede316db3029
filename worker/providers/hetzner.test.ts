import { describe, expect, it } from "vitest";
import { listAll, sessionWith, startCloud } from "../testing/outside.ts";
import { hetzner } from "./hetzner.ts";

/** The first server says everything and is where `location` says; the second says little, and that in the old way. */
async function twoThatAre(facts: object) {
  const cloud = await startCloud("hetzner", 2);
  await cloud.order({ change: Object.fromEntries(cloud.machines.map(({ id }) => [id, facts])) });
  const { instances } = await listAll(hetzner, sessionWith(cloud));
  return [instances[0]!, instances[1]!] as const;
}

describe("a server of Hetzner Cloud", () => {
  it.each([
    ["running", "running"],
    ["off", "stopped"],
    ["starting", "starting"],
    ["initializing", "starting"],
    ["rebuilding", "starting"],
    ["stopping", "stopping"],
    ["deleting", "stopping"],
    ["migrating", "unknown"],
    ["unknown", "unknown"],
  ])("that is %s is %s, in its own words too", async (state, expected) => {
    const [server] = await twoThatAre({ state });
    expect(server).toMatchObject({ status: expected, statusText: state });
  });

  it("is where it is said to be, in the new way or the old one", async () => {
    const [recent, old] = await twoThatAre({ region: "hel1" });
    expect(recent).toMatchObject({ region: "hel1", regionName: "Helsinki", zone: null });
    expect(old).toMatchObject({ region: "hel1", regionName: "Helsinki", zone: "hel1-dc14" });
  });

  it("costs what its type costs at its place, VAT included", async () => {
    const [here] = await twoThatAre({ region: "fsn1", plan: "cx22" });
    const [there] = await twoThatAre({ region: "hel1", plan: "cx22" });
    expect(here.monthlyCost).toEqual({ amount: expect.closeTo(3.79 * 1.19), currency: "EUR" });
    expect(there.monthlyCost).toEqual({ amount: expect.closeTo(3.79 * 1.1 * 1.19), currency: "EUR" });
  });

  it("has the first address of its IPv6 network, after the IPv4 one, where it has that", async () => {
    const [both] = await twoThatAre({ address: "78.1.2.3", privateAddress: "10.0.0.7" });
    expect(both).toMatchObject({
      publicAddresses: ["78.1.2.3", "2a01:4f8:c17:23::1"],
      privateAddresses: ["10.0.0.7"],
    });
    const [one] = await twoThatAre({ address: "" });
    expect(one.publicAddresses).toEqual(["2a01:4f8:c17:0::1"]);
  });

  it("tells what goes out of what is included, where it is told", async () => {
    const [told, untold] = await twoThatAre({});
    expect(told.bandwidth).toEqual({ usedBytes: 123_456_789_012, allowedBytes: 20 * 2 ** 40 });
    expect(untold.bandwidth).toBeNull();
  });

  it("has the sizes of its type, the disk that it has kept, and its labels as tags", async () => {
    const [server, bare] = await twoThatAre({ plan: "ccx13", tags: ["env=prod", "role=Web_Server", "backup="] });
    expect(server).toMatchObject({
      cpuCount: 2,
      memoryBytes: 8 * 2 ** 30,
      diskBytes: 40e9,
      image: "Debian 12",
      createdAt: Date.UTC(2024, 0, 30, 23, 55),
      tags: ["backup", "env:prod", "role:web_server"],
    });
    expect(bare.image).toBeNull();
  });

  it("is impaired where Hetzner has blocked an address of it, and only there", async () => {
    expect((await twoThatAre({ isImpaired: true }))[0].impaired).toContain("blocked");
    expect((await twoThatAre({}))[0].impaired).toBeNull();
  });
});

/** What is made of a list of one server that says this. */
async function pageOf(server: object) {
  const session = sessionWith(await startCloud("hetzner"));
  const json = { servers: [server], meta: { pagination: { next_page: null } } };
  return hetzner.page({ ...session, ask: async () => ({ status: 200, headers: new Headers(), text: "", json }) }, null);
}

describe("Hetzner Cloud", () => {
  it("names the right that a token lacks", async () => {
    const cloud = await startCloud("hetzner", 1);
    await cloud.order({ fault: { kind: "no_rights" } });
    await expect(hetzner.page(sessionWith(cloud), null)).rejects.toMatchObject({
      code: "rights_missing",
      remedy: expect.stringContaining('"Read"'),
    });
  });

  it("is not understood where a server is nowhere: its region would count as gone", async () => {
    await expect(pageOf({ id: 1, name: "lost" })).rejects.toMatchObject({ code: "not_understood" });
  });

  it("says nothing of what it is not told, and guesses no address in a network of another form", async () => {
    const network = { ip: "2a01:4f8:c17::/56" };
    const { instances } = await pageOf({
      id: 1,
      location: { name: "fsn1" },
      public_net: { ipv4: null, ipv6: network },
    });
    expect(instances).toMatchObject([
      {
        id: "1",
        name: "1",
        status: "unknown",
        regionName: null,
        plan: null,
        diskBytes: null,
        publicAddresses: [],
        createdAt: null,
        monthlyCost: null,
        bandwidth: null,
      },
    ]);
  });

  it("is known to be asked too often by its own word for it, whatever the status", async () => {
    const session = sessionWith(await startCloud("hetzner"));
    const json = { error: { code: "rate_limit_exceeded", message: "limit reached" } };
    const answer = { status: 403, headers: new Headers(), text: "", json };
    let isTooOften: boolean | undefined;
    const ask: typeof session.ask = async (_request, known) => {
      isTooOften = known?.(answer);
      return answer;
    };
    await expect(hetzner.page({ ...session, ask }, null)).rejects.toBeDefined();
    expect(isTooOften).toBe(true);
  });
});
