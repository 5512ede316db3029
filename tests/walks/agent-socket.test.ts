import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import type { Operations } from "../../contract/operations.ts";
import type { SeriesColumns } from "../../contract/series.ts";
import { Launched } from "../launched.ts";
import { CuttableWire } from "../outside/cuttable-wire.ts";
import { UpgradeRefusingProxy } from "../outside/upgrade-refusing-proxy.ts";
import { SignedIn } from "../owner.ts";
import { RealAgent } from "../real-agent.ts";
import { readSpool, type KeptStream } from "../spool-on-disk.ts";

/** How samples of a real agent come to a real edge: on its socket, and where that is in the way. */
const FIXTURE = resolve("agent/fixtures/debian-vm");
/** With it off, the readings of a second ago may still be on their way; then a few seconds in which none comes. */
const UNDER_WAY_MS = 1_500;
const QUIET_MS = 4_000;

let nephos: Launched;
let owner: SignedIn;
const states = mkdtempSync(join(tmpdir(), "nephos-agents-"));

beforeAll(async () => {
  nephos = await Launched.start("--agent-root", FIXTURE);
  owner = await SignedIn.by(nephos.link);
});
afterAll(async () => {
  await nephos.end();
  rmSync(states, { recursive: true, force: true });
});

const operations = () => owner.get<Operations>("/api/operations");

async function agentAt(origin: string, instanceId: string): Promise<RealAgent> {
  const { secret: token } = await owner.newToken(instanceId);
  const stateDirectory = join(states, instanceId);
  const agent = new RealAgent({ origin, token, instanceId, stateDirectory, root: FIXTURE });
  onTestFinished(() => agent.stop());
  return agent;
}

/** Every sample of this instance there is at the edge. */
async function arrived(instanceId: string): Promise<number[]> {
  const window = `from=${Date.now() - 600_000}&to=${Date.now() + 60_000}&points=2000`;
  const reply = await owner.get<SeriesColumns>(`/api/instances/${instanceId}/series?metrics=load_5m&${window}`);
  return reply.at;
}

/** Every sample this agent has taken; as long as nothing is flushed, all of them are on its disk. */
const taken = async (agent: RealAgent) => timesOf(await agent.spool());

function timesOf(streams: ReadonlyMap<string, KeptStream>): number[] {
  return [...streams.values()].flatMap(({ samples }) => [...samples.values()]).sort((a, b) => a - b);
}

it("the agent of `npm start` comes on a socket; whoever watches gets a reading every second, and none when they leave", async () => {
  await expect.poll(async () => (await operations()).agents, { timeout: 10_000 }).toMatchObject({ sockets: 1 });
  const viewer = await owner.viewer();
  const { instances } = await viewer.next("snapshot");
  const id = instances[0]?.id ?? (await viewer.next("instance")).instance.id;
  viewer.socket.send(JSON.stringify({ type: "watch", instanceId: id }));
  const times: number[] = [];
  while (times.length < 5) times.push((await viewer.next("sample")).sample.at);
  // Its own interval is ten seconds.
  expect(times.at(-1)! - times[0]!).toBeLessThan(8_000);
  viewer.socket.send(JSON.stringify({ type: "unwatch" }));
  await setTimeout(UNDER_WAY_MS);
  const before = (await operations()).socketMessages;
  await setTimeout(QUIET_MS);
  // A sample may have come in between, and the count itself asks nothing of the socket.
  expect((await operations()).socketMessages - before).toBeLessThanOrEqual(1);
});

it("what a viewer watches is shown and not stored: the history has the samples alone", async () => {
  const viewer = await owner.viewer();
  const { instances } = await viewer.next("snapshot");
  const id = instances[0]!.id;
  viewer.socket.send(JSON.stringify({ type: "watch", instanceId: id }));
  const shown: number[] = [];
  while (shown.length < 4) shown.push((await viewer.next("sample")).sample.at);
  viewer.socket.close();
  const stored = await arrived(id);
  const numbered = timesOf(await readSpool(join(nephos.state, "agent/spool")));
  expect(stored.length).toBeGreaterThan(0);
  expect(stored.filter((at) => !numbered.includes(at))).toEqual([]);
  expect(shown.filter((at) => !stored.includes(at)).length).toBeGreaterThanOrEqual(3);
});

it("where a proxy answers for itself to whoever asks for a socket, samples are posted, and each arrives", async () => {
  const proxy = await UpgradeRefusingProxy.to(nephos.port);
  onTestFinished(() => proxy.end());
  const agent = await agentAt(proxy.url, "behind-a-proxy");
  const sockets = (await operations()).agents.sockets;
  agent.start();
  await expect.poll(async () => (await taken(agent)).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(4);
  const sofar = await taken(agent);
  await expect.poll(() => arrived("behind-a-proxy"), { timeout: 10_000 }).toEqual(expect.arrayContaining(sofar));
  expect(agent.output).toContain("A socket does not get through, so samples are posted");
  expect(proxy.upgradesRefused).toBe(1);
  expect(proxy.posted).toBeGreaterThanOrEqual(4);
  expect((await operations()).agents.sockets).toBe(sockets);
});

it("after the wire was cut and mended, the history has no gap: what was taken meanwhile is handed in", async () => {
  const wire = await CuttableWire.to(nephos.port);
  onTestFinished(() => wire.end());
  const agent = await agentAt(`http://127.0.0.1:${wire.port}`, "on-a-wire");
  agent.start();
  await expect
    .poll(async () => (await arrived("on-a-wire").catch(() => [])).length, { timeout: 15_000 })
    .toBeGreaterThan(1);
  wire.cut();
  const atCut = await arrived("on-a-wire");
  await expect.poll(async () => (await taken(agent)).length, { timeout: 20_000 }).toBeGreaterThan(atCut.length + 4);
  // Nothing of it came by another way.
  expect((await arrived("on-a-wire")).length).toBeLessThanOrEqual(atCut.length + 1);
  wire.mend();
  // It would come back by itself within a minute; one that is started again comes at once, with what its disk kept.
  await agent.kill();
  agent.start();
  const all = await taken(agent);
  await expect.poll(() => arrived("on-a-wire"), { timeout: 20_000 }).toEqual(expect.arrayContaining(all));
  const stored = (await arrived("on-a-wire")).filter((at) => at <= all.at(-1)!);
  expect(stored).toEqual(all);
  const apart = stored.slice(1).map((at, index) => at - stored[index]!);
  // A sample a second, and the time the agent took to start again.
  expect(Math.max(...apart)).toBeLessThan(2_500);
});
