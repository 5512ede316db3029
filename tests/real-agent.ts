import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { NODE_FLAGS } from "../agent/build.ts";
import { readSpool, type KeptStream } from "./spool-on-disk.ts";

const root = resolve(import.meta.dirname, "..");
const program = join(root, "web/build/agent/nephos-agent.mjs");
/** It goes when this process goes, however that went. */
const guard = pathToFileURL(join(root, "scripts/local/with-parent.mjs")).href;
/** The least there is. */
const INTERVAL_MS = 1_000;

export interface AgentPlace {
  origin: string;
  token: string;
  instanceId: string;
  stateDirectory: string;
  /** Below it /proc and /sys are read. */
  root?: string;
}

/** The agent as it is installed, in a process of its own that can be killed, stopped and started again. */
export class RealAgent {
  readonly place: AgentPlace;
  /** All it ever said, over all its lives. */
  output = "";
  /** Lives that ended without anybody having asked for it. */
  readonly surprises: string[] = [];
  #child: ChildProcess | undefined;

  constructor(place: AgentPlace) {
    this.place = place;
  }

  start(): void {
    const { origin, token, instanceId, stateDirectory, root: below } = this.place;
    const child = spawn(process.execPath, [...NODE_FLAGS.split(" "), "--import", guard, program], {
      env: {
        PATH: process.env["PATH"],
        NEPHOS_ENDPOINT: origin,
        NEPHOS_TOKEN: token,
        NEPHOS_STATE_DIRECTORY: stateDirectory,
        INSTANCE_ID: instanceId,
        INSTANCE_NAME: instanceId,
        COLLECTION_INTERVAL: String(INTERVAL_MS),
        ...(below && { NEPHOS_ROOT: below }),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (this.output += String(chunk)));
    child.on("exit", (code, signal) => {
      if (this.#child === child) this.surprises.push(`${instanceId} ended with ${signal ?? code}`);
    });
    this.#child = child;
  }

  /** Dies at once, in the middle of whatever it does. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** Stops as it does when its machine shuts down: what was not sent is sent. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** What its spool says now, by stream. */
  spool(): Promise<Map<string, KeptStream>> {
    return readSpool(join(this.place.stateDirectory, "spool"));
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }
}
