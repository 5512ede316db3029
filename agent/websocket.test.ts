import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "./clock-for-tests.ts";
import { startEdge, type Edge } from "./edge-for-tests.ts";
import { answer, switchProtocols, until } from "./socket-edge-for-tests.ts";
import { ClientSocket, type SocketEnd } from "./websocket.ts";
import { encodeFrame, OPCODE } from "./websocket-frames.ts";

let edge: Edge;
beforeEach(async () => {
  edge = await startEdge({ hasSockets: true });
  edge.greet = () => {};
});
afterEach(() => edge.close());

function open() {
  const clock = new ManualClock();
  const seen = { isOpen: false, heard: [] as string[], ends: [] as SocketEnd[] };
  const socket = new ClientSocket({
    url: `${edge.url}/agent`,
    headers: { authorization: "Bearer nep_x" },
    clock,
    opened: () => (seen.isOpen = true),
    heard: (text) => seen.heard.push(text),
    ended: (end) => seen.ends.push(end),
  });
  const ended = async () => {
    await until(() => seen.ends.length > 0);
    return seen.ends[0]!;
  };
  return { clock, socket, seen, ended };
}
async function opened() {
  const parts = open();
  await until(() => parts.seen.isOpen && edge.sockets.length > 0);
  return { ...parts, peer: edge.sockets[0]! };
}
/** The next attempt is answered by hand. */
const next = (respond: (request: IncomingMessage, stream: Duplex) => void) => edge.upgrades.push(respond);

describe("a socket", () => {
  it("carries text both ways, of any size, with the token in its request", async () => {
    const { socket, seen, peer } = await opened();
    expect(peer.authorization).toBe("Bearer nep_x");
    peer.say("é".repeat(20_000));
    await until(() => seen.heard.length > 0);
    expect(seen.heard).toEqual(["é".repeat(20_000)]);
    const sample = { type: "samples", stream: "x".repeat(100_000), sentAt: 1, after: 0, samples: [{ seq: 1 }] };
    expect(socket.send(JSON.stringify(sample))).toBe(true);
    await until(() => peer.samples.length > 0);
    expect(peer.samples).toEqual([sample]);
  });

  it("puts together what comes in pieces, and answers pings in between", async () => {
    const { seen, peer } = await opened();
    peer.frame(OPCODE.text, Buffer.from("a"), false);
    peer.frame(OPCODE.ping, Buffer.from("?"));
    peer.frame(OPCODE.continuation, Buffer.from("b"), false);
    peer.frame(OPCODE.continuation, Buffer.from("c"));
    await until(() => seen.heard.length > 0);
    expect(seen.heard).toEqual(["abc"]);
  });

  it("hears what came together with the answer that opened it", async () => {
    next((request, stream) => {
      stream.cork();
      switchProtocols(request, stream);
      stream.write(encodeFrame({ opcode: OPCODE.text, isFinal: true, payload: Buffer.from("early") }));
      stream.uncork();
    });
    const { seen } = open();
    await until(() => seen.heard.length > 0);
    expect(seen.heard).toEqual(["early"]);
  });

  it("says good-bye when it is closed, and everything sent before is read", async () => {
    const { socket, ended, peer } = await opened();
    socket.send(JSON.stringify({ type: "watched", at: 1, metrics: {} }));
    socket.close(1001);
    expect(await ended()).toMatchObject({ kind: "closed" });
    expect([peer.watched.length, peer.closeCode]).toEqual([1, 1001]);
    expect(socket.send("more")).toBe(false);
  });

  it("ends though its good-bye is not answered", async () => {
    next((request, stream) => switchProtocols(request, stream));
    const { socket, seen, clock, ended } = open();
    await until(() => seen.isOpen);
    socket.close(1001);
    await clock.pass(1_000);
    expect(await ended()).toMatchObject({ kind: "closed", code: 1006 });
  });

  it("tells with which code it was closed, and that it was lost", async () => {
    const first = await opened();
    first.peer.close(4403);
    expect(await first.ended()).toEqual({ kind: "closed", code: 4403, reason: "" });
    const second = await opened();
    edge.sockets[1]!.stream.destroy();
    expect(await second.ended()).toEqual({ kind: "closed", code: 1006, reason: "" });
  });
});

describe("an answer that is no socket", () => {
  it("is handed on, and a redirect is not followed", async () => {
    next((_, stream) => answer(stream, 307, "{}", `location: ${edge.url}/elsewhere\r\n`));
    expect(await open().ended()).toMatchObject({ kind: "answered", reply: { status: 307, body: "{}" } });
    expect(edge.requests).toEqual([]);
  });

  it("without end is cut", async () => {
    next((_, stream) => answer(stream, 200, "x".repeat(500_000)));
    expect(await open().ended()).toMatchObject({ kind: "answered", reply: { status: 200, body: "" } });
  });

  it("that never comes is waited for 10 seconds", async () => {
    next(() => {});
    const { clock, seen, ended } = open();
    await clock.pass(9_999);
    expect(seen.ends).toEqual([]);
    await clock.pass(1);
    expect(await ended()).toMatchObject({ kind: "failed", error: { message: "no answer within 10 s" } });
  });

  it.each<[string, (request: IncomingMessage, stream: Duplex) => void]>([
    ["cut off", (_, stream) => stream.destroy()],
    ["not HTTP", (_, stream) => stream.end(randomBytes(300))],
    [
      "with another's key",
      (request, stream) => {
        request.headers["sec-websocket-key"] = "another";
        switchProtocols(request, stream);
      },
    ],
    [
      "without a key",
      (_, stream) => stream.write("HTTP/1.1 101 Yes\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"),
    ],
    [
      "to another protocol",
      (request, stream) => {
        stream.write("HTTP/1.1 101 Yes\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n");
        void request;
      },
    ],
    [
      "with compression",
      (request, stream) => switchProtocols(request, stream, "sec-websocket-extensions: permessage-deflate\r\n"),
    ],
    ["with a protocol", (request, stream) => switchProtocols(request, stream, "sec-websocket-protocol: other\r\n")],
  ])("%s is a failure", async (_, respond) => {
    next(respond);
    const { seen, ended } = open();
    expect(await ended()).toMatchObject({ kind: "failed" });
    expect([seen.isOpen, seen.heard]).toEqual([false, []]);
  });

  it("is a failure where nobody is there", async () => {
    await edge.close();
    expect(await open().ended()).toMatchObject({ kind: "failed", error: { syscall: "connect" } });
    edge = await startEdge();
  });
});

describe("a hostile edge", () => {
  const text = (length: number, isFinal = true, opcode: number = OPCODE.text) =>
    encodeFrame({ opcode, isFinal, payload: Buffer.alloc(length, 65) });
  it.each<[string, Buffer]>([
    ["a message that is too large", text(65_537)],
    ["a message that is too large in pieces", Buffer.concat([text(65_000, false), text(600, true, 0)])],
    ["pieces without end", Buffer.concat(Array.from({ length: 1_200 }, (_, at) => text(0, false, at === 0 ? 1 : 0)))],
    ["more than anybody has to say", Buffer.concat(Array.from({ length: 1_200 }, () => text(1)))],
    ["pings without end", Buffer.concat(Array.from({ length: 1_200 }, () => text(100, true, OPCODE.ping)))],
    ["a masked frame", encodeFrame({ opcode: 1, isFinal: true, payload: Buffer.from("x") }, randomBytes(4))],
    ["bytes instead of text", text(3, true, OPCODE.binary)],
    ["text that is not UTF-8", encodeFrame({ opcode: 1, isFinal: true, payload: Buffer.from([0xc3, 0x28]) })],
    ["a piece of nothing", text(3, true, OPCODE.continuation)],
    ["a message within another", Buffer.concat([text(3, false), text(3)])],
    ["a huge length", Buffer.from("817fffffffffffffffff", "hex")],
    ["another program's words", Buffer.from("HTTP/1.1 200 OK\r\n\r\n")],
  ])("that sends %s is left", async (_, bytes) => {
    const { peer, ended, socket } = await opened();
    peer.stream.write(bytes);
    expect(await ended()).toMatchObject({ kind: "faulty" });
    await until(() => peer.isGone);
    expect(socket.send("x")).toBe(false);
  });

  it("that sends chance bytes is heard or left, and the program goes on", async () => {
    for (let round = 0; round < 50; round++) {
      const { seen } = open();
      await until(() => seen.isOpen && edge.sockets.length === round + 1);
      const { stream } = edge.sockets[round]!;
      stream.end(randomBytes(2_000));
      await until(() => seen.ends.length > 0);
      expect(seen.ends).toHaveLength(1);
    }
  });

  it("that does not read is not written to for ever", async () => {
    next((request, stream) => {
      switchProtocols(request, stream);
      stream.pause();
    });
    const { socket, seen } = open();
    await until(() => seen.isOpen);
    let sent = 0;
    while (sent < 500 && socket.send("x".repeat(100_000))) {
      sent++;
      if (sent % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(sent).toBeLessThan(200);
  });
});
