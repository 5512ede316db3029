import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildAgent, NODE_FLAGS } from "./build.ts";
import { startEdge } from "./edge-for-tests.ts";

/**
 * What the shipped agent costs on this machine: `node agent/measure.ts [seconds] [node]`. It samples every second, so that a
 * minute shows what half an hour would; the last line is JSON. Linux only: it reads /proc/<pid>.
 */
const seconds = Number(process.argv[2] ?? 60);
const node = process.argv[3] ?? process.execPath;
const WARM_UP_MS = 6_000;
/** USER_HZ: processor time in /proc/<pid>/stat is in hundredths of a second. */
const TICK_MS = 10;

const pause = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs));

function usageOf(child: ChildProcess): { cpuMs: number; rssBytes: number } {
  const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))![1];
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS, rssBytes: Number(rss) * 1_024 };
}

async function rssOfEmptyNode(): Promise<number> {
  const child = spawn(node, ["-e", "setInterval(() => {}, 1e6)"]);
  await pause(1_500);
  const { rssBytes } = usageOf(child);
  child.kill();
  return rssBytes;
}

const scratch = await mkdtemp(join(tmpdir(), "nephos-measure-"));
const { bundlePath } = await buildAgent(scratch);
const edge = await startEdge({ hasSockets: true });
// As an edge does that writes seldom.
edge.take = (socket, { stream, samples }) => {
  const { seq } = samples.at(-1)!;
  if (seq % 30 === 0) socket.say({ type: "durable", stream, durableSeq: seq });
};
const sent = () => edge.sockets.flatMap(({ samples }) => samples);
const emptyRssBytes = await rssOfEmptyNode();
const agent = spawn(node, [...NODE_FLAGS.split(" "), bundlePath], {
  env: {
    NEPHOS_ENDPOINT: edge.url,
    NEPHOS_TOKEN: "nep_measure",
    COLLECTION_INTERVAL: "1000",
    NEPHOS_STATE_DIRECTORY: join(scratch, "state"),
  },
  stdio: "ignore",
});
await pause(WARM_UP_MS);
const before = usageOf(agent);
const samplesBefore = sent().length;
await pause(seconds * 1_000);
const after = usageOf(agent);
const samples = sent().length - samplesBefore;
agent.kill();
await edge.close();
await rm(scratch, { recursive: true });

const cpuMsPerSample = (after.cpuMs - before.cpuMs) / samples;
console.log(
  JSON.stringify({
    bench: "agent",
    samples,
    cpuMsPerSample: Number(cpuMsPerSample.toFixed(2)),
    cpuRatioAt30s: Number((cpuMsPerSample / 30_000).toFixed(6)),
    rssMegabytes: Number((after.rssBytes / 1e6).toFixed(1)),
    rssAboveEmptyNodeMegabytes: Number(((after.rssBytes - emptyRssBytes) / 1e6).toFixed(1)),
    bytesPerSample: Math.round(JSON.stringify(sent()).length / sent().length),
  }),
);
