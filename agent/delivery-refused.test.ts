import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLOSE_REFUSED, CLOSE_TOKEN_REVOKED } from "../contract/limits.ts";
import { deliveryTo, firstSampleSent, heard, live, socketAt } from "./delivery-for-tests.ts";
import { refuse, startEdge, type Edge } from "./edge-for-tests.ts";
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

describe("refused by the edge", () => {
  it.each([401, 403])("with %d it waits for a person, and says so once", async (status) => {
    const no = JSON.stringify({ error: "No", code: "token_unknown", message: "This token is not known" });
    for (let count = 0; count < 20; count++) edge.upgrades.push((_, stream) => answer(stream, status, no));
    const { take, lines, clock, spool } = parts();
    take();
    await live(clock, 10 * MINUTE);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/Nephos takes no samples.*This token is not known.*NEPHOS_TOKEN/);
    expect([spool.size, edge.requests.length, edge.sockets.length]).toEqual([1, 0, 0]);
    expect(20 - edge.upgrades.length).toBeLessThan(6);
  });

  it("because its token was revoked it does the same", async () => {
    const { socket, lines, clock, spool } = await connected();
    socket.say({ type: "error", error: "No", code: "token_revoked", message: "The token was revoked" });
    socket.close(CLOSE_TOKEN_REVOKED);
    await until(() => lines.some((line) => line.includes("Nephos takes no samples. The token was revoked")));
    await live(clock, 59_000);
    expect([edge.sockets.length, spool.size]).toEqual([1, 1]);
  });

  it("for something that is not of its samples it keeps everything and tries seldom", async () => {
    edge.greet = (socket) => {
      socket.say({ type: "error", error: "Bad", code: "invalid_field", message: "too long", field: "instance.name" });
      socket.close(CLOSE_REFUSED);
    };
    const { take, lines, clock, spool } = parts();
    take();
    await until(() => lines.length > 0);
    expect(lines).toEqual([expect.stringContaining("invalid_field. too long. field instance.name")]);
    await live(clock, 59_000);
    expect([edge.sockets.length, spool.size]).toEqual([1, 1]);
  });

  it("for one of its samples it finds that one alone, drops it, and returns to the socket", async () => {
    edge.take = (socket, { samples }) => {
      if (!samples.some(({ seq }) => seq === 3)) return;
      const field = "samples[0].metrics.x";
      socket.say({
        type: "error",
        error: "Bad",
        code: "invalid_field",
        message: "odd",
        field,
        stream: "stream-a",
        seq: 3,
      });
      socket.close(CLOSE_REFUSED);
    };
    const { take, spool, clock } = await connected();
    for (const seqs of [[1, 2], [3]]) {
      edge.answers.push((response, { samples, stream }) => {
        expect([stream, samples.map(({ seq }) => seq)]).toEqual(["stream-a", seqs]);
        if (seqs[0] === 3) return refuse(response, 400, "invalid_field", "odd", "samples[0].metrics.x");
        response.end(JSON.stringify({ durableSeq: 0, accepted: 2, metricsIngested: 2 }));
      });
    }
    take();
    take();
    await until(() => spool.dropped === 1);
    await live(clock, 1_000);
    const next = await socketAt(edge, 1);
    take();
    await until(() => next.seqs().includes(4));
    expect([edge.envelopes.length, spool.size]).toEqual([0, 3]);
  });

  it("for its stream it begins another one with the same samples", async () => {
    const { take, socket, state, clock } = await connected();
    take();
    await until(() => socket.samples.length === 2);
    socket.say({ type: "error", error: "No", code: "stream_conflict", message: "known", stream: "stream-a" });
    socket.close(CLOSE_REFUSED);
    await until(() => state.live !== "stream-a");
    await heard();
    await live(clock, 2_000);
    const next = await socketAt(edge, 1);
    await until(() => next.samples.length > 0);
    expect(next.samples[0]).toMatchObject({ stream: "stream-fresh-1", after: 0, samples: [{ seq: 1 }, { seq: 2 }] });
  });
});

describe("where sockets do not get through", () => {
  const closings: [string, (times: number) => void][] = [
    ["cut before the answer", () => edge.upgrades.push((_, stream) => stream.destroy())],
    [
      "closed before the welcome",
      () =>
        edge.upgrades.push((request, stream) => {
          switchProtocols(request, stream);
          stream.end();
        }),
    ],
  ];
  it.each(closings)("%s, twice in a row, it posts, and returns to the socket later", async (_, block) => {
    block(1);
    block(2);
    const { take, clock, lines, spool } = parts();
    take();
    await live(clock, 3_000);
    expect(edge.sockets).toEqual([]);
    expect(edge.envelopes[0]).toMatchObject({ stream: "stream-a", after: 0, oldest: true, samples: [{ seq: 1 }] });
    await until(() => spool.size === 0);
    take();
    await until(() => spool.size === 0);
    expect(lines.filter((line) => line.includes("does not get through"))).toHaveLength(1);
    await live(clock, 9 * MINUTE);
    expect(edge.sockets).toEqual([]);
    await live(clock, 21 * MINUTE);
    const socket = await socketAt(edge, 0);
    take();
    await until(() => socket.samples.length === 1);
    expect(socket.seqs()).toEqual([3]);
    expect(edge.envelopes).toHaveLength(2);
  });

  it.each([200, 302, 400, 404, 426, 502])("answered %d by something in between, it posts at once", async (status) => {
    edge.upgrades.push((_, stream) => answer(stream, status, "<html>"));
    const { take, spool } = parts();
    take();
    await until(() => edge.envelopes.length === 1 && spool.size === 0);
  });

  it("tries both ways in turn, ever more slowly, where neither gets through", async () => {
    let attempts = 0;
    const block = () => {
      edge.upgrades.push((_, stream) => {
        attempts++;
        answer(stream, 502, "<html>");
        block();
      });
    };
    block();
    for (let count = 0; count < 100; count++) edge.answers.push((response) => response.writeHead(502).end());
    const { take, clock, spool, lines } = parts();
    take();
    await live(clock, 10 * MINUTE);
    expect(attempts).toBeGreaterThan(5);
    expect(attempts).toBeLessThan(40);
    expect(spool.size).toBe(1);
    expect(lines).toEqual([
      expect.stringContaining("A socket does not get through"),
      expect.stringContaining("Could not send: It answered 502"),
    ]);
  });
});
