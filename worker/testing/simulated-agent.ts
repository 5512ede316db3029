import type { AgentSamples, EdgeMessage } from "../../contract/agent-link.ts";
import type { IngestReply } from "../../contract/ingest.ts";
import type { Readings } from "../../contract/metric.ts";
import { AgentSocket, hello } from "./agent-socket.ts";
import type { Chance } from "../../tests/chance.ts";
import { envelope, post } from "./people.ts";

export interface MadeSample {
  seq: number;
  at: number;
  metrics: Readings;
}

/** One stream as its agent knows it. */
interface SimulatedStream {
  id: string;
  next: number;
  /** Not known to be durable, oldest first. */
  kept: MadeSample[];
  /** Everything that was ever made, by number. */
  made: Map<number, MadeSample>;
  durableSeq: number;
  /** The highest number sent since the connection, and ever. */
  sent: number;
  everSent: number;
  /** Lost with the agent's memory before they were durable: they may have arrived. */
  givenUp: Set<number>;
}

/** What an agent is by the protocol, and nothing more: numbers its samples, keeps them until they are durable, sends again. */
export class SimulatedAgent {
  readonly id: string;
  readonly streams: SimulatedStream[] = [];
  socket: AgentSocket | undefined;
  readonly #secret: string;
  readonly #chance: Chance;
  #clock: number;
  /** Messages on their way, and what was sent before and may come again. */
  #outbox: AgentSamples[] = [];
  #old: AgentSamples[] = [];

  readonly #isWide: boolean;

  /** `isWide`: now and then it says more than an attachment holds. */
  constructor(id: string, secret: string, chance: Chance, clock: number, isWide: boolean) {
    [this.id, this.#secret, this.#chance, this.#clock, this.#isWide] = [id, secret, chance, clock, isWide];
    this.begin();
  }

  get clock(): number {
    return this.#clock;
  }

  get keeps(): number {
    return this.streams.reduce((sum, { kept }) => sum + kept.length, 0);
  }

  /** A new stream: at its start, and when its clock was stepped. */
  begin(): void {
    const id = `${this.id}-stream-${this.streams.length}`;
    this.streams.push({
      id,
      next: 1,
      kept: [],
      made: new Map(),
      durableSeq: 0,
      sent: 0,
      everSent: 0,
      givenUp: new Set(),
    });
  }

  stepClock(byMs: number): void {
    this.#clock += Math.round(byMs);
    this.begin();
  }

  measure(): void {
    const stream = this.streams.at(-1)!;
    this.#clock += 1_000 + this.#chance.below(300_000);
    const metrics: Readings = { load_1m: this.#chance.below(1e6) / 100, "queue.depth": this.#chance.next() };
    if (this.#chance.happens(0.3)) metrics[`disk_util_ratio:${this.#chance.below(3)}`] = this.#chance.below(1e5) / 1e5;
    const disks = this.#isWide && this.#chance.happens(0.1) ? 400 : 0;
    for (let disk = 0; disk < disks; disk++) metrics[`disk_util_ratio:${disk}`] = this.#chance.below(1e5) / 1e5;
    this.#put(stream, { at: this.#clock, metrics });
  }

  /** Its memory is full: the oldest are no longer kept. */
  giveUp(): void {
    const stream = this.#chance.pick(this.streams);
    for (const { seq } of stream.kept.splice(0, this.#chance.below(4))) stream.givenUp.add(seq);
  }

  #put(stream: SimulatedStream, sample: Omit<MadeSample, "seq">): void {
    const made = { seq: stream.next++, ...sample };
    stream.kept.push(made);
    stream.made.set(made.seq, made);
  }

  async connect(): Promise<void> {
    this.disconnect();
    this.socket = await AgentSocket.of(this.#secret, this.id, { sentAt: this.#clock });
    if (this.#chance.happens(0.3)) this.#backfill();
  }

  /** Says hello again: its socket's attachment is written then, and not only once a second. */
  greet(): void {
    if (this.socket && !this.socket.isClosed) this.socket.send(hello(this.id, { sentAt: this.#clock }));
  }

  disconnect(): void {
    this.socket?.close();
    this.socket = undefined;
    this.#outbox = [];
    for (const stream of this.streams) stream.sent = 0;
  }

  /** After an outage: what was never sent goes in a stream of its own, so that the present need not wait for it. */
  #backfill(): void {
    const stream = this.streams.at(-1)!;
    const unsent = stream.kept.filter(({ seq }) => seq > stream.everSent);
    if (unsent.length < 3) return;
    stream.kept = stream.kept.filter(({ seq }) => seq <= stream.everSent);
    for (const { seq } of unsent) stream.made.delete(seq);
    this.begin();
    const backfill = this.streams.at(-1)!;
    for (const { at, metrics } of unsent) this.#put(backfill, { at, metrics });
    // The present goes on in the stream it was in.
    this.streams.splice(this.streams.indexOf(stream), 1);
    this.streams.push(stream);
  }

  /** Starts anew, with its memory or without. */
  restart(keepsMemory: boolean): void {
    this.disconnect();
    if (!keepsMemory) {
      this.#old = [];
      for (const stream of this.streams) {
        for (const { seq } of stream.kept) stream.givenUp.add(seq);
        stream.kept = [];
      }
    }
    this.begin();
  }

  /** Puts what was not sent yet into messages. */
  gather(): void {
    for (const stream of this.#chance.shuffled(this.streams)) {
      for (;;) {
        const first = stream.kept.findIndex(({ seq }) => seq > stream.sent);
        if (first === -1) break;
        const samples = stream.kept.slice(first, first + 1 + this.#chance.below(5));
        const before = stream.kept[first - 1]?.seq;
        const after = before ?? samples[0]!.seq - 1;
        stream.sent = samples.at(-1)!.seq;
        stream.everSent = Math.max(stream.everSent, stream.sent);
        // A clock that was set back does not make older samples come from the future.
        const sentAt = Math.max(this.#clock, samples.at(-1)!.at);
        this.#outbox.push({ type: "samples", stream: stream.id, sentAt, after, oldest: before === undefined, samples });
      }
    }
  }

  /** The first message of some stream is sent: within a stream they keep their order, between streams they need not. */
  deliver(): void {
    if (!this.socket || this.socket.isClosed || this.#outbox.length === 0) return;
    const stream = this.#chance.pick(this.#outbox).stream;
    const index = this.#outbox.findIndex((message) => message.stream === stream);
    const [message] = this.#outbox.splice(index, 1);
    this.#old.push(message!);
    this.socket.send(message!);
  }

  /** Something that was sent comes again, however late, by either way. */
  async repeat(): Promise<void> {
    if (this.#old.length === 0) return;
    const message = this.#chance.pick(this.#old);
    if (this.#chance.happens(0.5) && this.socket && !this.socket.isClosed) this.socket.send(message);
    else await this.#post(message);
  }

  /** Where the socket does not get through: the same samples by POST. */
  async deliverByPost(): Promise<void> {
    const message = this.#outbox.shift();
    if (!message) return;
    this.#old.push(message);
    await this.#post(message);
  }

  async #post({ stream, sentAt, after, oldest, samples }: AgentSamples): Promise<void> {
    const reply = await post(this.#secret, envelope({ id: this.id, stream, sentAt, samples, after, oldest }));
    if (reply.status === 503) return;
    if (reply.status !== 200) throw new Error(`${this.id}: ${reply.status} ${await reply.text()}`);
    const { durableSeq, resendAfter } = await reply.json<IngestReply>();
    this.#durable(stream, durableSeq);
    if (resendAfter !== undefined) this.#resend(stream, resendAfter);
  }

  /** Takes in what the edge has said; throws where it said what it must not. */
  listen(): void {
    for (const message of this.socket?.take() ?? []) this.#hear(message);
    if (this.socket?.isClosed) this.disconnect();
  }

  #hear(message: EdgeMessage): void {
    if (message.type === "durable") this.#durable(message.stream, message.durableSeq);
    else if (message.type === "resend") this.#resend(message.stream, message.after);
    else if (message.type === "error" && !PASSING.includes(message.code)) {
      throw new Error(`${this.id} was refused: ${JSON.stringify(message)}`);
    }
  }

  #durable(id: string, durableSeq: number): void {
    const stream = this.streams.find((one) => one.id === id)!;
    if (durableSeq >= stream.next) throw new Error(`${id}: ${durableSeq} is told durable, and was never made`);
    stream.durableSeq = Math.max(stream.durableSeq, durableSeq);
    stream.kept = stream.kept.filter(({ seq }) => seq > durableSeq);
  }

  #resend(id: string, after: number): void {
    const stream = this.streams.find((one) => one.id === id)!;
    stream.sent = Math.min(stream.sent, after);
    this.#outbox = this.#outbox.filter((message) => message.stream !== id);
  }
}

/** Refusals after which the same samples are sent again. */
const PASSING = ["storage_unavailable", "too_busy"];
