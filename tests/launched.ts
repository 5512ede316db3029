import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";

const STOP_WAIT_MS = 50;
const STOP_WAITS_MAX = 200;
const root = resolve(import.meta.dirname, "..");

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** The real `npm start`, in a state folder and on a port of its own. */
export class Launched {
  readonly port: number;
  readonly state: string;
  output = "";
  #child: ChildProcess | undefined;

  private constructor(port: number, state: string) {
    this.port = port;
    this.state = state;
  }

  static async start(...args: string[]): Promise<Launched> {
    const launched = new Launched(await freePort(), mkdtempSync(join(tmpdir(), "nephos-state-")));
    await launched.restart(...args);
    return launched;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** Starts it, and returns the printed link when it is ready. */
  async restart(...args: string[]): Promise<string> {
    this.output = "";
    const child = spawn(
      "npm",
      ["start", "--silent", "--", "--port", String(this.port), "--state", this.state, ...args],
      { cwd: root, stdio: ["ignore", "pipe", "pipe"] },
    );
    this.#child = child;
    return new Promise((ready, failed) => {
      const read = (chunk: Buffer) => {
        this.output += chunk.toString();
        const link = /http:\/\/localhost:\d+\/sign-in#[\w-]{43}/.exec(this.output)?.[0];
        if (link) ready(link);
      };
      child.stdout!.on("data", read);
      child.stderr!.on("data", read);
      child.once("exit", (code) => failed(new Error(`npm start ended with ${code}:\n${this.output}`)));
    });
  }

  get link(): string {
    return /http:\/\/localhost:\d+\/sign-in#[\w-]{43}/.exec(this.output)![0];
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.removeAllListeners("exit");
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
    // npm may go before what it started has finished stopping; the lock goes last.
    for (let waits = 0; existsSync(join(this.state, "lock")); waits++) {
      if (waits > STOP_WAITS_MAX) throw new Error(`Still running 10 s after ${signal}:\n${this.output}`);
      await setTimeout(STOP_WAIT_MS);
    }
  }

  /** Pulls the plug: everything it started dies at once, without a chance to finish anything. */
  async pullThePlug(): Promise<void> {
    const child = this.#child!;
    child.removeAllListeners("exit");
    const exited = once(child, "exit");
    for (const pid of [child.pid!, ...descendantsOf(child.pid!)]) process.kill(pid, "SIGKILL");
    await exited;
  }

  /** Kills the launcher alone; what it started it cannot stop any more. Gives back the workerd it leaves behind. */
  async killLauncher(): Promise<number> {
    const child = this.#child!;
    child.removeAllListeners("exit");
    const exited = once(child, "exit");
    const [launcher, workerd] = readFileSync(join(this.state, "lock"), "utf8").split(" ").map(Number);
    process.kill(launcher!, "SIGKILL");
    await exited;
    return workerd!;
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.state, { recursive: true, force: true });
  }
}

/** All that a process has started, and what that has started. */
export function descendantsOf(pid: number): number[] {
  const children = execFileSync("ps", ["-o", "pid=,ppid=", "-A"], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number])
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}
