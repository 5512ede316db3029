import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createAgent } from "../../agent/agent.ts";
import { systemClock } from "../../agent/clock.ts";
import { configOf } from "../../agent/config.ts";
import { rootAt, startMetadata } from "../../agent/metadata-for-tests.ts";
import type { InstanceDetail } from "../../contract/instance.ts";
import type { DiscoveryReport } from "../../contract/providers.ts";
import type { SeriesColumns } from "../../contract/series.ts";
import { Launched } from "../launched.ts";
import type { Cloud } from "../outside/cloud.ts";
import { Ec2 } from "../outside/ec2.ts";
import { Vultr } from "../outside/vultr.ts";
import { SignedIn } from "../owner.ts";
import { RealAgent } from "../real-agent.ts";
import { readSpool } from "../spool-on-disk.ts";

/** A machine that its provider lists and from which an agent reports, at a real edge: one instance, whichever came first. */
const MACHINES = 3;

let nephos: Launched;
let owner: SignedIn;
const states = mkdtempSync(join(tmpdir(), "nephos-agents-"));
let number = 0;
let id: string;
let cloud: Cloud;
let machineId: string;

beforeAll(async () => {
  nephos = await Launched.start("--no-agent");
  owner = await SignedIn.by(nephos.link);
  await owner.send("PUT", "/api/sentinel/settings", {
    regions: ["weur"],
    allowsPrivateTargets: true,
    ownHostnames: [],
    makesDefaultChecks: false,
  });
});
afterAll(async () => {
  await nephos?.end();
  rmSync(states, { recursive: true, force: true });
});
beforeEach(() => void (id = `agent-${++number}`));

async function rent(Kind: typeof Ec2 | typeof Vultr): Promise<void> {
  cloud = await (Kind as typeof Vultr).start(MACHINES, number);
  onTestFinished(() => cloud.stop());
  machineId = [...cloud.machines.keys()][1]!;
  cloud.obey({ change: { [machineId]: { state: "running" } } });
}

/** Its key may come again with the next test. */
async function connect(): Promise<DiscoveryReport> {
  const account = { name: "Production", credentials: cloud.credentials, endpoint: cloud.url };
  const report = await owner.send<DiscoveryReport>("POST", "/api/provider-accounts", account);
  onTestFinished(() => owner.send<void>("DELETE", `/api/provider-accounts/${report.account.id}`));
  return report;
}

/** The agent as it is installed. AWS writes a machine's id into its firmware, so that nobody needs to be asked. */
async function installed(): Promise<void> {
  const { secret: token } = await owner.newToken(id);
  const root = rootAt("aws");
  writeFileSync(join(root, "sys/class/dmi/id/board_asset_tag"), `${machineId}\n`);
  const place = { origin: nephos.url, token, instanceId: id, stateDirectory: join(states, id), root };
  const agent = new RealAgent(place);
  agent.start();
  onTestFinished(async () => {
    await agent.stop();
    rmSync(root, { recursive: true });
  });
}

/** The agent's own code in this process, with another address for the metadata service: that one answers when it is told to. */
async function withMetadata(): Promise<{ tellId(): void }> {
  const { secret } = await owner.newToken(id);
  const root = rootAt("vultr");
  const metadata = await startMetadata("vultr");
  const asked = new Promise<() => void>((resolve) => {
    metadata.answers.push((response) => resolve(() => response.end(machineId)));
  });
  const settings = {
    NEPHOS_ENDPOINT: nephos.url,
    NEPHOS_TOKEN: secret,
    NEPHOS_STATE_DIRECTORY: join(states, id),
    NEPHOS_ROOT: root,
    COLLECTION_INTERVAL: "1000",
  };
  const silent = { info: () => {}, warn: () => {}, debug: () => {} };
  const agent = createAgent(configOf(settings, "send"), id, systemClock, silent, metadata.url);
  await agent.start();
  onTestFinished(async () => {
    await agent.stop();
    await metadata.close();
    rmSync(root, { recursive: true });
  });
  return { tellId: await asked };
}

const detail = () => owner.get<InstanceDetail>(`/api/instances/${id}`);

/** Every instance a viewer is shown. */
async function shown(): Promise<string[]> {
  const viewer = await owner.viewer();
  const { instances } = await viewer.next("snapshot");
  viewer.socket.close();
  return instances.map((one) => one.id);
}

/** Those of this test's cloud, and its agent's. */
async function ofThisTest(): Promise<string[]> {
  return (await shown()).filter((one) => one === id || cloud.machines.has(one));
}

async function history(): Promise<number[]> {
  const window = `from=${Date.now() - 600_000}&to=${Date.now() + 60_000}&points=2000`;
  return (await owner.get<SeriesColumns>(`/api/instances/${id}/series?metrics=load_5m&${window}`)).at;
}

const hasSamples = (least: number) =>
  expect
    .poll(
      () =>
        history()
          .then(({ length }) => length)
          .catch(() => 0),
      { timeout: 15_000 },
    )
    .toBeGreaterThan(least);

const isOneWithItsMachine = () =>
  expect.poll(async () => (await detail()).instance.cloud?.id, { timeout: 15_000 }).toBe(machineId);

/** One instance, with the history of the agent and the facts of the cloud; and so it stays with the next list. */
async function staysOne(before: readonly number[], { account }: DiscoveryReport): Promise<void> {
  const discover = () => owner.send<DiscoveryReport>("POST", `/api/provider-accounts/${account.id}/discover`);
  const others = [...cloud.machines.keys()].filter((one) => one !== machineId);
  expect((await ofThisTest()).sort()).toEqual([...others, id].sort());
  await hasSamples(before.length);
  expect(await history()).toEqual(expect.arrayContaining([...before]));
  expect(await discover()).toMatchObject({ found: MACHINES, added: 0, changed: 0, gone: 0 });
  const { instance, events } = await detail();
  const { plan, address } = cloud.machines.get(machineId)!;
  expect(instance).toMatchObject({ memoryTotalBytes: expect.any(Number), agentVersion: expect.any(String) });
  expect(instance.cloud).toMatchObject({ id: machineId, plan, publicAddresses: expect.arrayContaining([address]) });
  expect(events.filter(({ kind }) => kind === "merged")).toHaveLength(1);
  // Both are heard of it from now on, also where they contradict each other.
  cloud.obey({ change: { [machineId]: { state: "stopped" } } });
  expect(await discover()).toMatchObject({ found: MACHINES, added: 0, changed: 1, gone: 0 });
  const judgement = (await detail()).instance.judgement!;
  expect(judgement.verdict).toBe("unsure");
  expect(judgement.witnesses.map(({ kind }) => kind).sort()).toEqual(["agent", "provider"]);
  const stored = await history();
  const taken = [...(await readSpool(join(states, id, "spool"))).values()].flatMap(({ samples }) => [
    ...samples.values(),
  ]);
  // What was taken since then is on its way.
  expect(taken.filter((at) => at <= stored.at(-1)! && !stored.includes(at))).toEqual([]);
}

describe("an installed agent and its machine at AWS are one instance", () => {
  beforeEach(() => rent(Ec2));

  it("where the list came first", async () => {
    const report = await connect();
    expect(report).toMatchObject({ found: MACHINES, added: MACHINES });
    await installed();
    await hasSamples(0);
    await isOneWithItsMachine();
    expect((await detail()).events.map(({ kind }) => kind)).toContain("added");
    await staysOne(await history(), report);
  });

  it("where the agent came first", async () => {
    await installed();
    await hasSamples(1);
    const before = await history();
    const report = await connect();
    expect(report).toMatchObject({ found: MACHINES, added: MACHINES - 1, changed: 1 });
    await isOneWithItsMachine();
    await staysOne(before, report);
  });
});

describe("an agent that learns only later which machine of Vultr it is on keeps its history", () => {
  beforeEach(() => rent(Vultr));

  it("where the list came first", async () => {
    const report = await connect();
    const { tellId } = await withMetadata();
    await hasSamples(0);
    const before = await history();
    expect(await ofThisTest()).toHaveLength(MACHINES + 1);
    tellId();
    await isOneWithItsMachine();
    await staysOne(before, report);
  });

  it("where the agent came first, and the list before it knew", async () => {
    const { tellId } = await withMetadata();
    await hasSamples(0);
    const before = await history();
    const report = await connect();
    expect(await ofThisTest()).toHaveLength(MACHINES + 1);
    tellId();
    await isOneWithItsMachine();
    await staysOne(before, report);
  });
});
