import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { EpochMs } from "../contract/units.ts";
import { newSecret } from "../worker/auth/secret.ts";
import type { AlertRows } from "./alert-rows.ts";
import type { Chance } from "./chance.ts";
import { descendantsOf, freePort } from "./launched.ts";
import type { SentinelRows } from "./sentinel-rows.ts";

const LOOK_EVERY_MS = 20;
const LOOKS_MAX = 250;

export interface EdgeSettings {
  port: number;
  stateDir: string;
  sessionSecret: string;
  tokens: readonly { token: string; instanceId: string }[];
  seed: number;
  isFlushedByChance: boolean;
  /** What probers ask when nothing else answers; absent: as wrangler.toml says. */
  controlUrls?: string;
}

export interface EdgeQuestion {
  id: number;
  ask:
    "flush" | "flush only when told" | "tick" | "stored" | "rolled" | "sign-in link" | "sentinel rows" | "alert rows";
  /** When it is for the tick. */
  at?: EpochMs;
}

/** The first one, with the id 0, says that it is ready. */
export interface EdgeAnswer {
  id: number;
  stored?: StoredSample[];
  rolled?: Record<string, number>;
  link?: string;
  sentinelRows?: SentinelRows;
  alertRows?: AlertRows;
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
  /** What it had started when it was ready. */
  #started: number[] = [];
  #lastId = 0;
  readonly #waiting = new Map<number, (answer: EdgeAnswer) => void>();

  private constructor(settings: EdgeSettings, chance: Chance) {
    this.#settings = settings;
    this.#chance = chance;
  }

  static async start(
    tokens: EdgeSettings["tokens"],
    chance: Chance,
    more: Pick<EdgeSettings, "controlUrls"> = {},
  ): Promise<KillableEdge> {
    const stateDir = mkdtempSync(join(tmpdir(), "nephos-edge-"));
    const settings = { port: await freePort(), stateDir, sessionSecret: newSecret(), tokens, seed: 0, ...more };
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
    this.#started = [];
    for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (chunk) => (this.output += String(chunk)));
    child.on("message", (answer: EdgeAnswer) => this.#waiting.get(answer.id)?.(answer));
    child.on("exit", (code, signal) => {
      for (const id of this.#waiting.keys()) this.#waiting.get(id)!({ id, error: `ended with ${signal ?? code}` });
    });
    await this.#answerTo(0);
    this.#started = descendantsOf(child.pid!);
  }

  /** From now on only `flush` writes blocks. */
  async flushOnlyWhenTold(): Promise<void> {
    await this.#ask("flush only when told");
  }

  async flush(): Promise<void> {
    await this.#ask("flush");
  }

  /** What comes every two minutes, as if it were this time. */
  async tick(at = Date.now()): Promise<void> {
    await this.#ask("tick", at);
  }

  /** What `npm start` prints for its owner. */
  async signInLink(): Promise<string> {
    return (await this.#ask("sign-in link")).link!;
  }

  async sentinelRows(): Promise<SentinelRows> {
    return (await this.#ask("sentinel rows")).sentinelRows!;
  }

  async alertRows(): Promise<AlertRows> {
    return (await this.#ask("alert rows")).alertRows!;
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
    // Looking up what is to die takes its time: nothing must go on meanwhile, nor be started.
    for (const pid of [child.pid!, ...this.#started]) process.kill(pid, "SIGSTOP");
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

  #ask(ask: EdgeQuestion["ask"], at?: EpochMs): Promise<EdgeAnswer> {
    const id = ++this.#lastId;
    const answer = this.#answerTo(id);
    this.#child!.send({ id, ask, ...(at !== undefined && { at }) } satisfies EdgeQuestion);
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
