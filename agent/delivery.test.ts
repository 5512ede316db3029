import { describe, expect, it } from "vitest";
import type { IngestEnvelope } from "../contract/ingest.ts";
import { ManualClock, settled } from "./clock-for-tests.ts";
import { Delivery } from "./delivery.ts";
import type { DeliveryVerbs } from "./delivery-verbs.ts";
import type { Log } from "./log.ts";
import { envelopeOf, samplesMessageOf, type Outcome } from "./sender.ts";
import { Spool } from "./spool.ts";

const taken = (durableSeq: number): Outcome => ({
  kind: "taken",
  reply: { durableSeq, accepted: 1, metricsIngested: 12 },
});
const away = (retryAfterMs = 0): Outcome => ({ kind: "away", why: "It answered 503", retryAfterMs });
const lastSeq = (envelope: IngestEnvelope) => envelope.samples.at(-1)!.seq;

/** What an agent has beside where it posts to: here a network in which no socket gets through. */
const withoutSockets = (clock: ManualClock, liveStream: () => string): Omit<DeliveryVerbs, "envelopeOf" | "send"> => ({
  openLink: (events) => {
    queueMicrotask(() => events.ended({ kind: "blocked", why: "It answered 404", isCertain: true }));
    return { send: () => false, close: async () => {} };
  },
  messageOf: (batch) => samplesMessageOf(batch, clock.wall),
  liveStream,
  beginStream: () => {},
  newStreamId: () => "fresh",
  streamRenamed: () => {},
  watch: () => {},
  endWatch: () => {},
  isWatched: () => false,
});

/** By POST. What goes over a socket is in delivery-by-socket.test.ts. */
function parts(answerTo: (envelope: IngestEnvelope) => Outcome = (envelope) => taken(lastSeq(envelope))) {
  const clock = new ManualClock();
  const spool = new Spool({ samplesMax: 1_000 });
  const lines: string[] = [];
  const sent: { stream: string; seqs: number[] }[] = [];
  const renamed: string[] = [];
  const envelopes: IngestEnvelope[] = [];
  const state = { answerTo, live: "stream-a" };
  const write = (line: string) => void lines.push(line);
  const log: Log = { info: write, warn: write, debug: () => {} };
  const posting = new Delivery(spool, clock, log, {
    ...withoutSockets(clock, () => state.live),
    envelopeOf: (batch) => envelopeOf("0", { id: "i" }, batch, clock.wall, 30_000),
    send: async (envelope) => {
      envelopes.push(envelope);
      sent.push({ stream: envelope.stream, seqs: envelope.samples.map(({ seq }) => seq) });
      return state.answerTo(envelope);
    },
    newStreamId: () => `fresh-${renamed.length}`,
    streamRenamed: (from, to) => {
      renamed.push(`${from} ${to}`);
      state.live = to;
    },
  });
  const delivery = {
    wake: async () => {
      await posting.wake();
      await settled();
    },
    flush: (limitMs: number) => posting.flush(limitMs),
  };
  const append = (seq: number, stream = state.live) => spool.append(stream, { seq, at: seq, metrics: { load_1m: 1 } });
  return { clock, spool, lines, sent, envelopes, renamed, state, delivery, append };
}

describe("delivery", () => {
  it("tells of success at first and after a failure, not each time", async () => {
    const { append, delivery, lines, state, clock } = parts();
    for (const seq of [1, 2, 3]) {
      append(seq);
      await delivery.wake();
    }
    expect(lines).toEqual([
      "A socket does not get through, so samples are posted. It answered 404",
      "Metrics sent successfully: { metricsIngested: 12, samples: 1, durableSeq: 1 }",
    ]);
    state.answerTo = () => away();
    append(4);
    await delivery.wake();
    state.answerTo = (envelope) => taken(lastSeq(envelope));
    await clock.pass(60_000);
    expect(lines.slice(2)).toEqual([
      "Could not send: It answered 503. Samples waiting: 1",
      "Metrics sent successfully: { metricsIngested: 12, samples: 1, durableSeq: 4 }",
    ]);
  });

  it("sends what is new at once, and old samples in hundreds beside it, one message a second, older streams first", async () => {
    const { append, delivery, sent, state, clock } = parts();
    for (let seq = 1; seq <= 150; seq++) append(seq);
    append(200, "stream-b");
    state.live = "stream-c";
    append(1_000);
    await delivery.wake();
    await clock.pass(999);
    const told = () => sent.map(({ stream, seqs }) => [stream, seqs.length]);
    expect(told()).toEqual([
      ["stream-c", 1],
      ["stream-a", 100],
    ]);
    append(1_001);
    await delivery.wake();
    await clock.pass(2_000);
    expect(told().slice(2)).toEqual([
      ["stream-c", 1],
      ["stream-a", 50],
      ["stream-b", 1],
    ]);
  });

  it("goes no further with old samples than two messages the edge has not written, for a minute", async () => {
    const { append, delivery, sent, state, clock } = parts(() => taken(0));
    for (let seq = 1; seq <= 400; seq++) append(seq);
    state.live = "stream-b";
    await delivery.wake();
    await clock.pass(50_000);
    expect(sent).toHaveLength(2);
    await clock.pass(11_000);
    expect(sent).toHaveLength(3);
  });

  it("waits with samples of a time that is yet to come for the clock to be right", async () => {
    const { append, delivery, sent, state, clock } = parts();
    clock.wall = 1_000;
    append(500_000);
    state.live = "stream-b";
    append(2_000);
    await delivery.wake();
    await clock.pass(30_000);
    expect(sent).toEqual([{ stream: "stream-b", seqs: [2_000] }]);
    clock.wall = 600_000;
    await delivery.wake();
    expect(sent.at(-1)).toEqual({ stream: "stream-a", seqs: [500_000] });
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
    expect([lines.length, spool.size]).toEqual([2, 1]);
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

  it("keeps what was taken but is not durable, sends only what is new, and says what it sent before", async () => {
    const { append, delivery, spool, sent, envelopes } = parts(() => taken(0));
    for (const seq of [1, 2, 3]) {
      append(seq);
      await delivery.wake();
    }
    expect([spool.size, spool.waiting]).toEqual([3, 0]);
    expect(sent.map(({ seqs }) => seqs)).toEqual([[1], [2], [3]]);
    expect(envelopes.map(({ after, oldest }) => [after, oldest])).toEqual([
      [0, true],
      [1, undefined],
      [2, undefined],
    ]);
  });

  it("sends again what the edge says it lacks, but to one that keeps asking only once a second", async () => {
    const { append, delivery, spool, sent, state, clock } = parts(() => taken(0));
    append(1);
    await delivery.wake();
    append(2);
    await delivery.wake();
    state.answerTo = (envelope) => ({
      kind: "taken",
      reply: { durableSeq: 0, accepted: 1, metricsIngested: 1, ...(envelope.after === 0 ? {} : { resendAfter: 0 }) },
    });
    append(3);
    await delivery.wake();
    expect(sent.map(({ seqs }) => seqs)).toEqual([[1], [2], [3], [1, 2, 3]]);
    expect(spool.waiting).toBe(0);
    state.answerTo = () => ({
      kind: "taken",
      reply: { durableSeq: 0, accepted: 1, metricsIngested: 1, resendAfter: 0 },
    });
    append(4);
    await delivery.wake();
    await clock.pass(10_000);
    expect(sent.length).toBeLessThan(18);
    expect(spool.size).toBe(4);
  });

  it("gathers as many samples as the edge asks for", async () => {
    const { append, delivery, sent, spool } = parts((envelope) => ({
      kind: "taken",
      reply: { durableSeq: lastSeq(envelope), accepted: 1, metricsIngested: 1, samplesPerMessage: 3 },
    }));
    for (let seq = 1; seq <= 6; seq++) {
      append(seq);
      await delivery.wake();
    }
    expect(sent.map(({ seqs }) => seqs)).toEqual([[1], [2, 3, 4]]);
    expect(spool.waiting).toBe(2);
    await delivery.flush(3_000);
    expect(sent.at(-1)?.seqs).toEqual([5, 6]);
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
    const spool = new Spool({ samplesMax: 1 });
    spool.append("stream-a", { seq: 1, at: 1, metrics: {} });
    const silent: Log = { info() {}, warn() {}, debug() {} };
    const delivery = new Delivery(spool, clock, silent, {
      ...withoutSockets(clock, () => "stream-a"),
      envelopeOf: (batch) => envelopeOf("0", { id: "i" }, batch, 0, 30_000),
      send: () => new Promise(() => {}),
    });
    let isDone = false;
    void delivery.flush(3_000).then(() => (isDone = true));
    await clock.pass(2_999);
    expect(isDone).toBe(false);
    await clock.pass(1);
    expect(isDone).toBe(true);
  });
});
