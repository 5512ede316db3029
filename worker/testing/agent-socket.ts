import type { Held } from "../series/query.ts";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { AgentHello, AgentMessage, AgentSamples, EdgeMessage } from "../../contract/agent-link.ts";
import { PROTOCOL } from "../../contract/limits.ts";
import type { Readings } from "../../contract/metric.ts";
import { ONLY_SHARD } from "../live/shard-of.ts";
import { fetchApp } from "./people.ts";

export const onlyShard = () => env.FLEET.getByName(ONLY_SHARD);

type Told<Type extends EdgeMessage["type"]> = Extract<EdgeMessage, { type: Type }>;

/** An agent's socket, through the front door. Messages are waited for, not slept for. */
export class AgentSocket {
  readonly closed: Promise<{ code: number; reason: string }>;
  isClosed = false;
  readonly #socket: WebSocket;
  #messages: EdgeMessage[] = [];
  #waiting: (() => void)[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) =>
      socket.addEventListener("close", ({ code, reason }) => {
        this.isClosed = true;
        resolve({ code, reason });
        for (const wake of this.#waiting.splice(0)) wake();
      }),
    );
    socket.addEventListener("message", (event) => {
      this.#messages.push(JSON.parse(String(event.data)) as EdgeMessage);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    socket.accept();
  }

  /** Connected, and nothing said yet. */
  static async open(secret: string): Promise<AgentSocket> {
    const headers = { authorization: `Bearer ${secret}`, upgrade: "websocket" };
    const reply = await fetchApp("/agent", { headers });
    if (!reply.webSocket) throw new Error(`No socket: ${reply.status} ${await reply.text()}`);
    return new AgentSocket(reply.webSocket);
  }

  /** Connected and welcome. */
  static async of(secret: string, id: string, more: Partial<AgentHello> = {}): Promise<AgentSocket> {
    const socket = await AgentSocket.open(secret);
    socket.send(hello(id, more));
    await socket.next("welcome");
    return socket;
  }

  send(message: AgentMessage | Record<string, unknown>): void {
    this.sendRaw(JSON.stringify(message));
  }

  sendRaw(data: string | Uint8Array): void {
    this.#socket.send(data);
  }

  close(): void {
    this.#socket.close(1000, "done");
  }

  /** What has been told and not been waited for. */
  get heard(): readonly EdgeMessage[] {
    return this.#messages;
  }

  /** All that has been told since the last call. */
  take(): EdgeMessage[] {
    return this.#messages.splice(0);
  }

  async next<Type extends EdgeMessage["type"]>(type: Type, about: (message: Told<Type>) => boolean = () => true) {
    for (;;) {
      const index = this.#messages.findIndex((message) => message.type === type && about(message as Told<Type>));
      if (index >= 0) return this.#messages.splice(index, 1)[0] as Told<Type>;
      if (this.isClosed) throw new Error(`The socket is closed, and ${type} never came: ${JSON.stringify(this.heard)}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

export function hello(id: string, more: Partial<AgentHello> = {}): AgentHello {
  return {
    type: "hello",
    protocol: PROTOCOL,
    agent: { version: "0.2.0", capabilities: ["resend", "watch", "config"] },
    instance: { id, name: id },
    sentAt: Date.now(),
    intervalMs: 30_000,
    ...more,
  };
}

/** `after` is one below the first, and `at` a second apart by number, unless told otherwise. */
export function samples(
  first: number,
  last: number,
  more: Partial<AgentSamples> & { from?: number; metrics?: (seq: number) => Readings } = {},
): AgentSamples {
  const { from = Date.now() - 900_000, metrics = (seq) => ({ load_1m: seq }), ...rest } = more;
  return {
    type: "samples",
    stream: "stream-0001",
    sentAt: Date.now(),
    after: first - 1,
    oldest: false,
    samples: Array.from({ length: last - first + 1 }, (_, index) => {
      const seq = first + index;
      return { seq, at: from + seq * 1_000, metrics: metrics(seq) };
    }),
    ...rest,
  };
}

/** Numbers of the samples that wait for their block, of all streams of an instance. */
export async function waitingSeqs(id: string): Promise<number[]> {
  const { waiting } = (await onlyShard().held([id], [])) as Held;
  return [...(waiting.get(id)?.seq ?? [])].sort((a, b) => a - b);
}

export async function untilWaiting(id: string, seqs: readonly number[]): Promise<void> {
  await expect.poll(() => waitingSeqs(id), { interval: 5, timeout: 5_000 }).toEqual(seqs);
}
