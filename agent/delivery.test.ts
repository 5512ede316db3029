import { describe, expect, it } from "vitest";
import type { IngestEnvelope } from "../contract/ingest.ts";
import { ManualClock } from "./clock-for-tests.ts";
import { Delivery } from "./delivery.ts";
import type { Log } from "./log.ts";
import { envelopeOf, type Outcome } from "./sender.ts";
import { Spool } from "./spool.ts";

const taken = (durableSeq: number): Outcome => ({
  kind: "taken",
  reply: { durableSeq, accepted: 1, metricsIngested: 12 },
});
const away = (retryAfterMs = 0): Outcome => ({ kind: "away", why: "It answered 503", retryAfterMs });
const lastSeq = (envelope: IngestEnvelope) => envelope.samples.at(-1)!.seq;

function parts(answerTo: (envelope: IngestEnvelope) => Outcome = (envelope) => taken(lastSeq(envelope))) {
  const clock = new ManualClock();
  const spool = new Spool(1_000);
  const lines: string[] = [];
  const sent: { stream: string; seqs: number[] }[] = [];
  const renamed: string[] = [];
  const state = { answerTo };
  const write = (line: string) => void lines.push(line);
  const log: Log = { info: write, warn: write, debug: () => {} };
  const delivery = new Delivery(spool, clock, log, {
    envelopeOf: (batch) => envelopeOf("0", { id: "i" }, batch, clock.wall, 30_000),
    send: async (envelope) => {
      sent.push({ stream: envelope.stream, seqs: envelope.samples.map(({ seq }) => seq) });
      return state.answerTo(envelope);
    },
    newStreamId: () => `fresh-${renamed.length}`,
    streamRenamed: (from, to) => renamed.push(`${from} ${to}`),
  });
  const append = (seq: number, stream = "stream-a") => spool.append(stream, { seq, at: seq, metrics: { load_1m: 1 } });
  return { clock, spool, lines, sent, renamed, state, delivery, append };
}

describe("delivery", () => {
  it("tells of success at first and after a failure, not each time", async () => {
    const { append, delivery, lines, state, clock } = parts();
    for (const seq of [1, 2, 3]) {
      append(seq);
      await delivery.wake();
    }
    expect(lines).toEqual(["Metrics sent successfully: { metricsIngested: 12, samples: 1, durableSeq: 1 }"]);
    state.answerTo = () => away();
    append(4);
    await delivery.wake();
    state.answerTo = (envelope) => taken(lastSeq(envelope));
    await clock.pass(60_000);
    expect(lines.slice(1)).toEqual([
      "Could not send: It answered 503. Samples waiting: 1",
      "Metrics sent successfully: { metricsIngested: 12, samples: 1, durableSeq: 4 }",
    ]);
  });

  it("sends old samples in hundreds, and those of an older stream first, by themselves", async () => {
    const { append, delivery, sent } = parts();
    for (let seq = 1; seq <= 150; seq++) append(seq);
    append(1, "stream-b");
    await delivery.wake();
    expect(sent.map(({ stream, seqs }) => [stream, seqs.length])).toEqual([
      ["stream-a", 100],
      ["stream-a", 50],
      ["stream-b", 1],
    ]);
  });

  it("keeps everything while the edge is away, waits longer each time, and does not hurry when there is more", async () => {
    const { append, delivery, sent, clock, spool } = parts(() => away());
    clock.chance = 1;
    append(1);
    await delivery.wake();
    expect(clock.nextDelayMs).toBe(2_000);
    append(2);
    await delivery.wake();
    expect(sent).toHaveLength(1);
    await clock.pass(2_000);
    expect([sent.length, clock.nextDelayMs]).toEqual([2, 4_000]);
    await clock.pass(600_000);
    expect(clock.nextDelayMs).toBeLessThanOrEqual(60_000);
    expect(spool.size).toBe(2);
  });

  it("waits as long as the edge asks", async () => {
    const { append, delivery, clock } = parts(() => away(30_000));
    append(1);
    await delivery.wake();
    expect(clock.nextDelayMs).toBeGreaterThanOrEqual(30_000);
  });

  it("keeps everything, and says so once, while the token is refused", async () => {
    const { append, delivery, clock, lines, spool, state } = parts(() => ({ kind: "locked", why: "It answered 401" }));
    append(1);
    await delivery.wake();
    expect(clock.nextDelayMs).toBeGreaterThanOrEqual(60_000);
    await clock.pass(3_600_000);
    expect([lines.length, spool.size]).toEqual([1, 1]);
    state.answerTo = (envelope) => taken(lastSeq(envelope));
    await clock.pass(300_000);
    expect(spool.size).toBe(0);
  });

  it("finds the one sample the edge refuses, and gives up that one alone", async () => {
    const { append, delivery, spool, sent, lines } = parts((envelope) =>
      envelope.samples.some(({ seq }) => seq === 3)
        ? { kind: "refused", why: "It answered 422" }
        : taken(lastSeq(envelope)),
    );
    for (let seq = 1; seq <= 5; seq++) append(seq);
    await delivery.wake();
    expect(sent.map(({ seqs }) => seqs)).toEqual([[1, 2, 3, 4, 5], [1], [2], [3], [4], [5]]);
    expect([spool.size, spool.dropped]).toEqual([0, 1]);
    expect(lines.filter((line) => line.includes("refused samples"))).toHaveLength(1);
    append(6);
    append(7);
    await delivery.wake();
    expect(sent.at(-1)?.seqs).toEqual([6, 7]);
  });

  it("keeps what was taken but is not durable, and begins the next round with it", async () => {
    const { append, delivery, spool, sent, state } = parts(() => taken(0));
    append(1);
    await delivery.wake();
    expect(spool.size).toBe(1);
    append(2);
    await delivery.wake();
    state.answerTo = () => taken(1);
    append(3);
    await delivery.wake();
    append(4);
    await delivery.wake();
    expect(sent.map(({ seqs }) => seqs)).toEqual([[1], [1, 2], [1, 2, 3], [2, 3, 4]]);
  });

  it("does not believe that a sample it never sent is durable", async () => {
    const { append, delivery, spool } = parts(() => taken(1_000_000));
    for (let seq = 1; seq <= 100; seq++) append(seq);
    const sending = delivery.wake();
    append(101);
    expect(spool.size).toBe(101);
    await sending;
    expect(spool.size).toBe(0);
    expect(spool.dropped).toBe(0);
  });

  it("takes the samples of a stream the edge knows from elsewhere into a new one", async () => {
    const { append, delivery, sent, renamed, spool } = parts((envelope) =>
      envelope.stream === "stream-a" ? { kind: "stream-conflict", why: "It answered 409" } : taken(lastSeq(envelope)),
    );
    append(1);
    append(2);
    await delivery.wake();
    expect(renamed).toEqual(["stream-a fresh-0"]);
    expect(sent).toEqual([
      { stream: "stream-a", seqs: [1, 2] },
      { stream: "fresh-0", seqs: [1, 2] },
    ]);
    expect(spool.size).toBe(0);
  });

  it("is not led in a circle by an edge that calls every stream known", async () => {
    const { append, delivery, sent, clock } = parts(() => ({ kind: "stream-conflict", why: "It answered 409" }));
    append(1);
    await delivery.wake();
    expect(sent).toHaveLength(2);
    expect(clock.nextDelayMs).toBeGreaterThanOrEqual(1_000);
  });

  it("makes one last attempt when stopping, without waiting out a delay, and no more after", async () => {
    const { append, delivery, state, spool, clock, sent } = parts(() => away());
    append(1);
    await delivery.wake();
    state.answerTo = (envelope) => taken(lastSeq(envelope));
    await delivery.flush(3_000);
    expect(spool.size).toBe(0);
    append(2);
    await delivery.wake();
    await clock.pass(600_000);
    expect(sent).toHaveLength(2);
  });

  it("does not stop later than the limit when the edge does not answer", async () => {
    const clock = new ManualClock();
    const spool = new Spool(1);
    spool.append("stream-a", { seq: 1, at: 1, metrics: {} });
    const silent: Log = { info() {}, warn() {}, debug() {} };
    const delivery = new Delivery(spool, clock, silent, {
      envelopeOf: (batch) => envelopeOf("0", { id: "i" }, batch, 0, 30_000),
      send: () => new Promise(() => {}),
      newStreamId: () => "x",
      streamRenamed: () => {},
    });
    let isDone = false;
    void delivery.flush(3_000).then(() => (isDone = true));
    await clock.pass(2_999);
    expect(isDone).toBe(false);
    await clock.pass(1);
    expect(isDone).toBe(true);
  });
});
