import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

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
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.state, { recursive: true, force: true });
  }
}
