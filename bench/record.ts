import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";
import { buildAgent } from "../agent/build.ts";
import { newOwnToken, startEdge } from "../agent/edge-for-tests.ts";
import { INTERVAL_DEFAULT_MS } from "../contract/limits.ts";
import type { Readings } from "../contract/metric.ts";
import { RECORDING, type RecordedSample, type Recording } from "./recording.ts";
import { end } from "./workerd.ts";

/**
 * Makes `recording.json.br`. `node bench/record.ts FILE…` takes files with one sample {at, metrics} a line, one file for each agent;
 * `node bench/record.ts --agents 10 --minutes 140` starts the shipped agent so many times on this machine and records what they send.
 */

/** The first two have no rates yet, or rates of a fraction of a second. */
const LEFT_OUT = 2;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { agents: { type: "string" }, minutes: { type: "string" } },
});
const recorded =
  positionals.length > 0
    ? await Promise.all(positionals.map(fromFile))
    : await fromAgents(Number(values.agents ?? 10), Number(values.minutes ?? 140) * 60_000);
await save(recorded.map((samples) => samples.slice(LEFT_OUT)).filter((samples) => samples.length > 0));

async function fromFile(path: string): Promise<RecordedSample[]> {
  const lines = (await readFile(path, "utf8")).split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as RecordedSample);
}

/** Agents beside each other, started at different moments of the interval. They post: this edge offers no socket. */
async function fromAgents(count: number, forMs: number): Promise<RecordedSample[][]> {
  const scratch = await mkdtemp(join(tmpdir(), "nephos-record-"));
  const { bundlePath } = await buildAgent(scratch);
  const edge = await startEdge();
  const agents: ChildProcess[] = [];
  try {
    for (let agent = 0; agent < count; agent++) {
      const state = join(scratch, `state-${agent}`);
      await mkdir(state);
      const env = {
        NEPHOS_ENDPOINT: edge.url,
        NEPHOS_TOKEN: newOwnToken(),
        INSTANCE_ID: `recorded-${agent}`,
        NEPHOS_STATE_DIRECTORY: state,
      };
      agents.push(spawn(process.execPath, [bundlePath], { env, stdio: "ignore" }));
      await pause(INTERVAL_DEFAULT_MS / count);
    }
    await pause(forMs);
  } finally {
    for (const agent of agents) await end(agent);
    await edge.close();
    await rm(scratch, { recursive: true });
  }
  const byAgent = Map.groupBy(edge.envelopes, ({ instance }) => instance.id);
  return [...byAgent.values()].map((envelopes) => envelopes.flatMap(({ samples }) => samples));
}

async function save(agents: readonly RecordedSample[][]): Promise<void> {
  if (agents.length === 0) throw new Error("Nothing was recorded.");
  const recording: Recording = {
    recordedOn: new Date(agents[0]![0]!.at).toISOString().slice(0, 10),
    machine: `${cpus()[0]?.model.trim()}, ${cpus().length} cores`,
    intervalMs: INTERVAL_DEFAULT_MS,
    agents: agents.map(columnsOf),
  };
  const json = JSON.stringify(recording);
  const bytes = brotliCompressSync(json, {
    params: { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS },
  });
  await writeFile(RECORDING, bytes);
  const samples = agents.reduce((sum, one) => sum + one.length, 0);
  console.log(`${agents.length} agents, ${samples} samples, ${bytes.length} bytes: ${RECORDING}`);
}

function columnsOf(samples: readonly RecordedSample[]): Recording["agents"][number] {
  const keys = new Set(samples.flatMap(({ metrics }) => Object.keys(metrics)));
  const column = (key: string) => samples.map(({ metrics }: { metrics: Readings }) => metrics[key] ?? null);
  return { at: samples.map(({ at }) => at), series: Object.fromEntries([...keys].map((key) => [key, column(key)])) };
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
