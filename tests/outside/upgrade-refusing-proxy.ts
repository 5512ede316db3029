import { once } from "node:events";
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** A proxy as some companies have it: every request goes through, and to whoever asks for a socket it answers 502 by itself. */
export class UpgradeRefusingProxy {
  upgradesRefused = 0;
  posted = 0;
  readonly #server: Server;
  readonly #port: number;

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((near, reply) => this.#pass(near, reply));
    this.#server.on("upgrade", (_, socket) => {
      this.upgradesRefused++;
      socket.on("error", () => socket.destroy());
      socket.end(
        "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<h1>Bad Gateway</h1>",
      );
    });
  }

  static async to(port: number): Promise<UpgradeRefusingProxy> {
    const proxy = new UpgradeRefusingProxy(port);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #pass(near: IncomingMessage, reply: ServerResponse): void {
    const { method = "GET", url = "/", headers } = near;
    const far = request({ host: "127.0.0.1", port: this.#port, method, path: url, headers }, (answer) => {
      if (method === "POST" && answer.statusCode === 200) this.posted++;
      reply.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(reply);
    });
    far.on("error", () => reply.destroy());
    near.pipe(far);
  }
}
