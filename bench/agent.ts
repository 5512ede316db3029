import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildAgent, NODE_FLAGS } from "../agent/build.ts";
import { startEdge } from "../agent/edge-for-tests.ts";
import { INTERVAL_DEFAULT_MS } from "../contract/limits.ts";
import { median, round } from "./figures.ts";
import { cpuMsOf, requireProc, rssBytesOf } from "./usage.ts";
import { end } from "./workerd.ts";

const INTERVAL_MS = 1_000;
const WARM_UP_MS = 8_000;
const MEASURE_MS = 60_000;

const pause = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs));

/** The shipped agent, one sample a second over a socket of a loopback edge, its spool on disk; its cost per sample put on the usual half minute. */
export async function agent(): Promise<Record<string, number>> {
  requireProc();
  const scratch = await mkdtemp(join(tmpdir(), "nephos-bench-agent-"));
  const { bundlePath } = await buildAgent(scratch);
  const edge = await startEdge({ hasSockets: true });
  const flags = NODE_FLAGS.split(" ");
  const children: ChildProcess[] = [];
  const start = (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const child = spawn(process.execPath, [...flags, ...args], { env, stdio: "ignore" });
    children.push(child);
    return child;
  };
  try {
    const empty = start(["-e", "setInterval(() => {}, 1e6)"]);
    const measured = start([bundlePath], {
      NEPHOS_ENDPOINT: edge.url,
      NEPHOS_TOKEN: "nep_bench",
      COLLECTION_INTERVAL: String(INTERVAL_MS),
      NEPHOS_STATE_DIRECTORY: scratch,
    });
    await pause(WARM_UP_MS);
    const before = usageOf(measured);
    const taken = () => edge.sockets.flatMap((socket) => socket.samples.flatMap(({ samples }) => samples));
    const takenBefore = taken().length;
    await pause(MEASURE_MS);
    const after = usageOf(measured);
    const samples = taken().slice(takenBefore);
    if (samples.length === 0) throw new Error("The agent sent nothing.");

    const cpuMsPerSample = (after.cpuMs - before.cpuMs) / samples.length;
    const collectMs = median(samples.map(({ metrics }) => (metrics["agent_collect_seconds"] ?? Number.NaN) * 1_000));
    const rssAboveNode = after.rssBytes - usageOf(empty).rssBytes;
    console.error(
      `${samples.length} samples  ${cpuMsPerSample.toFixed(2)} ms CPU each  ${(after.rssBytes / 1e6).toFixed(1)} MB resident`,
    );
    return {
      cpuPercent: round((cpuMsPerSample / INTERVAL_DEFAULT_MS) * 100, 3),
      rssMb: round(after.rssBytes / 1e6, 1),
      rssAboveNodeMb: round(rssAboveNode / 1e6, 1),
      collectMs: round(collectMs, 2),
      cpuMsPerSample: round(cpuMsPerSample, 2),
    };
  } finally {
    for (const child of children) await end(child);
    await edge.close();
    await rm(scratch, { recursive: true });
  }
}

function usageOf({ pid }: ChildProcess): { cpuMs: number; rssBytes: number } {
  return { cpuMs: cpuMsOf(pid!), rssBytes: rssBytesOf(pid!) };
}
