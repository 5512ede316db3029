import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NewAgentToken } from "../../contract/agents.ts";
import type { IngestReply } from "../../contract/ingest.ts";
import { CLOSE_REFUSED, CLOSE_TOKEN_REVOKED } from "../../contract/limits.ts";
import type { Operations } from "../../contract/operations.ts";
import { AGENT_HELLO_WITHIN_MS } from "../settings.ts";
import { AgentSocket, onlyShard, samples, untilWaiting, waitingSeqs } from "../testing/agent-socket.ts";
import { envelope, Owner, post, storedSamples } from "../testing/people.ts";
import { PLAN_LIMITS } from "./thrift.ts";
import { none } from "../usage.ts";

let owner: Owner;
let names = 0;
let id: string;
let token: NewAgentToken;

beforeAll(async () => void (owner = await Owner.signedIn()));
beforeEach(async () => {
  id = `kept-${++names}`;
  token = await owner.newToken(id);
});

describe("the tick", () => {
  it("closes the socket of who never said hello, and of nobody else", async () => {
    const silent = await AgentSocket.open(token.secret);
    const other = await AgentSocket.of((await owner.newToken()).secret, `${id}-other`);
    await onlyShard().tick(Date.now() + AGENT_HELLO_WITHIN_MS - 10_000);
    expect(silent.heard).toEqual([]);
    await onlyShard().tick(Date.now() + AGENT_HELLO_WITHIN_MS + 1_000);
    expect(await silent.next("error")).toMatchObject({ code: "invalid_field", field: "type" });
    expect((await silent.closed).code).toBe(CLOSE_REFUSED);
    other.send(samples(1, 1));
    await untilWaiting(`${id}-other`, [1]);
  });

  it("ends the sockets of tokens that are gone, also where the word of it got lost", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    await env.DB.prepare("DELETE FROM agent_token WHERE id = ?").bind(token.id).run();
    await evictDurableObject(onlyShard(), { webSockets: "hibernate" });
    await onlyShard().endStaleSockets();
    expect(await agent.next("error")).toMatchObject({ code: "token_unknown" });
    expect((await agent.closed).code).toBe(CLOSE_TOKEN_REVOKED);
  });

  it("writes what is due and leaves what is not, and the agent may forget just that", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;
    // Blocks are written up to whole ten minutes, each instance's within the three minutes after.
    agent.send(samples(1, 2, { from: hour }));
    agent.send(samples(3, 4, { from: hour + 45 * 60_000 }));
    await untilWaiting(id, [1, 2, 3, 4]);
    await onlyShard().tick(hour + 34 * 60_000);
    expect(await agent.next("durable")).toEqual({ type: "durable", stream: "stream-0001", durableSeq: 2 });
    expect(await waitingSeqs(id)).toEqual([3, 4]);
    // What waits too long is written whatever its clock says.
    await onlyShard().tick(Date.now() + 21 * 60_000);
    expect(await agent.next("durable")).toMatchObject({ durableSeq: 4 });
    expect((await storedSamples(id)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });
});

describe("an instance that is removed", () => {
  it("has its socket closed, and what waited is in no block", async () => {
    const agent = await AgentSocket.of(token.secret, id);
    agent.send(samples(1, 2));
    await untilWaiting(id, [1, 2]);
    await owner.json(`/api/instances/${id}`, { method: "DELETE" }, 204);
    expect((await agent.closed).code).toBe(CLOSE_TOKEN_REVOKED);
    expect(await storedSamples(id)).toEqual([]);
  });
});

// Last: what is used up stays used up for the day.
describe("near a quota", () => {
  it.each([
    ["saving", 0.85, 2, 20],
    ["sparing", 0.12, 2, 60],
  ] as const)(
    "%s: agents are told to gather samples, by either way, and blocks are written less often",
    async (stage, share, gathered, minutes) => {
      const agent = await AgentSocket.of(token.secret, id);
      const told = await owner.json<Operations>("/api/operations");
      expect(told.thrift.stage).not.toBe(stage);
      // A fresh object keeps its counts at once, and draws its conclusions.
      await evictDurableObject(onlyShard());
      await onlyShard().report({
        ...none(),
        workerRequests: PLAN_LIMITS.free.workerRequests * share,
      });
      await onlyShard().tick(Date.now());
      expect(await agent.next("config", (config) => config.samplesPerMessage === gathered)).toBeTruthy();
      const now = await owner.json<Operations>("/api/operations");
      expect(now).toMatchObject({ thrift: { stage, because: "workerRequests" }, flush: { everyMs: minutes * 60_000 } });
      const reply = await post(token.secret, envelope({ id, samples: samples(1, 1).samples }));
      expect((await reply.json<IngestReply>()).samplesPerMessage).toBe(gathered);
      // And an agent that comes later.
      const later = await AgentSocket.of((await owner.newToken()).secret, `${id}-later`);
      expect(await later.next("config")).toEqual({ type: "config", samplesPerMessage: gathered });
    },
  );
});
