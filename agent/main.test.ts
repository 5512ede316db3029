import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingestEnvelopeSchema } from "../contract/ingest.ts";
import { definitionOf, parseSeriesKey } from "../contract/metric.ts";
import { parseArguments } from "./arguments.ts";
import { buildAgent } from "./build.ts";
import { startEdge } from "./edge-for-tests.ts";
import { until, type EdgeSocket } from "./socket-edge-for-tests.ts";

// The bundle as it is shipped, as a process of its own.
let scratch: string;
let bundlePath: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "nephos-agent-"));
  ({ bundlePath } = await buildAgent(scratch));
});
afterAll(() => rm(scratch, { recursive: true }));

interface Ran {
  code: number | null;
  out: string;
  err: string;
}
function start(words: string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [bundlePath, ...words], {
    env: { NEPHOS_STATE_DIRECTORY: scratch, ...environment },
  });
  const ran: Ran = { code: null, out: "", err: "" };
  child.stdout.on("data", (chunk) => (ran.out += String(chunk)));
  child.stderr.on("data", (chunk) => (ran.err += String(chunk)));
  const ended = new Promise<Ran>((resolve) => child.on("close", (code) => resolve({ ...ran, code })));
  const hasSaid = (text: string) =>
    new Promise<void>((resolve) => child.stdout.on("data", () => ran.out.includes(text) && resolve()));
  return { child, ended, hasSaid };
}
const run = (words: string[], environment?: Record<string, string>) => start(words, environment).ended;

describe("the agent", () => {
  it("prints the envelope it would send, needs neither endpoint nor token for it, and sends nothing", async () => {
    const { code, out } = await run(["--once", "--dry-run"]);
    expect(code).toBe(0);
    const envelope = ingestEnvelopeSchema.parse(JSON.parse(out));
    const keys = Object.keys(envelope.samples[0]!.metrics);
    expect(keys.filter((key) => !definitionOf(parseSeriesKey(key)!.metric))).toEqual([]);
    expect(keys).toEqual(expect.arrayContaining(["cpu_busy_ratio", "memory_used_ratio", "load_1m", "agent_cpu_ratio"]));
  });

  it("sends once, with rates, and says so", async () => {
    const edge = await startEdge({ token: "nep_right" });
    const { code, out } = await run(["--once"], { NEPHOS_ENDPOINT: `${edge.url}/ingest/vultr?token=nep_right` });
    await edge.close();
    expect(code).toBe(0);
    expect(out).toMatch(/^\S+Z Metrics sent successfully: \{ metricsIngested: \d+, accepted: 1, durableSeq: \d+ \}\n$/);
    expect(ingestEnvelopeSchema.parse(edge.envelopes[0]).samples[0]!.metrics).toHaveProperty("cpu_busy_ratio");
  });

  it("says what the server answered when it sends once in vain, and never the token", async () => {
    const edge = await startEdge({ token: "nep_right" });
    const { code, out, err } = await run(["--once"], { NEPHOS_ENDPOINT: edge.url, NEPHOS_TOKEN: "nep_wrong" });
    await edge.close();
    expect(code).toBe(1);
    expect(out).toContain("401: This token is not known");
    expect(out + err).not.toContain("nep_wrong");
  });

  it("runs, tells its settings without the token, sends, and ends with 0 when told to stop", async () => {
    const edge = await startEdge({ token: "nep_right" });
    const agent = start([], { NEPHOS_ENDPOINT: edge.url, NEPHOS_TOKEN: "nep_right", COLLECTION_INTERVAL: "1000" });
    await agent.hasSaid("Metrics sent successfully: { metricsIngested: ");
    agent.child.kill("SIGTERM");
    const { code, out } = await agent.ended;
    await edge.close();
    expect(code).toBe(0);
    expect(out).toMatch(/^\S+ Nephos Agent Starting\.\.\.\n\S+ Configuration: \{.*token: "\*\*\*\*".*\}\n/);
    expect(out).not.toContain("nep_right");
    expect(edge.envelopes[0]!.samples[0]).toMatchObject({ seq: 1 });
  });

  it("hands in what it kept when it is told to stop", async () => {
    const edge = await startEdge();
    edge.answers.push((response) => response.writeHead(503, { "retry-after": "600" }).end());
    const agent = start([], { NEPHOS_ENDPOINT: edge.url, NEPHOS_TOKEN: "nep_right" });
    await agent.hasSaid("Could not send: It answered 503");
    agent.child.kill("SIGINT");
    expect(await agent.ended).toMatchObject({ code: 0 });
    await edge.close();
    expect(edge.envelopes[0]!.samples.length).toBeGreaterThanOrEqual(1);
  });

  it("goes by socket where the edge has one, and what was not durable when it was killed comes with the next run", async () => {
    const edge = await startEdge({ token: "nep_right", hasSockets: true });
    const state = await mkdtemp(join(scratch, "state-"));
    const settings = { NEPHOS_ENDPOINT: edge.url, NEPHOS_TOKEN: "nep_right", COLLECTION_INTERVAL: "1000" };
    const first = start([], { ...settings, NEPHOS_STATE_DIRECTORY: state });
    await until(() => (edge.sockets[0]?.seqs().length ?? 0) >= 3);
    const [socket] = edge.sockets as [EdgeSocket];
    socket.say({ type: "watch", intervalMs: 1_000, forMs: 60_000 });
    await until(() => socket.watched.length > 0);
    const { stream } = socket.samples[0]!;
    socket.say({ type: "durable", stream, durableSeq: 1 });
    await until(() => socket.seqs().length >= 6);
    first.child.kill("SIGKILL");
    await first.ended;

    const second = start([], { ...settings, NEPHOS_STATE_DIRECTORY: state });
    await until(() => (edge.sockets[1]?.seqs(stream).length ?? 0) > 0);
    expect(edge.sockets[1]!.seqs(stream).slice(0, 4)).toEqual([2, 3, 4, 5]);
    expect(edge.sockets[1]!.samples[0]!.stream).not.toBe(stream);
    second.child.kill("SIGTERM");
    const { code, out } = await second.ended;
    expect([code, edge.sockets[1]!.closeCode]).toEqual([0, 1001]);
    expect(out).toMatch(/Samples of an earlier run that are still to be sent: \d+/);
    expect([edge.envelopes.length, edge.sockets[0]!.authorization]).toEqual([0, "Bearer nep_right"]);
    await edge.close();
  });

  it("keeps nothing on disk where it is told so", async () => {
    const edge = await startEdge();
    const state = await mkdtemp(join(scratch, "state-"));
    const agent = start([], {
      NEPHOS_ENDPOINT: edge.url,
      NEPHOS_TOKEN: "nep_right",
      NEPHOS_STATE_DIRECTORY: state,
      NEPHOS_SPOOL_MB: "0",
    });
    await agent.hasSaid("Metrics sent successfully");
    agent.child.kill("SIGTERM");
    await agent.ended;
    await edge.close();
    expect((await readdir(state)).filter((name) => name !== "instance-id")).toEqual([]);
  });

  it.each([
    [[], {}, "NEPHOS_ENDPOINT is not set"],
    [
      [],
      { NEPHOS_ENDPOINT: "https://x.example", NEPHOS_TOKEN: "nep_right", COLLECTION_INTERVAL: "5" },
      "COLLECTION_INTERVAL",
    ],
    [
      [],
      { NEPHOS_ENDPOINT: "https://x.example", NEPHOS_TOKEN: "nep_right", NEPHOS_SPOOL_MB: "2000" },
      "NEPHOS_SPOOL_MB is in megabytes",
    ],
    [["--config", "/nowhere/agent.env"], {}, "/nowhere/agent.env does not exist"],
    [["--colour"], {}, "--colour is not an option"],
  ])("refuses %j %j in one line and with code 2", async (words, environment, complaint) => {
    const { code, out, err } = await run(words as string[], environment as Record<string, string>);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(complaint);
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  it("tells its version and its options", async () => {
    expect((await run(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await run(["--help"])).out).toMatch(/--dry-run[^]*--enrol/);
  });
});

describe("the command line", () => {
  it("is understood", () => {
    expect(parseArguments([])).toEqual({ kind: "run" });
    expect(parseArguments(["--config=/a"])).toEqual({ kind: "run", configPath: "/a" });
    expect(parseArguments(["--once", "--config", "/a"])).toEqual({ kind: "once", isDryRun: false, configPath: "/a" });
    expect(parseArguments(["--enrol", "--config", "/a"])).toEqual({ kind: "enrol", configPath: "/a" });
    expect(() => parseArguments(["--enrol", "--once"])).toThrow("does not go with --once");
    expect(() => parseArguments(["--dry-run"])).toThrow("goes with --once");
  });
});
