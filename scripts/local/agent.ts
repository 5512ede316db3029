import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { NODE_FLAGS } from "../../agent/build.ts";

/** One who watches the dashboard fill for the first time should not wait half a minute for each point. */
export const LOCAL_INTERVAL_MS = 10_000;
const STOP_WITHIN_MS = 4_000;
const RESTART_AFTER_MS = [1_000, 2_000, 5_000, 15_000, 30_000];
/** One that ran this long was well: the next failure is a new one. */
const WELL_AFTER_MS = 60_000;
/** The agent's own code for settings it cannot work with; again would be the same. */
const CODE_REFUSED = 2;

export interface AgentOptions {
  root: string;
  stateDir: string;
  origin: string;
  token: string;
  /** Below it /proc and /sys are read. */
  agentRoot: string | undefined;
}

/** Runs this machine's own agent and starts it again when it dies. Gives back what stops it. */
export function startAgent(options: AgentOptions): () => Promise<void> {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let isStopping = false;
  const start = () => {
    const startedAt = Date.now();
    child = spawnAgent(options);
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface(stream).on("line", (line) => console.log(`agent │ ${line}`));
    }
    child.on("error", (error) => console.error(`agent │ ${error.message}`));
    child.on("exit", (code, signal) => {
      if (isStopping) return;
      if (code === CODE_REFUSED) return console.error("agent │ not started again");
      if (Date.now() - startedAt > WELL_AFTER_MS) failures = 0;
      const waitMs = RESTART_AFTER_MS[Math.min(failures++, RESTART_AFTER_MS.length - 1)]!;
      console.error(`agent │ ended (${signal ?? code}); starting it again in ${waitMs / 1000} s`);
      timer = setTimeout(start, waitMs);
    });
  };
  start();
  return async () => {
    isStopping = true;
    clearTimeout(timer);
    const running = child;
    if (!running || running.exitCode !== null || running.signalCode !== null || !running.pid) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGTERM");
    const force = setTimeout(() => running.kill("SIGKILL"), STOP_WITHIN_MS);
    await ended;
    clearTimeout(force);
  };
}

function spawnAgent({ root, stateDir, origin, token, agentRoot }: AgentOptions): ChildProcess {
  const guard = pathToFileURL(join(import.meta.dirname, "with-parent.mjs")).href;
  const program = join(root, "web/build/agent/nephos-agent.mjs");
  return spawn(process.execPath, [...NODE_FLAGS.split(" "), "--import", guard, program], {
    env: {
      ...process.env,
      NODE_OPTIONS: "",
      NEPHOS_ENDPOINT: origin,
      NEPHOS_TOKEN: token,
      NEPHOS_STATE_DIRECTORY: join(stateDir, "agent"),
      COLLECTION_INTERVAL: String(LOCAL_INTERVAL_MS),
      ...(agentRoot ? { NEPHOS_ROOT: agentRoot } : {}),
    },
    stdio: ["ignore", "pipe", "pipe"],
    // Ctrl-C reaches the whole group at once; the launcher tells the agent itself, in its order.
    detached: process.platform !== "win32",
  });
}
