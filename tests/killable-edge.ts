import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { newSecret } from "../worker/auth/secret.ts";
import type { Chance } from "./chance.ts";
import { descendantsOf, freePort } from "./launched.ts";

const LOOK_EVERY_MS = 20;
const LOOKS_MAX = 250;

export interface EdgeSettings {
  port: number;
  stateDir: string;
  sessionSecret: string;
  tokens: readonly { token: string; instanceId: string }[];
  seed: number;
  isFlushedByChance: boolean;
}

export interface EdgeQuestion {
  id: number;
  ask: "flush" | "flush only when told" | "tick" | "stored" | "rolled";
}

/** The first one, with the id 0, says that it is ready. */
export interface EdgeAnswer {
  id: number;
  stored?: StoredSample[];
  rolled?: Record<string, number>;
  error?: string;
}

/** A sample as it stands in the database. */
export interface StoredSample {
  instanceId: string;
  stream: string;
  seq: number;
  at: number;
}

/** The whole edge (Miniflare and its workerd) in a process that can be killed, with its database in a folder that stays. */
export class KillableEdge {
  /** All it ever said, over all its lives. */
  output = "";
  readonly #settings: EdgeSettings;
  readonly #chance: Chance;
  #child: ChildProcess | undefined;
  #lastId = 0;
  readonly #waiting = new Map<number, (answer: EdgeAnswer) => void>();

  private constructor(settings: EdgeSettings, chance: Chance) {
    this.#settings = settings;
    this.#chance = chance;
  }

  static async start(tokens: EdgeSettings["tokens"], chance: Chance): Promise<KillableEdge> {
    const stateDir = mkdtempSync(join(tmpdir(), "nephos-edge-"));
    const settings = { port: await freePort(), stateDir, sessionSecret: newSecret(), tokens, seed: 0 };
    const edge = new KillableEdge({ ...settings, isFlushedByChance: true }, chance);
    await edge.start();
    return edge;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#settings.port}`;
  }

  /** Done when it answers. */
  async start(isFlushedByChance = true): Promise<void> {
    const seed = Math.floor(this.#chance.next() * 2 ** 31);
    const settings = { ...this.#settings, seed, isFlushedByChance } satisfies EdgeSettings;
    const child = fork(join(import.meta.dirname, "killable-edge-process.ts"), [JSON.stringify(settings)], {
      execArgv: [],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (chunk) => (this.output += String(chunk)));
    child.on("message", (answer: EdgeAnswer) => this.#waiting.get(answer.id)?.(answer));
    child.on("exit", (code, signal) => {
      for (const id of this.#waiting.keys()) this.#waiting.get(id)!({ id, error: `ended with ${signal ?? code}` });
    });
    await this.#answerTo(0);
  }

  /** From now on only `flush` writes blocks. */
  async flushOnlyWhenTold(): Promise<void> {
    await this.#ask("flush only when told");
  }

  async flush(): Promise<void> {
    await this.#ask("flush");
  }

  /** What comes every two minutes. */
  async tick(): Promise<void> {
    await this.#ask("tick");
  }

  /** How many samples of each instance are in the points of an hour. */
  async rolled(): Promise<Record<string, number>> {
    return (await this.#ask("rolled")).rolled!;
  }

  async stored(): Promise<StoredSample[]> {
    return (await this.#ask("stored")).stored!;
  }

  /** Everything dies at once. Done when its port is free again. */
  async kill(): Promise<void> {
    const child = this.#child!;
    const exited = once(child, "exit");
    // It must not start anything between the look at what it has started and its death.
    process.kill(child.pid!, "SIGSTOP");
    for (const pid of [child.pid!, ...descendantsOf(child.pid!)]) process.kill(pid, "SIGKILL");
    await exited;
    for (let looks = 0; !(await isFree(this.#settings.port)); looks++) {
      if (looks > LOOKS_MAX) throw new Error(`The port is still taken:\n${this.output}`);
      await setTimeout(LOOK_EVERY_MS);
    }
  }

  async end(): Promise<void> {
    const child = this.#child!;
    if (child.exitCode === null && child.signalCode === null) await this.kill();
    rmSync(this.#settings.stateDir, { recursive: true, force: true });
  }

  #ask(ask: EdgeQuestion["ask"]): Promise<EdgeAnswer> {
    const id = ++this.#lastId;
    const answer = this.#answerTo(id);
    this.#child!.send({ id, ask } satisfies EdgeQuestion);
    return answer;
  }

  async #answerTo(id: number): Promise<EdgeAnswer> {
    const answer = await new Promise<EdgeAnswer>((resolve) => this.#waiting.set(id, resolve));
    this.#waiting.delete(id);
    if (answer.error) throw new Error(`${answer.error}\n${this.output}`);
    return answer;
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  const isBound = await new Promise<boolean>((resolve) => {
    probe.once("error", () => resolve(false));
    probe.listen({ host: "127.0.0.1", port, exclusive: true }, () => resolve(true));
  });
  if (isBound) await new Promise((closed) => probe.close(closed));
  return isBound;
}
