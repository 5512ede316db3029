import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EdgeMessage } from "../contract/agent-link.ts";
import { buildAgent, NODE_FLAGS } from "./build.ts";
import { startEdge } from "./edge-for-tests.ts";
import { expectOnlySpool, traceOf, type Trace } from "./process-trace-for-tests.ts";
import { until, type EdgeSocket } from "./socket-edge-for-tests.ts";

let scratch: string;
let bundlePath: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "nephos-hostile-socket-"));
  ({ bundlePath } = await buildAgent(join(scratch, "built")));
});
afterAll(() => rm(scratch, { recursive: true }));

/** Everything the protocol has, as somebody would say it who wants more than the protocol has. */
function demand(socket: EdgeSocket, elsewhere: string): void {
  const more = `"exec":"touch owned","command":["sh","-c","touch owned"],"url":"${elsewhere}","endpoint":"${elsewhere}",
    "healthEndpoint":"${elsewhere}","stateDirectory":"/","token":"nep_other","__proto__":{"owned":true},`;
  const { stream } = socket.samples[0]!;
  const said: (EdgeMessage | { type: string })[] = [
    { type: "watch", intervalMs: 1, forMs: Number.MAX_SAFE_INTEGER },
    { type: "watch", intervalMs: null, forMs: 0 },
    { type: "watch", intervalMs: 0, forMs: Number.MAX_SAFE_INTEGER },
    { type: "resend", stream, after: 0 },
    { type: "durable", stream, durableSeq: Number.MAX_SAFE_INTEGER },
    { type: "config", samplesPerMessage: -1 },
    { type: "notice", about: "clock", message: "\u001b]0;owned\u0007$(touch owned)" },
    ...["run", "exec", "update", "enrol", "set", "open"].map((type) => ({ type })),
  ];
  for (const message of said) socket.say(JSON.stringify(message).replace("{", `{${more}`));
  for (let count = 0; count < 100; count++) socket.say({ type: "resend", stream, after: 0 });
}

describe.runIf(process.platform === "linux")("on a socket with a hostile edge the shipped agent", () => {
  it("sends as before and at most a reading a second more, and touches nothing but its spool", async () => {
    const edge = await startEdge({ hasSockets: true });
    const elsewhere = await startEdge();
    const home = join(scratch, "home");
    const state = join(home, "state");
    await mkdir(state, { recursive: true });
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
    const told = { text: "" };
    for (const stream of [agent.stdout, agent.stderr]) stream.on("data", (chunk) => (told.text += String(chunk)));
    const ended = new Promise<number | null>((resolve) => agent.on("close", resolve));
    await until(() => (edge.sockets[0]?.samples.length ?? 0) > 0);
    const [socket] = edge.sockets as [EdgeSocket];
    const began = performance.now();
    const traces: Trace[] = [];
    for (const round of [1, 2, 3]) {
      demand(socket, `${elsewhere.url}/owned`);
      await until(() => socket.seqs().at(-1)! > round + 1);
      traces.push(traceOf(agent));
    }
    agent.kill("SIGTERM");
    expect(await ended).toBe(0);
    const seconds = (performance.now() - began) / 1_000;

    expect(socket.watched.length).toBeLessThanOrEqual(seconds + 1);
    // A sample a second, and a repeat a second of whatever is kept.
    expect(socket.samples.length).toBeLessThanOrEqual(2 * seconds + 4);
    const seqs = [...new Set(socket.seqs())].sort((a, b) => a - b);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => index + 1));
    expect([edge.sockets.length, edge.requests.length, elsewhere.requests.length]).toEqual([1, 0, 0]);
    await expectOnlySpool(traces, { home, state, edge });
    for (const never of ["\u001b", "nep_hostile_edge"]) expect(told.text).not.toContain(never);
    await edge.close();
    await elsewhere.close();
  });
});
