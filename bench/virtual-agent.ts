import { once } from "node:events";
import { PROTOCOL } from "../contract/limits.ts";
import type { Readings } from "../contract/metric.ts";
import type { SeededInstance } from "./seed.ts";

const SEND_DELAY_MS = 40;

/** A message of an agent, and when the shard hears it. */
export interface VirtualMessage {
  at: number;
  id: string;
  text: string;
}

export interface VirtualAgentOptions {
  instance: SeededInstance;
  readings: Iterator<Readings>;
  intervalMs: number;
  firstAt: number;
}

/** One agent of a virtual day. Its socket is opened in earnest; its messages are made ahead of their time. */
export class VirtualAgent {
  readonly #instance: SeededInstance;
  readonly #readings: Iterator<Readings>;
  readonly #intervalMs: number;
  readonly #stream = crypto.randomUUID();
  #socket: WebSocket | undefined;
  #seq = 0;
  #next: number;

  constructor({ instance, readings, intervalMs, firstAt }: VirtualAgentOptions) {
    this.#instance = instance;
    this.#readings = readings;
    this.#intervalMs = intervalMs;
    this.#next = firstAt;
  }

  async connect(url: string, now: number): Promise<void> {
    this.#socket?.close();
    const socket = new WebSocket(`${url.replace("http", "ws")}/agent?token=${this.#instance.token}`);
    this.#socket = socket;
    await once(socket, "open");
    const { id } = this.#instance;
    const hello = {
      type: "hello",
      protocol: PROTOCOL,
      agent: { version: "0.1.0", capabilities: ["resend", "watch", "config"] },
      instance: { id, name: id },
      sentAt: now,
      intervalMs: this.#intervalMs,
    };
    socket.send(JSON.stringify(hello));
    const [welcome] = (await once(socket, "message")) as [MessageEvent<string>];
    if (!welcome.data.includes('"welcome"')) throw new Error(`No welcome: ${welcome.data}`);
  }

  /** Its messages up to this moment. */
  *until(end: number): Generator<VirtualMessage> {
    for (; this.#next < end; this.#next += this.#intervalMs) {
      const at = this.#next;
      const sample = { seq: ++this.#seq, at, metrics: this.#readings.next().value as Readings };
      const message = { type: "samples", stream: this.#stream, sentAt: at, after: this.#seq - 1, samples: [sample] };
      yield { at: at + SEND_DELAY_MS, id: this.#instance.id, text: JSON.stringify(message) };
    }
  }

  close(): void {
    this.#socket?.close();
  }
}
