import { connect, type Socket } from "node:net";

const HEAD_END = "\r\n\r\n";

/**
 * One keep-alive HTTP connection with one request in flight, by hand on TCP: Node's own client costs more than the
 * fastest answers measured here, and would be what is measured.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #host: string;
  #received = "";
  #settle: { resolve: (status: number) => void; reject: (error: Error) => void } | undefined;
  /** Body of the last answer, for an error to show. */
  lastBody = "";

  constructor(url: string) {
    const { hostname, port, host } = new URL(url);
    this.#host = host;
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (text: string) => this.#take(text));
    this.#socket.on("error", (error) => this.#settle?.reject(error));
    this.#socket.on("close", () => this.#settle?.reject(new Error("The connection was closed.")));
  }

  post(path: string, token: string, body: string): Promise<number> {
    const length = Buffer.byteLength(body);
    const headers = `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${length}`;
    return this.#send(`POST ${path}`, headers, body);
  }

  /** `headers` as they stand on the wire, one to a line. */
  get(path: string, headers: string): Promise<number> {
    return this.#send(`GET ${path}`, headers, "");
  }

  #send(request: string, headers: string, body: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#socket.write(`${request} HTTP/1.1\r\nHost: ${this.#host}\r\n${headers}${HEAD_END}${body}`);
    });
  }

  close(): void {
    this.#settle = undefined;
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.#received.slice(0, headEnd);
    const length = /^content-length: (\d+)/im.exec(head)?.[1];
    if (length === undefined) return this.#settle?.reject(new Error(`An answer without a length: ${head}`));
    const end = headEnd + HEAD_END.length + Number(length);
    if (this.#received.length < end) return;
    this.lastBody = this.#received.slice(headEnd + HEAD_END.length, end);
    this.#received = this.#received.slice(end);
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.resolve(Number(head.slice(9, 12)));
  }
}
