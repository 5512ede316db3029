import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { agentHelloSchema, agentSamplesSchema } from "../contract/agent-link.ts";
import { deliveryTo, firstSampleSent, heard, live, socketAt } from "./delivery-for-tests.ts";
import { startEdge, type Edge } from "./edge-for-tests.ts";
import { answer, switchProtocols, until } from "./socket-edge-for-tests.ts";

const MINUTE = 60_000;
let edge: Edge;
let stop: () => Promise<void>;
beforeEach(async () => void (edge = await startEdge({ hasSockets: true })));
afterEach(async () => {
  await stop();
  await edge.close();
});

function parts() {
  const all = deliveryTo(edge);
  stop = () => all.delivery.flush(0);
  return all;
}
const connected = () => firstSampleSent(edge, parts());

describe("on a socket", () => {
  it("says who it is, waits for the welcome, and sends each sample at once, in words the contract takes", async () => {
    edge.greet = () => {};
    const { take, spool } = parts();
    take(2);
    const socket = await socketAt(edge, 0);
    await heard();
    expect(socket.samples).toEqual([]);
    socket.say({ type: "welcome", protocol: "nephos/1", serverAt: 1 });
    await until(() => socket.samples.length === 1);
    take();
    await until(() => socket.samples.length === 2);
    expect(agentHelloSchema.parse(socket.hellos[0]).instance.id).toBe("i");
    expect(socket.samples.map((message) => agentSamplesSchema.parse(message))).toMatchObject([
      { stream: "stream-a", after: 0, oldest: true, samples: [{ seq: 1 }, { seq: 2 }] },
      { stream: "stream-a", after: 2, oldest: false, samples: [{ seq: 3 }] },
    ]);
    expect([spool.waiting, spool.size]).toEqual([0, 3]);
  });

  it("keeps every sample until it is durable, and believes no more than it sent", async () => {
    const { take, spool, socket } = await connected();
    take(2);
    socket.say({ type: "durable", stream: "stream-a", durableSeq: 2 });
    await until(() => spool.size === 1);
    socket.say({ type: "durable", stream: "stream-b", durableSeq: 9 });
    socket.say({ type: "durable", stream: "stream-a", durableSeq: 9 });
    await until(() => spool.size === 0);
    take();
    await until(() => socket.samples.length === 3);
    expect([spool.size, socket.seqs()]).toEqual([1, [1, 2, 3, 4]]);
  });

  it("sends again what the edge asks for", async () => {
    const { take, socket } = await connected();
    take();
    take();
    await until(() => socket.samples.length === 3);
    socket.say({ type: "resend", stream: "stream-a", after: 1 });
    await until(() => socket.samples.length === 4);
    expect(socket.samples[3]).toMatchObject({ after: 1, samples: [{ seq: 2 }, { seq: 3 }] });
  });

  it("is not made to send without end by one that keeps asking", async () => {
    const { socket, clock } = await connected();
    for (let count = 0; count < 200; count++) socket.say({ type: "resend", stream: "stream-a", after: 0 });
    await heard();
    await live(clock, 3_000);
    await heard();
    expect(socket.samples.length).toBeLessThanOrEqual(5);
  });

  it("gathers what the edge asks it to, unless somebody looks", async () => {
    const { take, socket, spool, state } = await connected();
    socket.say({ type: "config", samplesPerMessage: 3 });
    await heard();
    take();
    take();
    await heard();
    expect([socket.seqs(), spool.waiting]).toEqual([[1], 2]);
    take();
    await until(() => socket.samples.length === 2);
    expect(socket.samples[1]!.samples).toHaveLength(3);
    socket.say({ type: "watch", intervalMs: 1_000, forMs: 300_000 });
    await until(() => state.watch !== undefined);
    expect(state.watch).toEqual([1_000, 300_000]);
    take();
    await until(() => socket.samples.length === 3);
    socket.say({ type: "watch", intervalMs: null, forMs: 0 });
    await until(() => state.watch === undefined);
  });

  it("logs a notice once for each text, and ignores what it does not know", async () => {
    const { lines, socket } = await connected();
    for (const about of ["clock", "clock", "weather"] as "clock"[]) {
      socket.say({ type: "notice", about, message: `of ${about}` });
    }
    for (const text of ["{}", "[]", "nonsense", '{"type":"run","command":"touch owned"}', '{"type":"durable"}']) {
      socket.say(text);
    }
    await until(() => lines.some((line) => line.includes("of clock")));
    await heard();
    expect(lines.filter((line) => line.includes("Nephos says"))).toEqual(["Nephos says: of clock"]);
    expect(socket.isGone).toBe(false);
  });

  it("sends a sign of life when nothing was sent for half a minute, and every minute in any case", async () => {
    const { socket, clock, take } = await connected();
    await live(clock, 30_000);
    await until(() => socket.pings === 1);
    await heard();
    for (let second = 0; second < 60; second += 10) {
      await live(clock, 10_000);
      take();
      await heard();
    }
    expect(socket.pings).toBe(2);
    expect(edge.sockets).toHaveLength(1);
  });

  it("leaves a connection that brings no answer, and sends from the oldest that is not durable on the next", async () => {
    edge.upgrades.push((request, stream) => switchProtocols(request, stream));
    const { clock, take, spool } = parts();
    take();
    await heard();
    await live(clock, 10_000);
    await live(clock, 2_000);
    const socket = await socketAt(edge, 0);
    await until(() => socket.samples.length === 1);
    // From here on nobody is at the other end.
    socket.stream.removeAllListeners("data");
    socket.stream.resume();
    take();
    await live(clock, 55_000);
    const next = await socketAt(edge, 1);
    await until(() => next.samples.length === 1);
    expect(next.samples[0]).toMatchObject({ after: 0, oldest: true, samples: [{ seq: 1 }, { seq: 2 }] });
    expect(spool.size).toBe(2);
  });

  it("comes back within a minute, at random, after the edge closed", async () => {
    const { socket, clock, take } = await connected();
    clock.chance = 0.5;
    socket.close(1001);
    await until(() => socket.isGone);
    await heard();
    take();
    await live(clock, 29_999);
    expect(edge.sockets).toHaveLength(1);
    await live(clock, 1);
    const next = await socketAt(edge, 1);
    await until(() => next.samples.length > 0);
    expect(next.seqs()).toEqual([1, 2]);
  });

  it("sends what was gathered when it stops, and says good-bye", async () => {
    const { delivery, socket, take, spool } = await connected();
    socket.say({ type: "config", samplesPerMessage: 20 });
    await heard();
    take(2);
    await delivery.flush(3_000);
    expect([socket.seqs(), socket.closeCode, spool.waiting]).toEqual([[1, 2, 3], 1001, 0]);
  });
});

describe("after a long absence", () => {
  it("new samples go at once under a new stream, and the old ones beside them, a hundred a second", async () => {
    edge.upgrades.push((_, stream) => answer(stream, 503, '{"code":"storage_unavailable"}'));
    const { take, clock, state } = parts();
    take(250);
    await heard();
    await live(clock, 2_000);
    const socket = await socketAt(edge, 0);
    await until(() => socket.samples.length === 1);
    expect(state.live).toBe("stream-new-1");
    take();
    await until(() => socket.samples.length === 2);
    await live(clock, 1_000);
    await until(() => socket.samples.length === 3);
    take();
    await until(() => socket.samples.length === 4);
    // Two hundred are with the edge and not written: as many as may be.
    await live(clock, 10_000);
    await heard();
    const told = () => socket.samples.map(({ stream, after, samples }) => [stream, after, samples.length]);
    expect(told()).toEqual([
      ["stream-a", 0, 100],
      ["stream-new-1", 0, 1],
      ["stream-a", 100, 100],
      ["stream-new-1", 251, 1],
    ]);
    socket.say({ type: "durable", stream: "stream-a", durableSeq: 100 });
    await until(() => socket.samples.length === 5);
    expect(told()[4]).toEqual(["stream-a", 200, 50]);
  });

  it("of a minute or two everything goes as if nothing had been", async () => {
    const { take, clock, socket, state } = await connected();
    socket.stream.destroy();
    await until(() => socket.isGone);
    await heard();
    take(4);
    await live(clock, MINUTE);
    const next = await socketAt(edge, 1);
    await until(() => next.samples.length > 0);
    expect([state.live, next.seqs()]).toEqual(["stream-a", [1, 2, 3, 4, 5]]);
  });
});
