import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that is looked at: it answers after so long, and counts what came in and how much of it there was at once. */
export class LoopbackTarget {
  readonly url: string;
  readonly stop: () => Promise<void>;
  answerAfterMs = 0;
  asked = 0;
  /** Requests not answered yet; connections also where they are being closed, of which this side hears a little later. */
  requestsMost = 0;
  connectionsMost = 0;

  private constructor(url: string, stop: () => Promise<void>) {
    this.url = url;
    this.stop = stop;
  }

  static async start(): Promise<LoopbackTarget> {
    let [requests, connections] = [0, 0];
    const server = createServer((_request, response) => {
      target.asked++;
      target.requestsMost = Math.max(target.requestsMost, ++requests);
      setTimeout(() => {
        requests--;
        response.end("ready");
      }, target.answerAfterMs);
    });
    server.on("connection", (socket) => {
      target.connectionsMost = Math.max(target.connectionsMost, ++connections);
      socket.on("close", () => connections--);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const target = new LoopbackTarget(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, async () => {
      server.closeAllConnections();
      await new Promise((stopped) => server.close(stopped));
    });
    return target;
  }
}
