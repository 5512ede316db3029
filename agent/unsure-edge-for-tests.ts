import type { AgentMessage, AgentSamples } from "../contract/agent-link.ts";
import type { IngestEnvelope } from "../contract/ingest.ts";
import type { ManualClock } from "./clock-for-tests.ts";
import type { LinkEvents } from "./link.ts";
import type { Outcome } from "./sender.ts";

/** A reading the edge never takes. */
export const POISON = 666;

interface Held {
  seq: number;
  serial: number;
}

/**
 * An edge that holds samples in memory and writes them now and then, forgets its memory in between, refuses, is away, loses
 * what is on its way, and closes its sockets. It takes the samples of a stream in order, without a gap it could have filled, and
 * asks for what it lacks. What it calls durable is what it has written up to the first hole.
 */
export class UnsureEdge {
  /** Of each stream the highest number that is written. */
  readonly #written = new Map<string, number>();
  /** Every sample that was ever written, whatever its stream was called then. */
  readonly serials = new Set<number>();
  /** By stream and number. */
  readonly writtenTwice: string[] = [];
  readonly #names = new Set<string>();
  isCalm = false;
  #held = new Map<string, Held[]>();
  #link: LinkEvents | undefined;
  readonly #chance: () => number;
  readonly #clock: ManualClock;

  constructor(chance: () => number, clock: ManualClock) {
    this.#chance = chance;
    this.#clock = clock;
  }

  /** A socket, or none today. */
  open(events: LinkEvents, isDead: () => boolean) {
    let isOpen = true;
    const later = (run: () => void) => this.#clock.after(20 + this.#chance() * 200, () => isOpen && !isDead() && run());
    const end = (end: Parameters<LinkEvents["ended"]>[0]) => {
      isOpen = false;
      if (this.#link === events) this.#link = undefined;
      events.ended(end);
    };
    later(() => {
      const fate = this.#fate();
      if (fate < 0.1) return end({ kind: "away", why: "nobody there", retryAfterMs: 0 });
      if (fate < 0.2) return end({ kind: "blocked", why: "cut", isCertain: fate < 0.13 });
      if (fate < 0.22) return end({ kind: "locked", why: "401" });
      this.#link = events;
      events.welcomed();
    });
    const send = (message: AgentMessage) => {
      if (!isOpen || isDead() || message.type !== "samples") return false;
      const fate = this.#fate();
      // Into the void: the connection is lost, and only later does anybody notice.
      if (fate < 0.03) {
        const lost = () => end({ kind: "dead", why: "no answer" });
        this.#link = undefined;
        isOpen = false;
        this.#clock.after(15_000, () => !isDead() && lost());
        return true;
      }
      later(() => this.#takeFrom(message, events, end));
      return true;
    };
    return {
      send,
      close: async () => {
        isOpen = false;
        if (this.#link === events) this.#link = undefined;
      },
    };
  }

  /** The agent is gone without a word. */
  hangUp(): void {
    this.#link = undefined;
  }

  post({ stream, samples, after = 0, oldest = false }: IngestEnvelope): Outcome {
    const fate = this.#fate();
    if (fate < 0.05) return { kind: "away", why: "503", retryAfterMs: this.#chance() * 20_000 };
    if (fate < 0.06) return { kind: "locked", why: "401" };
    if (fate < 0.07) return { kind: "stream-conflict", why: "409" };
    if (samples.some(({ metrics }) => metrics.load_1m === POISON)) return { kind: "refused", why: "422" };
    const resendAfter = this.#take(stream, samples, after, oldest);
    if (fate < 0.12) return { kind: "away", why: "the answer got lost", retryAfterMs: 0 };
    const reply = { durableSeq: this.#written.get(stream) ?? 0, accepted: samples.length, metricsIngested: 1 };
    return { kind: "taken", reply: resendAfter === undefined ? reply : { ...reply, resendAfter } };
  }

  /** A few seconds pass here too. */
  live(): void {
    const fate = this.#fate();
    if (this.isCalm || fate > 0.95) this.write();
    else if (fate < 0.02) this.#held = new Map();
    else if (fate < 0.03) {
      // Another version of it begins, and knows nothing.
      this.#held = new Map();
      const link = this.#link;
      this.#link = undefined;
      link?.ended({ kind: "closed", why: "1001" });
    }
  }

  write(): void {
    for (const [stream, held] of this.#held) {
      for (const { seq, serial } of held) {
        const name = `${stream} ${seq}`;
        if (this.#names.has(name)) this.writtenTwice.push(name);
        this.#names.add(name);
        this.serials.add(serial);
      }
      this.#written.set(stream, Math.max(this.#written.get(stream) ?? 0, held.at(-1)?.seq ?? 0));
      if (this.#fate() > 0.1) this.#link?.heard({ type: "durable", stream, durableSeq: this.#written.get(stream)! });
    }
    this.#held = new Map();
  }

  #fate(): number {
    return this.isCalm ? 0.5 : this.#chance();
  }

  #takeFrom({ stream, samples, after, oldest }: AgentSamples, events: LinkEvents, end: LinkEvents["ended"]): void {
    const fate = this.#fate();
    if (fate < 0.01) {
      const error = { type: "error", error: "", code: "stream_conflict", message: "", stream } as const;
      return end({ kind: "error", error, why: "409" });
    }
    const poison = samples.find(({ metrics }) => metrics.load_1m === POISON);
    if (poison) {
      const named = this.#chance() < 0.5 ? { stream, seq: poison.seq } : {};
      const error = {
        type: "error",
        error: "",
        code: "invalid_field",
        message: "",
        field: "samples[0]",
        ...named,
      } as const;
      return end({ kind: "error", error, why: "400" });
    }
    const resendAfter = this.#take(stream, samples, after, oldest ?? false);
    if (resendAfter !== undefined) events.heard({ type: "resend", stream, after: resendAfter });
    // One that was sent before and is written: the word about it may have been lost.
    else if (samples.at(-1)!.seq <= (this.#written.get(stream) ?? 0)) {
      events.heard({ type: "durable", stream, durableSeq: this.#written.get(stream)! });
    }
  }

  /** Answers after which number it lacks something, where it does: then nothing is taken. */
  #take(stream: string, samples: AgentSamples["samples"], after: number, oldest: boolean): number | undefined {
    const held = this.#held.get(stream) ?? [];
    const cursor = held.at(-1)?.seq ?? this.#written.get(stream) ?? 0;
    if (after > cursor && !oldest) return cursor;
    const fresh = samples.filter(({ seq }) => seq > cursor);
    if (fresh.length === 0) return undefined;
    this.#held.set(stream, [...held, ...fresh.map(({ seq, metrics }) => ({ seq, serial: metrics.load_5m! }))]);
    return undefined;
  }
}
