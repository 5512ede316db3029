import { describe, expect, it } from "vitest";
import { listAll, sessionWith, startCloud, type StartedCloud } from "../testing/outside.ts";
import { aws } from "./aws.ts";
import { ProviderProblem, type Session } from "./provider.ts";

const ALL = ["ap-southeast-2", "eu-central-1", "eu-west-1", "us-east-1"];

/** Looks only in these regions. */
function inRegions(cloud: StartedCloud<"aws">, regions: string[]) {
  return sessionWith({ ...cloud, credentials: { ...cloud.credentials, regions } });
}

async function oneThatIs(facts: object) {
  const cloud = await startCloud("aws", 1);
  const { id } = cloud.machines[0]!;
  await cloud.order({ change: { [id]: facts } });
  return (await listAll(aws, sessionWith(cloud))).instances;
}

describe("an EC2 instance", () => {
  it.each([
    ["pending", "starting"],
    ["running", "running"],
    ["shutting-down", "stopping"],
    ["stopping", "stopping"],
    ["stopped", "stopped"],
  ])("that is %s is %s, whatever is in the high byte", async (state, expected) => {
    expect(await oneThatIs({ state })).toMatchObject([{ status: expected, statusText: state }]);
  });

  it("that is terminated is gone", async () => {
    expect(await oneThatIs({ state: "terminated" })).toEqual([]);
  });

  it("is called by its tag Name, or by its name inside", async () => {
    const [named] = await oneThatIs({ name: "Büro & Co <1>" });
    expect(named?.name).toBe("Büro & Co <1>");
    const [other] = await oneThatIs({ name: "", region: "eu-west-1", privateAddress: "172.31.0.7" });
    expect(other?.name).toBe("ip-172-31-0-7.eu-west-1.compute.internal");
  });

  it("has the addresses of its interfaces, IPv4 first, each once", async () => {
    const facts = { state: "running", address: "18.1.2.3", privateAddress: "172.31.0.7" };
    expect(await oneThatIs(facts)).toMatchObject([
      { publicAddresses: ["18.1.2.3", "2a05:d018::0:7"], privateAddresses: ["172.31.0.7"] },
    ]);
  });

  it("has its labels as tags, without those of AWS", async () => {
    const [instance] = await oneThatIs({ tags: ["Environment=Production", "Team=R&D <Berlin>", "Backup="] });
    expect(instance?.tags).toEqual(["backup", "environment:production", "team:r-d-berlin"]);
  });

  it("has as many processors as it has threads, and no price", async () => {
    expect(await oneThatIs({ region: "eu-west-1" })).toMatchObject([
      {
        cpuCount: 4,
        monthlyCost: null,
        zone: "eu-west-1b",
        regionName: "Europe (Ireland)",
        createdAt: Date.UTC(2026, 0, 20, 10, 11, 12),
      },
    ]);
  });

  it("is impaired where a check of AWS fails, and only there", async () => {
    const cloud = await startCloud("aws", 3);
    const broken = cloud.machines[0]!.id;
    const running = Object.fromEntries(cloud.machines.map(({ id }) => [id, { state: "running" }]));
    await cloud.order({ change: { ...running, [broken]: { state: "running", isImpaired: true } } });
    const { instances } = await listAll(aws, sessionWith(cloud));
    const impaired = instances.map(({ id, impaired: words }) => [id === broken, words]);
    expect(impaired).toContainEqual([true, "the system it runs on"]);
    expect(impaired.filter(([, words]) => words !== null)).toHaveLength(1);
  });
});

describe("AWS", () => {
  it("looks in the regions that were chosen and in no other, without asking for the list", async () => {
    const cloud = await startCloud("aws", 40);
    const { instances } = await listAll(aws, inRegions(cloud, ["us-east-1", "eu-west-1"]));
    expect(new Set(instances.map(({ region }) => region))).toEqual(new Set(["eu-west-1", "us-east-1"]));
    expect(Object.keys((await cloud.told()).asked).filter((name) => !/(eu-west|us-east)-1$/.test(name))).toEqual([]);
    expect((await cloud.told()).asked["DescribeRegions us-east-1"]).toBeUndefined();
  });

  it("reads the status of more than a thousand, once for a region", async () => {
    const cloud = await startCloud("aws", 1_200);
    const there = cloud.machines.map(({ id }) => [id, { region: "eu-west-1", state: "running" }] as const);
    const last = cloud.machines.at(-1)!.id;
    await cloud.order({ change: Object.fromEntries([...there, [last, { ...there[0]![1], isImpaired: true }]]) });
    const { instances } = await listAll(aws, inRegions(cloud, ["eu-west-1"]));
    expect(instances.find(({ id }) => id === last)?.impaired).not.toBeNull();
    expect((await cloud.told()).asked).toEqual({
      "DescribeInstances eu-west-1": 5,
      "DescribeInstanceStatus eu-west-1": 2,
    });
  });

  it.each([
    ["is not enabled", { kind: "key_refused", on: "DescribeInstances eu-west-1" }],
    ["is forbidden by a policy above the account", { kind: "denied_by_policy", on: "eu-west-1" }],
  ] as const)("leaves out a region that %s, says so, and lists the others", async (_why, fault) => {
    const cloud = await startCloud("aws", 40);
    await cloud.order({ fault });
    for (const session of [sessionWith(cloud), inRegions(cloud, ALL)]) {
      const { instances, unlisted } = await listAll(aws, session);
      expect(unlisted).toEqual([{ region: "eu-west-1", message: expect.stringContaining("eu-west-1") }]);
      expect(new Set(instances.map(({ region }) => region)).size).toBe(3);
    }
  });

  it("asks each region at its own address, and leaves out the one that does not answer there", async () => {
    const addresses: string[] = [];
    const ask: Session<"aws">["ask"] = async (request) => {
      const { url } = await request();
      addresses.push(url);
      if (url.includes("eu-west-1")) throw new ProviderProblem("unavailable", "It did not answer.", "Wait.");
      const text = "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>";
      return { status: 200, headers: new Headers(), text, json: undefined };
    };
    const session = inRegions(await startCloud("aws"), ["eu-west-1", "us-east-1", "cn-north-1"]);
    expect(await listAll(aws, { ...session, endpoint: null, ask })).toMatchObject({
      instances: [],
      unlisted: [{ region: "eu-west-1", message: "It did not answer. Wait." }],
    });
    expect(addresses).toEqual([
      "https://ec2.cn-north-1.amazonaws.com.cn/",
      "https://ec2.eu-west-1.amazonaws.com/",
      "https://ec2.us-east-1.amazonaws.com/",
    ]);
  });

  it("fails as a whole where the key is bad, though regions were chosen", async () => {
    const cloud = await startCloud("aws", 4);
    await cloud.order({ fault: { kind: "key_refused" } });
    await expect(listAll(aws, inRegions(cloud, ALL))).rejects.toMatchObject({ code: "key_refused" });
  });

  it("takes a key without the right to see regions for a good one", async () => {
    const cloud = await startCloud("aws", 40);
    const { machines } = cloud;
    await cloud.order({ fault: { kind: "no_rights", on: "DescribeRegions" } });
    await expect(aws.page(sessionWith(cloud), null)).rejects.toMatchObject({
      code: "rights_missing",
      message: expect.stringContaining("ec2:DescribeRegions"),
    });
    expect((await listAll(aws, inRegions(cloud, ALL))).instances).toHaveLength(machines.length);
  });

  it.each(["DescribeInstances", "DescribeInstanceStatus"])("names the right %s where it is missing", async (action) => {
    const cloud = await startCloud("aws", 40);
    await cloud.order({ fault: { kind: "no_rights", on: `${action} ` } });
    await expect(listAll(aws, sessionWith(cloud))).rejects.toMatchObject({
      code: "rights_missing",
      message: expect.stringContaining(`ec2:${action} `),
    });
  });

  it.each([-20, 20])("says in words that a request of %i minutes from now is out of time", async (minutes) => {
    const cloud = await startCloud("aws", 1);
    const session = sessionWith(cloud, { now: Date.now() + minutes * 60_000 });
    await expect(aws.page(session, null)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("quarter of an hour"),
    });
  });

  it("goes on with the regions it knows while the one that tells of them is out", async () => {
    const cloud = await startCloud("aws", 40);
    const session = sessionWith(cloud);
    await listAll(aws, session);
    await cloud.order({ fault: { kind: "failing", on: "DescribeRegions" } });
    expect((await listAll(aws, session)).instances).toHaveLength(40);
  });

  it("does not take a document that ends early for a short list", async () => {
    const cloud = await startCloud("aws", 40);
    await cloud.order({ fault: { kind: "ends_early", on: "DescribeInstances" } });
    await expect(listAll(aws, sessionWith(cloud))).rejects.toMatchObject({ code: "not_understood" });
  });
});
