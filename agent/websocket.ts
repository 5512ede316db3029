import { isUtf8 } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { DurationMs } from "../contract/units.ts";
import type { Clock } from "./clock.ts";
import { clientFor, readBounded, type HttpReply } from "./http-request.ts";
import {
  CLOSE,
  CLOSE_LOST,
  CLOSE_NOT_UTF8,
  CLOSE_TOO_BIG,
  encodeFrame,
  FrameFault,
  FrameReader,
  OPCODE,
  type Frame,
} from "./websocket-frames.ts";

/** From look-up to the answer that opens the socket. */
const HANDSHAKE_LIMIT_MS: DurationMs = 10_000;
/** For the other side to answer a close. */
const CLOSE_LIMIT_MS: DurationMs = 1_000;
const REPLY_BYTES_MAX = 64_000;
const MESSAGE_BYTES_MAX = 65_536;
/** What the other side has not read yet. Beyond it nothing more is written, and the heartbeat will find it dead. */
const UNREAD_BYTES_MAX = 4_000_000;
/** An edge has a few things to say a minute, to a watched instance one a second. */
const FRAMES_MAX = 1_000;
const FRAMES_WINDOW_MS: DurationMs = 10_000;
/** RFC 6455, section 1.3. */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export interface SocketSettings {
  url: string;
  headers: Record<string, string>;
  clock: Clock;
  opened(): void;
  heard(text: string): void;
  /** Once, whatever happened; nothing is heard after it. */
  ended(end: SocketEnd): void;
}

export type SocketEnd =
  /** It answered like a web server. */
  | { kind: "answered"; reply: HttpReply }
  /** It never opened. */
  | { kind: "failed"; error: NodeJS.ErrnoException }
  /** It was open, and was closed by either side, or by the network: 1006. */
  | { kind: "closed"; code: number; reason: string }
  /** It was open, and what came was no WebSocket. */
  | { kind: "faulty"; why: string };

export function acceptOf(key: string): string {
  return createHash("sha1")
    .update(key + ACCEPT_SUFFIX)
    .digest("base64");
}

/**
 * The client's side of one WebSocket (RFC 6455), for text alone, over Node's own HTTP client. Why not a library:
 * `docs/decisions/0007-websocket-client-in-the-agent.md`. A redirect is an answer like any other and is not followed.
 */
export class ClientSocket {
  readonly #settings: SocketSettings;
  readonly #cancelHandshake: () => void;
  readonly #destroyRequest: () => void;
  readonly #reader = new FrameReader({ isMasked: false, payloadBytesMax: MESSAGE_BYTES_MAX });
  #stream: Duplex | undefined;
  #isClosing = false;
  #isEnded = false;
  #pieces: Buffer[] | undefined;
  #frames = 0;
  #windowMs = 0;

  constructor(settings: SocketSettings) {
    this.#settings = settings;
    const key = randomBytes(16).toString("base64");
    const request = clientFor(settings.url).request(settings.url, {
      // A connection of its own: it never goes back among those of the requests.
      agent: false,
      headers: {
        ...settings.headers,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": key,
      },
    });
    this.#destroyRequest = () => request.destroy();
    this.#cancelHandshake = settings.clock.after(HANDSHAKE_LIMIT_MS, () =>
      this.#fail(new Error(`no answer within ${HANDSHAKE_LIMIT_MS / 1_000} s`)),
    );
    request.on("upgrade", (reply, stream, head) => this.#upgraded(reply, stream, head, acceptOf(key)));
    request.on("response", (reply) => {
      const bounds = { replyBytesMax: REPLY_BYTES_MAX, isReplyCut: true };
      readBounded(reply, bounds).then(
        (body) => {
          this.#end({ kind: "answered", reply: { status: reply.statusCode ?? 0, headers: reply.headers, body } });
          request.destroy();
        },
        (error: Error) => this.#fail(error),
      );
    });
    request.on("error", (error) => this.#fail(error));
    request.end();
  }

  /** False where it is not open, or the other side has not read what was sent before. */
  send(text: string): boolean {
    if (!this.#stream || this.#isClosing || this.#stream.writableLength > UNREAD_BYTES_MAX) return false;
    this.#write(OPCODE.text, Buffer.from(text));
    return true;
  }

  /** Says good-bye, so that everything sent before it is read, and ends soon, answered or not. */
  close(code: number): void {
    if (!this.#stream) return this.#fail(new Error("given up"));
    if (this.#isClosing || this.#isEnded) return;
    this.#sayClose(code);
    this.#settings.clock.after(CLOSE_LIMIT_MS, () => this.#stream?.destroy());
  }

  #upgraded(reply: IncomingMessage, stream: Duplex, head: Buffer, accept: string): void {
    stream.on("error", () => stream.destroy());
    const { upgrade, connection, ...headers } = reply.headers;
    const isOurs = headers["sec-websocket-accept"] === accept && upgrade?.toLowerCase() === "websocket";
    const isMore = "sec-websocket-extensions" in headers || "sec-websocket-protocol" in headers;
    if (this.#isEnded || !isOurs || isMore || !/\bupgrade\b/i.test(connection ?? "")) {
      stream.destroy();
      return this.#fail(new Error("the answer opens a socket, but not the one that was asked for"));
    }
    this.#cancelHandshake();
    this.#stream = stream;
    stream.on("data", (chunk: Buffer) => this.#read(chunk));
    stream.on("close", () => this.#end({ kind: "closed", code: CLOSE_LOST, reason: "" }));
    if (head.length > 0) stream.unshift(head);
    this.#settings.opened();
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.read(chunk)) {
        if (this.#isEnded) return;
        this.#count();
        this.#take(frame);
      }
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
      this.#sayClose(error.closeCode);
      this.#end({ kind: "faulty", why: error.message });
      this.#stream?.destroy();
    }
  }

  #count(): void {
    const nowMs = this.#settings.clock.monotonicMs();
    if (nowMs - this.#windowMs > FRAMES_WINDOW_MS) {
      this.#windowMs = nowMs;
      this.#frames = 0;
    }
    if (++this.#frames > FRAMES_MAX) throw new FrameFault(CLOSE.protocolError, "it says too much");
  }

  #take({ opcode, isFinal, payload }: Frame): void {
    if (opcode === OPCODE.ping) return this.#write(OPCODE.pong, payload);
    if (opcode === OPCODE.pong) return;
    if (opcode === OPCODE.close) return this.#heardClose(payload);
    if (opcode === OPCODE.binary) throw new FrameFault(CLOSE.notText, "it sent something other than text");
    const isContinued = this.#pieces !== undefined;
    if (isContinued !== (opcode === OPCODE.continuation)) {
      throw new FrameFault(CLOSE.protocolError, "a message begins within another, or goes on without a beginning");
    }
    const pieces = [...(this.#pieces ?? []), payload];
    this.#pieces = isFinal ? undefined : pieces;
    if (pieces.reduce((bytes, piece) => bytes + piece.length, 0) > MESSAGE_BYTES_MAX) {
      throw new FrameFault(CLOSE_TOO_BIG, "a message is too large");
    }
    if (!isFinal) return;
    const text = pieces.length === 1 ? payload : Buffer.concat(pieces);
    if (!isUtf8(text)) throw new FrameFault(CLOSE_NOT_UTF8, "a message is not UTF-8");
    if (!this.#isClosing) this.#settings.heard(text.toString("utf8"));
  }

  #heardClose(payload: Buffer): void {
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : CLOSE.noStatus;
    const reason = payload.toString("utf8", 2);
    const stream = this.#stream!;
    if (!this.#isClosing) this.#sayClose(code === CLOSE.noStatus ? CLOSE.normal : code);
    this.#end({ kind: "closed", code, reason });
    // The server ends the connection; one that does not is not waited for.
    stream.end();
    this.#settings.clock.after(CLOSE_LIMIT_MS, () => stream.destroy());
  }

  #sayClose(code: number): void {
    this.#isClosing = true;
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.#write(OPCODE.close, payload);
  }

  #write(opcode: number, payload: Buffer): void {
    const stream = this.#stream;
    if (!stream?.writable || stream.writableLength > 2 * UNREAD_BYTES_MAX) return;
    stream.write(encodeFrame({ opcode, isFinal: true, payload }, randomBytes(4)));
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#end({ kind: "failed", error });
    this.#destroyRequest();
  }

  #end(end: SocketEnd): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#cancelHandshake();
    this.#settings.ended(end);
  }
}
