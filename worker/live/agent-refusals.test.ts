import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLOSE_REFUSED } from "../../contract/limits.ts";
import type { NewAgentToken } from "../../contract/agents.ts";
import { AgentSocket, hello, samples, untilWaiting, waitingSeqs } from "../testing/agent-socket.ts";
import { Owner, storedSamples } from "../testing/people.ts";

let owner: Owner;
let names = 0;
let id: string;
let token: NewAgentToken;

beforeAll(async () => void (owner = await Owner.signedIn()));
beforeEach(async () => {
  id = `refused-${++names}`;
  token = await owner.newToken(id);
});

type Bad = [what: string, code: string, send: (agent: AgentSocket) => void];
const bad: Bad[] = [
  ["no JSON", "malformed_json", (agent) => agent.sendRaw("{nonsense")],
  ["no object", "invalid_field", (agent) => agent.sendRaw("null")],
  ["bytes", "malformed_json", (agent) => agent.sendRaw(new Uint8Array([1, 2, 3]))],
  ["more than a megabyte", "body_too_large", (agent) => agent.sendRaw(`"${"x".repeat(1_000_001)}"`)],
  ["of no kind", "invalid_field", (agent) => agent.send({ type: "order" })],
  ["without its stream", "invalid_field", (agent) => agent.send({ ...samples(1, 1), stream: undefined })],
  ["without samples", "invalid_field", (agent) => agent.send({ ...samples(1, 1), samples: [] })],
  ["101 samples", "invalid_field", (agent) => agent.send(samples(1, 101))],
  [
    "numbers that go backwards",
    "sample_out_of_time",
    (agent) => agent.send({ ...samples(1, 2), samples: samples(1, 2).samples.reverse() }),
  ],
  ["a number not after `after`", "sample_out_of_time", (agent) => agent.send(samples(3, 4, { after: 3 }))],
  [
    "a sample of tomorrow",
    "sample_out_of_time",
    (agent) => agent.send(samples(1, 1, { from: Date.now() + 80_000_000 })),
  ],
  [
    "a sample of last month",
    "sample_out_of_time",
    (agent) => agent.send(samples(1, 1, { from: Date.now() - 30 * 86_400_000 })),
  ],
  ["an illegal name", "invalid_field", (agent) => agent.send(samples(1, 1, { metrics: () => ({ 'x"y': 1 }) }))],
  [
    "a value that cannot be",
    "invalid_field",
    (agent) => agent.send(samples(1, 1, { metrics: () => ({ cpu_busy_ratio: 1.5 }) })),
  ],
  [
    "too many series",
    "invalid_field",
    (agent) =>
      agent.send(
        samples(1, 1, {
          metrics: () => Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`disk_util_ratio:d${i}`, 0])),
        }),
      ),
  ],
  [
    "nested too deep",
    "nested_too_deep",
    (agent) =>
      agent.sendRaw(
        JSON.stringify({ ...samples(1, 1), samples: [0] }).replace("[0]", `${"[".repeat(20_000)}${"]".repeat(20_000)}`),
      ),
  ],
  ["hello of another's instance", "token_of_another_instance", (agent) => agent.send(hello("not-mine"))],
  ["hello of another protocol", "protocol_unknown", (agent) => agent.send({ ...hello(id), protocol: "nephos/2" })],
  ["hello without an instance", "invalid_field", (agent) => agent.send({ ...hello(id), instance: undefined })],
];

describe("a message that cannot be taken", () => {
  it.each(bad)(
    "(%s) is told as %s with what to do, closes the socket and stores nothing",
    async (_what, code, send) => {
      const agent = await AgentSocket.of(token.secret, id);
      send(agent);
      const error = await agent.next("error");
      expect(error.code).toBe(code);
      expect(error.error).toBeTruthy();
      expect(error.message).toBeTruthy();
      expect(error.remedy).toBeTruthy();
      expect(await agent.closed).toEqual({ code: CLOSE_REFUSED, reason: code });
      expect(await waitingSeqs(id)).toEqual([]);
      expect(await storedSamples(id)).toEqual([]);
    },
  );

  it("before a hello is told so", async () => {
    const agent = await AgentSocket.open(token.secret);
    agent.send(samples(1, 1));
    expect(await agent.next("error")).toMatchObject({ code: "invalid_field", field: "type" });
    expect((await agent.closed).code).toBe(CLOSE_REFUSED);
    expect(await waitingSeqs(id)).toEqual([]);
  });

  it("takes nothing of what was sent behind it", async () => {
    const agent = await AgentSocket.open(token.secret);
    agent.send(hello(id));
    agent.send({ type: "order" });
    agent.send(samples(1, 1));
    await agent.closed;
    // Another agent's sample takes the same steps, and sets out later.
    const other = await AgentSocket.of((await owner.newToken("other")).secret, `${id}-other`);
    other.send(samples(1, 1));
    await untilWaiting(`${id}-other`, [1]);
    expect(await waitingSeqs(id)).toEqual([]);
  });
});
