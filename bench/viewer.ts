import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { CLOSE, frameIn, TEXT, textFrame } from "./frame.ts";

const SAMPLE_PREFIX = '{"type":"sample"';
const AT = /"at":(\d+)/;
const OPEN_WITHIN_MS = 10_000;

/**
 * A signed-in browser tab. WebSocket by hand on TCP: five hundred of Node's own clients cost more than the shard they watch. It offers
 * no compression, as it could not afford it.
 */
export class Viewer {
  readonly #socket: Socket;
  readonly #onText: (text: string) => void;
  #received: Buffer = Buffer.alloc(0);
  #upgraded = false;
  closed = false;

  private constructor(socket: Socket, onText: (text: string) => void) {
    this.#socket = socket;
    this.#onText = onText;
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.on("close", () => (this.closed = true));
  }

  /** One that watches an instance, and says when a sample of it arrived. */
  static open(appUrl: string, cookie: string, instanceId: string, onSample: (at: number) => void): Promise<Viewer> {
    // Frames also hold samples; this is about the message of the watched one alone.
    const onText = (text: string) => {
      if (text.startsWith(SAMPLE_PREFIX)) onSample(Number(AT.exec(text)?.[1]));
    };
    return Viewer.looking(appUrl, cookie, onText, instanceId);
  }

  /** Resolves when the snapshot is here and the watch, if any, is on its way; what comes after is told as it comes. */
  static looking(appUrl: string, cookie: string, onText: (text: string) => void, watched?: string): Promise<Viewer> {
    const { hostname, port, host } = new URL(appUrl);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("A viewer got no snapshot in time.")), OPEN_WITHIN_MS);
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("A viewer was closed.")));
      const viewer = new Viewer(socket, (text) => {
        if (!text.startsWith('{"type":"snapshot"')) return onText(text);
        if (watched !== undefined) socket.write(textFrame(JSON.stringify({ type: "watch", instanceId: watched })));
        clearTimeout(timer);
        resolve(viewer);
      });
      socket.write(
        `GET /live HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: ${appUrl}\r\n` +
          `Cookie: ${cookie}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
      );
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length ? Buffer.concat([this.#received, bytes]) : bytes;
    if (!this.#upgraded && !this.#upgrade()) return;
    for (let frame = frameIn(this.#received); frame; frame = frameIn(this.#received)) {
      this.#received = this.#received.subarray(frame.end);
      if (frame.opcode === TEXT) this.#onText(frame.text);
      else if (frame.opcode === CLOSE) this.#socket.destroy();
    }
  }

  #upgrade(): boolean {
    const end = this.#received.indexOf("\r\n\r\n");
    if (end === -1) return false;
    const head = this.#received.toString("latin1", 0, end);
    if (!head.startsWith("HTTP/1.1 101")) {
      this.#socket.destroy(new Error(`A viewer was refused: ${this.#received.toString("utf8")}`));
      return false;
    }
    this.#received = this.#received.subarray(end + 4);
    return (this.#upgraded = true);
  }
}
