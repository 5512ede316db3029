import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Chance } from "../tests/chance.ts";
import { ManualClock, settled } from "./clock-for-tests.ts";
import { Delivery } from "./delivery.ts";
import { envelopeOf, samplesMessageOf } from "./sender.ts";
import { Spool } from "./spool.ts";
import { SpoolLog } from "./spool-log.ts";
import { Stream } from "./stream.ts";
import { POISON, UnsureEdge } from "./unsure-edge-for-tests.ts";

interface Taken {
  serial: number;
  stream: string;
  seq: number;
  at: number;
  isPoison: boolean;
}

const silent = { info() {}, warn() {}, debug() {} };

/** One run of the agent's program on a machine that goes on when the program does not. */
async function startRun(
  clock: ManualClock,
  edge: UnsureEdge,
  chance: () => number,
  directory: string,
  samplesMax: number,
) {
  const spool = new Spool({ samplesMax });
  const log = new SpoolLog({ directory, bytesMax: 64_000_000, segmentBytes: 4_000, spool, clock, log: silent });
  await log.open();
  const newId = () => `stream-${Math.trunc(chance() * 1e12)}`;
  const stream = new Stream(newId);
  let isDead = false;
  const delivery = new Delivery(spool, clock, silent, {
    openLink: (events) => edge.open(events, () => isDead),
    messageOf: (batch) => samplesMessageOf(batch, clock.wall),
    envelopeOf: (batch) => envelopeOf("0", { id: "i" }, batch, clock.wall, 30_000),
    send: async (envelope) => edge.post(envelope),
    liveStream: () => stream.id,
    beginStream: () => stream.beginAnew(),
    newStreamId: newId,
    streamRenamed: (from, to) => {
      if (stream.id === from) stream.rename(to);
    },
    watch: () => {},
    endWatch: () => {},
    isWatched: () => false,
  });
  return {
    spool,
    stream,
    delivery,
    log,
    /** As by SIGKILL: nothing is said to anybody. */
    kill: async () => {
      isDead = true;
      await log.flush();
      edge.hangUp();
      void delivery.flush(0);
      await log.close();
    },
  };
}

/** Some hours of an agent's life on a bad network; answers what it took and what became of it. */
async function live(seed: number, samplesMax: number, mayDie = true) {
  const random = new Chance(seed);
  const chance = () => random.next();
  const clock = new ManualClock();
  const edge = new UnsureEdge(chance, clock);
  const directory = mkdtempSync(join(tmpdir(), "nephos-life-"));
  let run = await startRun(clock, edge, chance, directory, samplesMax);
  let dropped = 0;
  const takenSamples: Taken[] = [];
  const lost: number[] = [];
  const tick = async () => {
    clock.chance = chance();
    if (chance() < 0.01) clock.wall += (chance() - 0.5) * 3_600_000;
    const { stream: id, seq, at } = run.stream.next(clock.wallMs(), clock.monotonicMs());
    const isPoison = chance() < 0.02;
    const serial = takenSamples.length;
    takenSamples.push({ serial, stream: id, seq, at, isPoison });
    run.spool.append(id, { seq, at, metrics: { load_1m: isPoison ? POISON : 1, load_5m: serial } });
    await run.delivery.wake();
    for (let part = 0; part < 6; part++) {
      await clock.pass(5_000);
      edge.live();
      await settled();
    }
    await run.log.flush();
    // Nothing the edge has not called durable is ever missing from the agent.
    const kept = new Set([...run.spool.all()].map(([, { keys, values }]) => values[keys.indexOf("load_5m")]));
    for (const sample of takenSamples) {
      if (!sample.isPoison && !kept.has(sample.serial) && !edge.serials.has(sample.serial)) lost.push(sample.serial);
    }
    if (mayDie && !edge.isCalm && chance() < 0.03) {
      dropped += run.spool.dropped;
      await run.kill();
      run = await startRun(clock, edge, chance, directory, samplesMax);
    }
  };
  for (let count = 0; count < 300; count++) await tick();
  edge.isCalm = true;
  clock.wall += 3_600_000;
  for (let count = 0; count < 60; count++) await tick();
  // What nobody mentions any more is sent again after two hours.
  await clock.pass(2.1 * 3_600_000);
  for (let count = 0; count < 60; count++) await tick();
  await run.log.close();
  rmSync(directory, { recursive: true });
  return { edge, spool: run.spool, dropped: dropped + run.spool.dropped, takenSamples, lost };
}

const FIRST_SEED = Number(process.env.NEPHOS_SEED ?? 1);

describe("an agent on a bad network", () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + 8; seed++) {
    it(`loses nothing it has room for, and has everything written once (NEPHOS_SEED=${seed})`, async () => {
      const { edge, spool, dropped, takenSamples, lost } = await live(seed, 10_000);
      expect(lost).toEqual([]);
      const missing = takenSamples.filter(({ serial, isPoison }) => !isPoison && !edge.serials.has(serial));
      expect(missing).toEqual([]);
      expect(edge.writtenTwice).toEqual([]);
      expect(spool.size).toBe(0);
      expect(dropped).toBe(takenSamples.filter(({ isPoison }) => isPoison).length);
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
      const { edge, spool, takenSamples } = await live(seed, 3, false);
      const missing = takenSamples.filter(({ serial }) => !edge.serials.has(serial));
      // What gave way may have been written all the same, its answer lost: then it is counted and not missing.
      expect(missing.length).toBeLessThanOrEqual(spool.dropped);
      expect(spool.size).toBe(0);
    });
  }
});
