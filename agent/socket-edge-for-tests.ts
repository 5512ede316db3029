import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { AgentHello, AgentSamples, AgentWatched, EdgeMessage } from "../contract/agent-link.ts";
import { PING, PONG } from "../contract/limits.ts";
import { acceptOf } from "./websocket.ts";
import { encodeFrame, FrameReader, OPCODE } from "./websocket-frames.ts";

/** One agent's socket as the edge sees it. */
export class EdgeSocket {
  readonly stream: Duplex;
  readonly authorization: string | undefined;
  readonly hellos: AgentHello[] = [];
  readonly samples: AgentSamples[] = [];
  readonly watched: AgentWatched[] = [];
  pings = 0;
  closeCode: number | undefined;
  isGone = false;

  constructor(stream: Duplex, authorization: string | undefined) {
    this.stream = stream;
    this.authorization = authorization;
    stream.on("close", () => (this.isGone = true));
    stream.on("error", () => {});
  }

  say(message: EdgeMessage | string): void {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    this.frame(OPCODE.text, Buffer.from(text));
  }

  frame(opcode: number, payload: Buffer, isFinal = true): void {
    this.stream.write(encodeFrame({ opcode, isFinal, payload }));
  }

  close(code: number): void {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.frame(OPCODE.close, payload);
    this.stream.end();
  }

  /** Every sample number that came, in order, by stream. */
  seqs(stream?: string): number[] {
    return this.samples
      .filter((message) => stream === undefined || message.stream === stream)
      .flatMap(({ samples }) => samples.map(({ seq }) => seq));
  }
}

export interface SocketsOfEdge {
  sockets: EdgeSocket[];
  /** Every connection that wanted to be one. */
  streams: Set<Duplex>;
  /** What to do with the next attempts to open a socket, in order; after them they are opened. */
  upgrades: ((request: IncomingMessage, stream: Duplex) => void)[];
  /** What a new socket hears when it said hello; `welcome` if nothing else. */
  greet(socket: EdgeSocket): void;
  /** What is done with samples. */
  take(socket: EdgeSocket, message: AgentSamples): void;
}

/** Sockets at `/agent` as the protocol says, where they are open; an older edge knows no such address. */
export function serveSockets(server: Server, isOpen: boolean): SocketsOfEdge {
  const edge: SocketsOfEdge = {
    sockets: [],
    streams: new Set(),
    upgrades: [],
    greet: (socket) => socket.say({ type: "welcome", protocol: "nephos/1", serverAt: 1_800_000_000_000 }),
    take: () => {},
  };
  server.on("upgrade", (request: IncomingMessage, stream: Duplex) => {
    stream.on("error", () => {});
    edge.streams.add(stream);
    const next = edge.upgrades.shift();
    if (next) return next(request, stream);
    if (!isOpen || request.url !== "/agent") return answer(stream, 404, "{}");
    edge.sockets.push(openSocket(edge, request, stream));
  });
  return edge;
}

export function answer(stream: Duplex, status: number, body: string, headers = ""): void {
  stream.end(`HTTP/1.1 ${status} Told\r\n${headers}content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
}

export function switchProtocols(request: IncomingMessage, stream: Duplex, headers = ""): void {
  const accept = acceptOf(request.headers["sec-websocket-key"]!);
  stream.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n${headers}sec-websocket-accept: ${accept}\r\n\r\n`,
  );
}

function openSocket(edge: SocketsOfEdge, request: IncomingMessage, stream: Duplex): EdgeSocket {
  const socket = new EdgeSocket(stream, request.headers.authorization);
  const reader = new FrameReader({ isMasked: true, payloadBytesMax: 2_000_000 });
  switchProtocols(request, stream);
  stream.on("data", (chunk: Buffer) => {
    for (const { opcode, payload } of reader.read(chunk)) {
      if (opcode === OPCODE.close) {
        socket.closeCode = payload.readUInt16BE(0);
        socket.frame(OPCODE.close, payload);
        stream.end();
      } else if (opcode === OPCODE.text) heard(edge, socket, payload.toString("utf8"));
    }
  });
  return socket;
}

function heard(edge: SocketsOfEdge, socket: EdgeSocket, text: string): void {
  if (text === PING) {
    socket.pings++;
    return socket.say(PONG);
  }
  const message = JSON.parse(text) as AgentHello | AgentSamples | AgentWatched;
  if (message.type === "hello") {
    socket.hellos.push(message);
    edge.greet(socket);
  } else if (message.type === "watched") socket.watched.push(message);
  else {
    socket.samples.push(message);
    edge.take(socket, message);
  }
}

/** Waits, by the real clock of the network, until something has come over it. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
