import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NewAgentToken } from "../../contract/agents.ts";
import { WATCH_INTERVAL_MS, WATCH_LEASE_MS } from "../../contract/limits.ts";
import { AgentSocket, onlyShard, samples, untilWaiting, waitingSeqs } from "../testing/agent-socket.ts";
import { Owner, storedSamples } from "../testing/people.ts";
import { Viewer } from "../testing/viewer.ts";
import type { AgentAttachment } from "./agent-attachment.ts";

let owner: Owner;
let names = 0;
let id: string;
let token: NewAgentToken;
const storedSeqs = async () => (await storedSamples(id)).map(({ seq }) => seq);

beforeAll(async () => void (owner = await Owner.signedIn()));
beforeEach(async () => {
  id = `asleep-${++names}`;
  token = await owner.newToken(id);
});

/** What this instance's socket would bring through hibernation. */
async function attachment(): Promise<AgentAttachment> {
  return runInDurableObject(onlyShard(), (_shard, state) => {
    const all = state.getWebSockets("agent").map((socket) => socket.deserializeAttachment() as AgentAttachment);
    return all.find(({ hello }) => hello?.facts.id === id)!;
  });
}

/** Sends one sample after the other until the attachment, written once a second, has been written with the last one. */
async function untilMirrored(agent: AgentSocket, more: Parameters<typeof samples>[2]): Promise<number> {
  let seq = 0;
  await expect
    .poll(
      async () => {
        agent.send(samples(++seq, seq, more));
        await expect.poll(async () => (await waitingSeqs(id)).at(-1), { interval: 5 }).toBe(seq);
        return (await attachment()).cursors[0]?.accepted.seq;
      },
      { interval: 100, timeout: 5_000 },
    )
    .toBeTruthy();
  return seq;
}
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe("a shard that fell asleep", () => {
  it("finds in its agents' sockets what it had not written yet, writes it, and goes on from there", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    const from = Date.now() - 60_000;
    const last = await untilMirrored(agent, { from });
    await evictDurableObject(onlyShard(), { webSockets: "hibernate" });
    expect(await waitingSeqs(id)).toEqual(upTo(last));
    agent.send(samples(last + 1, last + 1, { from }));
    await untilWaiting(id, upTo(last + 1));
    expect(agent.heard).toEqual([]);
    expect(await storedSeqs()).toEqual(upTo(last + 1));
    expect(await agent.next("durable")).toMatchObject({ durableSeq: last + 1 });
    const [first] = await storedSamples(id);
    expect(first).toMatchObject({ at: from + 1_000, metrics: { load_1m: 1 } });
  });

  it("asks again for what came after the last look, when the next sample shows that it is missing", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    const from = Date.now() - 60_000;
    const last = await untilMirrored(agent, { from });
    agent.send(samples(last + 1, last + 2, { from }));
    await untilWaiting(id, upTo(last + 2));
    await evictDurableObject(onlyShard());
    agent.send(samples(last + 3, last + 3, { from }));
    expect(await agent.next("resend")).toMatchObject({ after: last });
    agent.send(samples(last + 1, last + 3, { from }));
    expect(await expect.poll(storedSeqs, { interval: 20 }).toEqual(upTo(last + 3)));
  });

  it("asks at once for samples that were too much for an attachment", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    let noise = 1;
    const metrics = () => {
      const disks = Array.from({ length: 450 }, (_, disk) => {
        noise = (noise * 48_271) % 2_147_483_647;
        return [`disk_util_ratio:a-disk-of-a-long-name-${disk}`, noise / 2_147_483_647];
      });
      return Object.fromEntries(disks) as Record<string, number>;
    };
    const from = Date.now() - 60_000;
    const last = await untilMirrored(agent, { from, metrics });
    expect((await attachment()).tail).toBeNull();
    await evictDurableObject(onlyShard());
    expect(await waitingSeqs(id)).toEqual([]);
    expect(await agent.next("resend")).toEqual({ type: "resend", stream: "stream-0001", after: 0 });
    agent.send(samples(1, last, { from, metrics, oldest: true }));
    await untilWaiting(id, upTo(last));
    expect(await storedSeqs()).toEqual(upTo(last));
  });

  it("asks for nothing that is in the database already", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    const from = Date.now() - 60_000;
    const last = await untilMirrored(agent, { from });
    await onlyShard().flush();
    await agent.next("durable");
    await evictDurableObject(onlyShard());
    agent.send(samples(last + 1, last + 1, { from }));
    await expect.poll(async () => (await waitingSeqs(id)).at(-1), { interval: 5 }).toBe(last + 1);
    expect(agent.heard).toEqual([]);
    expect(await storedSeqs()).toEqual(upTo(last + 1));
  });

  it("whose agents went away with its memory asks for all that is not durable when they come back", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    const from = Date.now() - 60_000;
    agent.send(samples(1, 3, { from }));
    await untilWaiting(id, [1, 2, 3]);
    await evictDurableObject(onlyShard(), { webSockets: "close" });
    expect(await waitingSeqs(id)).toEqual([]);
    const again = await AgentSocket.of(token.secret, id);
    again.send(samples(4, 4, { from }));
    expect(await again.next("resend")).toMatchObject({ after: 0 });
    again.send(samples(1, 4, { from, oldest: true }));
    await untilWaiting(id, [1, 2, 3, 4]);
  });
});

describe("somebody who looks at an instance", () => {
  const watching = { type: "watch", intervalMs: WATCH_INTERVAL_MS, forMs: WATCH_LEASE_MS };
  const look = (viewer: Viewer, instanceId: string | null) =>
    viewer.socket.send(JSON.stringify(instanceId === null ? { type: "unwatch" } : { type: "watch", instanceId }));
  async function looking(): Promise<Viewer> {
    const viewer = await Viewer.of(owner);
    await viewer.next("snapshot");
    look(viewer, id);
    return viewer;
  }

  it.each<[string, (viewer: Viewer) => void]>([
    ["leaves the page", (viewer) => look(viewer, null)],
    ["goes on to another instance", (viewer) => look(viewer, "another")],
    ["closes the browser", (viewer) => viewer.socket.close()],
  ])("has its agent told, and when the last one %s the agent is told that too", async (_what, leaves) => {
    const agent = await AgentSocket.of(token.secret, id);
    const [first, second] = [await looking(), await looking()];
    expect(await agent.next("watch")).toEqual(watching);
    expect(await agent.next("watch")).toEqual(watching);
    leaves(first);
    look(second, id);
    expect(await agent.next("watch")).toEqual(watching);
    leaves(second);
    expect(await agent.next("watch")).toMatchObject({ intervalMs: null });
  });

  it("has an agent told that comes later, and again with every tick", async () => {
    await looking();
    const agent = await AgentSocket.of(token.secret, id);
    expect(await agent.next("watch")).toEqual(watching);
    await onlyShard().tick(Date.now());
    expect(await agent.next("watch")).toEqual(watching);
  });

  it("and leaves after the shard fell asleep ends it all the same", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    const viewer = await looking();
    await agent.next("watch");
    await evictDurableObject(onlyShard());
    look(viewer, null);
    expect(await agent.next("watch")).toMatchObject({ intervalMs: null });
  });

  it("sees what the agent sends for it; nobody else does, and it is stored nowhere", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    const [viewer, other] = [await looking(), await Viewer.of(owner)];
    await other.next("snapshot");
    await agent.next("watch");
    const at = Date.now();
    agent.send({ type: "watched", at, metrics: { load_1m: 4.2, "queue.depth": 3 } });
    expect((await viewer.next("sample")).sample).toEqual({
      instanceId: id,
      at,
      metrics: { load_1m: 4.2, "queue.depth": 3 },
    });
    expect(await storedSamples(id)).toEqual([]);
    expect(other.heard.filter(({ type }) => type !== "instance")).toEqual([]);
    agent.send(samples(1, 1));
    await untilWaiting(id, [1]);
  });
});
