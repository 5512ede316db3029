import { AgentSocket } from "./agent-socket.ts";
import { PROTOCOL } from "../contract/limits.ts";
import type { EdgeMessage } from "../contract/agent-link.ts";
import { readings } from "./envelope.ts";
import type { SeededInstance } from "./seed.ts";

/** A process of its own that is a fleet on sockets. It is told to open, then to drive one round per message. */
export type Order =
  | { kind: "open"; url: string; instances: SeededInstance[]; from: number }
  | { kind: "round"; flushUrl: string; samplesPerAgent: number; samplesPerMessage: number };

export interface Driven {
  /** From the first message sent until the last sample was said to be durable. */
  seconds: number;
  samples: number;
  /** What each agent was told is durable, by instance. */
  durable: Record<string, number>;
}

const INTERVAL_MS = 30_000;
/** So many sockets are opened at once, and so many messages written before answers are looked at. */
const OPENED_AT_ONCE = 64;
const WRITTEN_AT_ONCE = 256;

class SocketAgent {
  readonly instance: SeededInstance;
  readonly #stream = crypto.randomUUID();
  readonly #onWelcome: (() => void)[] = [];
  readonly #from: number;
  #socket!: AgentSocket;
  #seq = 0;
  durableSeq = 0;

  constructor(instance: SeededInstance, from: number) {
    this.instance = instance;
    this.#from = from;
  }

  get isDurable(): boolean {
    return this.durableSeq === this.#seq;
  }

  async open(url: string): Promise<void> {
    this.#socket = await AgentSocket.open(url, this.instance.token, (message) => this.#heard(message));
    await this.hello();
  }

  /** Resolves with the welcome: messages are taken in order, so all before it has been taken in. */
  hello(): Promise<void> {
    const { id } = this.instance;
    const agent = { version: "0.1.0", capabilities: [] };
    const hello = {
      protocol: PROTOCOL,
      agent,
      instance: { id, name: id },
      sentAt: Date.now(),
      intervalMs: INTERVAL_MS,
    };
    return new Promise((resolve) => {
      this.#onWelcome.push(resolve);
      this.#socket.send(JSON.stringify({ type: "hello", ...hello }));
    });
  }

  /** The next samples, half a minute apart: in the past, so that they are due, and going forward, so that blocks fill. */
  send(count: number): void {
    const after = this.#seq;
    const samples = Array.from({ length: count }, () => {
      this.#seq++;
      return { seq: this.#seq, at: this.#from + this.#seq * INTERVAL_MS, metrics: readings(this.#seq) };
    });
    this.#socket.send(JSON.stringify({ type: "samples", stream: this.#stream, sentAt: Date.now(), after, samples }));
  }

  #heard(message: EdgeMessage): void {
    if (message.type === "welcome") this.#onWelcome.shift()!();
    else if (message.type === "durable") this.durableSeq = message.durableSeq;
    else if (message.type === "error" || message.type === "resend") throw new Error(JSON.stringify(message));
  }
}

let agents: SocketAgent[] = [];

async function open({ url, instances, from }: Extract<Order, { kind: "open" }>): Promise<void> {
  agents = instances.map((instance) => new SocketAgent(instance, from));
  for (let first = 0; first < agents.length; first += OPENED_AT_ONCE) {
    await Promise.all(agents.slice(first, first + OPENED_AT_ONCE).map((agent) => agent.open(url)));
  }
}

async function drive({
  flushUrl,
  samplesPerAgent,
  samplesPerMessage,
}: Extract<Order, { kind: "round" }>): Promise<Driven> {
  const began = performance.now();
  let written = 0;
  let before = Promise.resolve();
  for (let sent = 0; sent < samplesPerAgent; sent += samplesPerMessage) {
    for (const agent of agents) {
      agent.send(samplesPerMessage);
      if (++written % WRITTEN_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // Two messages of each agent under way, no more: what lay in the network for seconds would look like a clock that is wrong.
    await before;
    before = agents.at(-1)!.hello();
  }
  await Promise.all(agents.map((agent) => agent.hello()));
  const flushed = await fetch(flushUrl);
  if (!flushed.ok) throw new Error(`The shard could not flush: ${await flushed.text()}`);
  while (!agents.every(({ isDurable }) => isDurable)) await new Promise((resolve) => setTimeout(resolve, 1));
  return {
    seconds: (performance.now() - began) / 1_000,
    samples: samplesPerAgent * agents.length,
    durable: Object.fromEntries(agents.map(({ instance, durableSeq }) => [instance.id, durableSeq])),
  };
}

process.on("message", (order: Order) => {
  const done = order.kind === "open" ? open(order) : drive(order);
  done.then(
    (result) => process.send!({ result: result ?? null }),
    (error: Error) => process.send!({ error: error.message }),
  );
});
process.on("uncaughtException", (error) => process.send!({ error: error.message }));
// Whoever started this has gone: so does this.
process.on("disconnect", () => process.exit());
