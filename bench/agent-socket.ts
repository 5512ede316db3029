import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { EdgeMessage } from "../contract/agent-link.ts";
import { CLOSE, frameIn, TEXT, textFrame } from "./frame.ts";

const HEAD_END = "\r\n\r\n";

/** An agent's end of a socket, by hand on TCP: two thousand of Node's own would be what is measured. */
export class AgentSocket {
  readonly #socket: Socket;
  readonly #onMessage: (message: EdgeMessage) => void;
  #received: Buffer = Buffer.alloc(0);
  #isOpen = false;

  private constructor(socket: Socket, onMessage: (message: EdgeMessage) => void) {
    this.#socket = socket;
    this.#onMessage = onMessage;
  }

  static open(appUrl: string, token: string, onMessage: (message: EdgeMessage) => void): Promise<AgentSocket> {
    const { hostname, port, host } = new URL(appUrl);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    return new Promise((resolve, reject) => {
      const agent = new AgentSocket(socket, onMessage);
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("An agent's socket was closed.")));
      socket.on("data", (bytes: Buffer) => {
        if (agent.#take(bytes)) resolve(agent);
      });
      socket.write(
        `GET /agent HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nAuthorization: Bearer ${token}\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}${HEAD_END}`,
      );
    });
  }

  send(text: string): void {
    this.#socket.write(textFrame(text));
  }

  /** Whether the socket is open. */
  #take(bytes: Buffer): boolean {
    this.#received = this.#received.length ? Buffer.concat([this.#received, bytes]) : bytes;
    if (!this.#isOpen) {
      const end = this.#received.indexOf(HEAD_END);
      if (end === -1) return false;
      if (!this.#received.toString("latin1", 0, end).startsWith("HTTP/1.1 101")) {
        throw new Error(`An agent was refused: ${this.#received.toString()}`);
      }
      this.#received = this.#received.subarray(end + HEAD_END.length);
      this.#isOpen = true;
    }
    for (let frame = frameIn(this.#received); frame; frame = frameIn(this.#received)) {
      this.#received = this.#received.subarray(frame.end);
      if (frame.opcode === TEXT) this.#onMessage(JSON.parse(frame.text) as EdgeMessage);
      else if (frame.opcode === CLOSE) throw new Error(`The edge closed an agent's socket: ${frame.text}`);
    }
    return this.#isOpen;
  }
}
