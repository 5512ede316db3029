import { describe, expect, it } from "vitest";
import type { IngestEnvelope } from "../contract/ingest.ts";
import { ManualClock } from "./clock-for-tests.ts";
import { Delivery } from "./delivery.ts";
import { envelopeOf, type Outcome } from "./sender.ts";
import { Spool } from "./spool.ts";
import { Stream } from "./stream.ts";

/** Small, fast, and the same for the same seed (mulberry32). */
function chanceFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * An edge that holds samples in memory and writes them now and then, forgets its memory between two rounds, refuses, is away,
 * and answers into the void. What it calls durable is the highest number it has written, holes below or not.
 */
class UnsureEdge {
  readonly written = new Map<string, Set<number>>();
  /** Every sample that was ever written, whatever its stream was called then. */
  readonly serials = new Set<number>();
  isCalm = false;
  #held = new Map<string, { seq: number; serial: number }[]>();
  readonly #chance: () => number;

  constructor(chance: () => number) {
    this.#chance = chance;
  }

  take({ stream, samples }: IngestEnvelope): Outcome {
    const fate = this.isCalm ? 1 : this.#chance();
    if (fate < 0.05) return { kind: "away", why: "503", retryAfterMs: this.#chance() * 20_000 };
    if (fate < 0.06) return { kind: "locked", why: "401" };
    if (fate < 0.07) return { kind: "stream-conflict", why: "409" };
    if (samples.some((sample) => sample.metrics.load_1m === POISON)) return { kind: "refused", why: "422" };
    const held = samples.map(({ seq, metrics }) => ({ seq, serial: metrics.load_5m! }));
    this.#held.set(stream, [...(this.#held.get(stream) ?? []), ...held]);
    if (fate > 0.7) this.#write();
    if (fate < 0.12) return { kind: "away", why: "the answer got lost", retryAfterMs: 0 };
    const durableSeq = Math.max(0, ...(this.written.get(stream) ?? []));
    const accepted = samples.length;
    return {
      kind: "taken",
      reply: { durableSeq, accepted, metricsIngested: accepted },
    };
  }

  forget(): void {
    if (!this.isCalm && this.#chance() < 0.2) this.#held = new Map();
  }

  #write(): void {
    for (const [stream, held] of this.#held) {
      this.written.set(stream, new Set([...(this.written.get(stream) ?? []), ...held.map(({ seq }) => seq)]));
      for (const { serial } of held) this.serials.add(serial);
    }
    this.#held = new Map();
  }
}

/** A reading the edge never takes. */
const POISON = 666;

interface Taken {
  serial: number;
  stream: string;
  seq: number;
  at: number;
  isPoison: boolean;
}

/** Some hours of an agent's life on a bad network; answers what it took and what became of it. */
async function live(seed: number, samplesMax: number) {
  const chance = chanceFrom(seed);
  const clock = new ManualClock();
  const edge = new UnsureEdge(chance);
  const spool = new Spool(samplesMax);
  const newId = () => `stream-${Math.trunc(chance() * 1e12)}`;
  const stream = new Stream(newId);
  const takenSamples: Taken[] = [];
  const silent = { info() {}, warn() {}, debug() {} };
  const delivery = new Delivery(spool, clock, silent, {
    envelopeOf: (batch) => envelopeOf("0", { id: "i" }, batch, clock.wall, 30_000),
    send: async (envelope) => edge.take(envelope),
    newStreamId: newId,
    streamRenamed: (from, to) => {
      if (stream.id === from) stream.rename(to);
    },
  });
  const tick = async () => {
    clock.chance = chance();
    if (chance() < 0.01) clock.wall += (chance() - 0.5) * 3_600_000;
    const { stream: id, seq, at } = stream.next(clock.wallMs(), clock.monotonicMs());
    const isPoison = chance() < 0.02;
    const serial = takenSamples.length;
    takenSamples.push({ serial, stream: id, seq, at, isPoison });
    spool.append(id, { seq, at, metrics: { load_1m: isPoison ? POISON : 1, load_5m: serial } });
    await delivery.wake();
    await clock.pass(30_000);
    edge.forget();
  };
  for (let count = 0; count < 300; count++) await tick();
  edge.isCalm = true;
  await clock.pass(600_000);
  await tick();
  return { edge, spool, takenSamples };
}

const FIRST_SEED = Number(process.env.NEPHOS_SEED ?? 1);

describe("an agent on a bad network", () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + 8; seed++) {
    it(`loses nothing it has room for (NEPHOS_SEED=${seed})`, async () => {
      const { edge, spool, takenSamples } = await live(seed, 10_000);
      const missing = takenSamples.filter(({ serial, isPoison }) => !isPoison && !edge.serials.has(serial));
      expect(missing).toEqual([]);
      expect(spool.size).toBe(0);
      expect(spool.dropped).toBe(takenSamples.filter(({ isPoison }) => isPoison).length);
    });

    it(`numbers and times its samples strictly upwards in each stream (NEPHOS_SEED=${seed})`, async () => {
      const { takenSamples } = await live(seed, 10_000);
      const last = new Map<string, Taken>();
      for (const sample of takenSamples) {
        const before = last.get(sample.stream);
        if (before) expect([sample.seq > before.seq, sample.at > before.at]).toEqual([true, true]);
        last.set(sample.stream, sample);
      }
    });

    it(`without room loses only the oldest, and counts them (NEPHOS_SEED=${seed})`, async () => {
      const { edge, spool, takenSamples } = await live(seed, 3);
      const missing = takenSamples.filter(({ serial }) => !edge.serials.has(serial));
      // What gave way may have been written all the same, its answer lost: then it is counted and not missing.
      expect(missing.length).toBeLessThanOrEqual(spool.dropped);
      expect(spool.size).toBe(0);
    });
  }
});
