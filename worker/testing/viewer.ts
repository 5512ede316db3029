import type { LiveMessage } from "../../contract/live.ts";
import type { Browser } from "./people.ts";

/** A browser's socket: messages are waited for, not slept for. */
export class Viewer {
  readonly socket: WebSocket;
  #messages: LiveMessage[] = [];
  #waiting: (() => void)[] = [];
  readonly closed: Promise<number>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.addEventListener("close", (event) => resolve(event.code)));
    socket.addEventListener("message", (event) => {
      this.#messages.push(JSON.parse(String(event.data)) as LiveMessage);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    socket.accept();
  }

  static async of(browser: Browser, headers: Record<string, string> = {}): Promise<Viewer> {
    const reply = await browser.fetch("/live", { headers: { upgrade: "websocket", ...headers } });
    if (!reply.webSocket) throw new Error(`No socket: ${reply.status} ${await reply.text()}`);
    return new Viewer(reply.webSocket);
  }

  /** Every message so far, all types, for what must not have come. */
  get heard(): readonly LiveMessage[] {
    return this.#messages;
  }

  async next<Type extends LiveMessage["type"]>(
    type: Type,
    about?: (message: Extract<LiveMessage, { type: Type }>) => boolean,
  ) {
    for (;;) {
      const index = this.#messages.findIndex((m) => m.type === type && (about?.(m as never) ?? true));
      if (index >= 0) return this.#messages.splice(index, 1)[0] as Extract<LiveMessage, { type: Type }>;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}
