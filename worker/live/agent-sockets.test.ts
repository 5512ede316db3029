import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLOSE_REFUSED, CLOSE_TOKEN_REVOKED, CUSTOM_SERIES_PER_INSTANCE_MAX, PROTOCOL } from "../../contract/limits.ts";
import type { ErrorReply } from "../../contract/ingest.ts";
import type { NewAgentToken } from "../../contract/agents.ts";
import { AgentSocket, hello, samples, untilWaiting } from "../testing/agent-socket.ts";
import { envelope, fetchApp, Owner, post, storedSamples } from "../testing/people.ts";
import { Viewer } from "../testing/viewer.ts";

let owner: Owner;
let names = 0;
let id: string;
let token: NewAgentToken;
const storedSeqs = async (of = id) => (await storedSamples(of)).map(({ seq }) => seq);

beforeAll(async () => void (owner = await Owner.signedIn()));
beforeEach(async () => {
  id = `socket-${++names}`;
  token = await owner.newToken(id);
});

describe("the way in", () => {
  it.each<[string, Record<string, string>, number, string]>([
    ["no token", {}, 401, "token_missing"],
    ["a token that nobody made", { authorization: `Bearer nph_agent_${"A".repeat(43)}` }, 401, "token_unknown"],
    ["a guess", { authorization: "Bearer guess" }, 401, "token_unknown"],
  ])("with %s is refused before the upgrade, with the reason", async (_what, headers, status, code) => {
    const reply = await fetchApp("/agent", { headers: { upgrade: "websocket", ...headers } });
    expect([reply.status, reply.webSocket]).toEqual([status, null]);
    const refusal = await reply.json<ErrorReply>();
    expect(refusal.code).toBe(code);
    expect(refusal.remedy).toBeTruthy();
  });

  it("speaks WebSocket only, and says where else to go", async () => {
    const reply = await fetchApp("/agent", { headers: { authorization: `Bearer ${token.secret}` } });
    expect(reply.status).toBe(426);
    expect((await reply.json<ErrorReply>()).remedy).toContain("/ingest");
  });

  it("a hello is answered, makes the instance known and binds the token", async () => {
    const agent = await AgentSocket.open(token.secret);
    const before = Date.now();
    agent.send(hello(id));
    const { protocol, serverAt } = await agent.next("welcome");
    expect(protocol).toBe(PROTOCOL);
    expect(serverAt).toBeGreaterThanOrEqual(before);
    expect((await owner.fetch(`/api/instances/${id}`)).status).toBe(200);
    const other = await post(token.secret, envelope({ id: "another", samples: samples(1, 1).samples }));
    expect(other.status).toBe(403);
  });

  it("a second hello on the same socket renews what is known of the instance, and its samples go on as they were", async () => {
    const agent = await AgentSocket.of(token.secret, id, { instance: { id, name: id, hostname: "web-1" } });
    const from = Date.now() - 60_000;
    agent.send(samples(1, 2, { from }));
    const cloud = { cloudKind: "vultr", cloudId: "cb676a46-66fd-4dfb-b839-443f2e6c0b60" } as const;
    agent.send(hello(id, { instance: { id, name: id, ...cloud } }));
    agent.send(samples(3, 4, { from }));
    await agent.next("welcome");
    await untilWaiting(id, [1, 2, 3, 4]);
    const row = await env.DB.prepare(
      "SELECT hostname, cloud_kind AS cloudKind, cloud_id AS cloudId FROM instance WHERE id = ?",
    )
      .bind(id)
      .first();
    expect(row).toEqual({ hostname: "web-1", ...cloud });
    expect(agent.heard).toEqual([]);
    expect(await storedSeqs()).toEqual([1, 2, 3, 4]);
    expect(await agent.next("durable")).toEqual({ type: "durable", stream: "stream-0001", durableSeq: 4 });
  });
});

describe("samples", () => {
  it("are shown at once, are no longer needed once they are in the database, and are there", async () => {
    const viewer = await Viewer.of(owner);
    await viewer.next("snapshot");
    viewer.socket.send(JSON.stringify({ type: "watch", instanceId: id }));
    const agent = await AgentSocket.of(token.secret, id);
    agent.send(samples(1, 3));
    expect((await viewer.next("sample", ({ sample }) => sample.metrics["load_1m"] === 3)).sample.instanceId).toBe(id);
    expect(agent.heard.filter(({ type }) => type === "durable")).toEqual([]);
    expect(await storedSeqs()).toEqual([1, 2, 3]);
    expect(await agent.next("durable")).toEqual({ type: "durable", stream: "stream-0001", durableSeq: 3 });
  });

  it("that come again, in any cut and by the other way too, are stored once", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    const from = Date.now() - 60_000;
    agent.send(samples(1, 4, { from }));
    agent.send(samples(1, 4, { from }));
    agent.send(samples(3, 6, { from }));
    await untilWaiting(id, [1, 2, 3, 4, 5, 6]);
    const reply = await post(token.secret, envelope({ id, samples: samples(5, 7, { from }).samples }));
    expect(await reply.json()).toMatchObject({ accepted: 1, repeated: 2, durableSeq: 0 });
    expect(await storedSeqs()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    agent.send(samples(1, 7, { from }));
    agent.send(samples(8, 8, { from }));
    await untilWaiting(id, [8]);
    expect(await storedSeqs()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("that are missing are asked for, once, and taken when they come", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    const from = Date.now() - 60_000;
    agent.send(samples(1, 2, { from }));
    for (const seq of [5, 6, 7]) agent.send(samples(seq, seq, { from }));
    expect(await agent.next("resend")).toEqual({ type: "resend", stream: "stream-0001", after: 2 });
    agent.send(samples(3, 7, { from }));
    await untilWaiting(id, [1, 2, 3, 4, 5, 6, 7]);
    expect(agent.heard).toEqual([]);
  });

  it("that are the oldest the agent has are taken over a gap, and the gap is not waited for", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    const from = Date.now() - 60_000;
    agent.send(samples(1, 2, { from }));
    agent.send(samples(9, 9, { from, oldest: true }));
    await untilWaiting(id, [1, 2, 9]);
    expect(await storedSeqs()).toEqual([1, 2, 9]);
    expect(await agent.next("durable")).toMatchObject({ durableSeq: 9 });
  });

  it("of a stream that contradicts itself close the socket, saying which, and what came before stays", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    agent.send(samples(1, 2, { from: Date.now() - 60_000 }));
    agent.send(samples(3, 3, { from: Date.now() - 300_000 }));
    const error = await agent.next("error");
    expect(error).toMatchObject({ code: "stream_conflict", stream: "stream-0001", seq: 3 });
    expect(error.remedy).toContain("new stream");
    expect(await agent.closed).toEqual({ code: CLOSE_REFUSED, reason: "stream_conflict" });
    expect(await storedSeqs()).toEqual([1, 2]);
  });
});

describe("a token that is revoked", () => {
  it("closes its socket, saying why, and no other", async () => {
    const other = await AgentSocket.of((await owner.newToken("other")).secret, `${id}-other`);
    const agent = await AgentSocket.of(token.secret, id);
    await owner.json(`/api/agent-tokens/${token.id}`, { method: "DELETE" }, 204);
    expect(await agent.next("error")).toMatchObject({ code: "token_unknown" });
    expect((await agent.closed).code).toBe(CLOSE_TOKEN_REVOKED);
    other.send(samples(1, 1));
    await untilWaiting(`${id}-other`, [1]);
    const again = await AgentSocket.open(token.secret);
    again.send(hello(id));
    expect(await again.next("error")).toMatchObject({ code: "token_unknown" });
    expect(await again.closed).toMatchObject({ reason: "token_unknown" });
  });
});

describe("for the log of the machine", () => {
  it("an agent is told once which custom series there was no room for; the rest is taken", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    const wild = (seq: number) =>
      Object.fromEntries(Array.from({ length: CUSTOM_SERIES_PER_INSTANCE_MAX + 3 }, (_, i) => [`wild:${i}`, seq]));
    agent.send(samples(1, 1, { metrics: wild }));
    const { about, message } = await agent.next("notice");
    expect(about).toBe("custom_metrics");
    expect(message).toContain("wild:100, wild:101, wild:102");
    agent.send(samples(2, 2, { metrics: wild }));
    await untilWaiting(id, [1, 2]);
    expect(agent.heard).toEqual([]);
    for (const { metrics } of await storedSamples(id)) expect(Object.keys(metrics)).toHaveLength(100);
  });

  it("an agent whose clock is wrong is told once, and its samples stand at the server's time", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    const wrong = Date.now() - 10 * 86_400_000;
    agent.send(samples(1, 1, { sentAt: wrong, from: wrong - 1_000 }));
    const { about, message } = await agent.next("notice");
    expect(about).toBe("clock");
    expect(message).toContain("240 hours behind");
    agent.send(samples(2, 2, { sentAt: wrong + 2_000, from: wrong - 1_000 }));
    await untilWaiting(id, [1, 2]);
    expect(agent.heard).toEqual([]);
    for (const { at } of await storedSamples(id)) expect(Math.abs(at - Date.now())).toBeLessThan(60_000);
  });
});
