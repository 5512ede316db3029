import { once } from "node:events";
import type { NewAgentToken } from "../contract/agents.ts";
import type { LiveMessage } from "../contract/live.ts";

/** The owner's browser without a browser: signs in by the printed link and carries the cookies. */
export class SignedIn {
  readonly origin: string;
  /** Of the session, and of a browser that has signed in before. */
  readonly cookie: string;

  private constructor(origin: string, cookie: string) {
    this.origin = origin;
    this.cookie = cookie;
  }

  static async by(link: string): Promise<SignedIn> {
    const { origin, hash } = new URL(link);
    const reply = await fetch(`${origin}/api/sign-in/link`, {
      method: "POST",
      headers: { origin, "content-type": "application/json" },
      body: JSON.stringify({ token: hash.slice(1) }),
    });
    if (!reply.ok) throw new Error(`The link was refused: ${reply.status} ${await reply.text()}`);
    const cookies = reply.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    return new SignedIn(origin, cookies.join("; "));
  }

  async get<Reply>(path: string): Promise<Reply> {
    const reply = await fetch(this.origin + path, { headers: { cookie: this.cookie } });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as Reply;
  }

  async send<Reply>(method: string, path: string, body?: unknown): Promise<Reply> {
    const reply = await fetch(this.origin + path, {
      method,
      headers: { cookie: this.cookie, origin: this.origin },
      body: JSON.stringify(body),
    });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    return (reply.status === 204 ? undefined : await reply.json()) as Reply;
  }

  newToken(label: string): Promise<NewAgentToken> {
    return this.send("POST", "/api/agent-tokens", { label });
  }

  async viewer(): Promise<Viewer> {
    // Node's own WebSocket takes headers beside the protocols; the types of the DOM do not know it.
    const Socket = WebSocket as unknown as new (url: string, init: { headers: Record<string, string> }) => WebSocket;
    const socket = new Socket(this.origin.replace("http", "ws") + "/live", {
      headers: { cookie: this.cookie, origin: this.origin },
    });
    const viewer = new Viewer(socket);
    await once(socket, "open");
    return viewer;
  }
}

export class Viewer {
  readonly socket: WebSocket;
  #messages: LiveMessage[] = [];
  #wake: (() => void)[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", (event) => {
      this.#messages.push(JSON.parse(String(event.data)) as LiveMessage);
      for (const wake of this.#wake.splice(0)) wake();
    });
  }

  /** The first message that fits, waited for. */
  async next<Type extends LiveMessage["type"]>(
    type: Type,
    fits: (message: Extract<LiveMessage, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<LiveMessage, { type: Type }>> {
    for (;;) {
      const found = this.#messages.findIndex((message) => message.type === type && fits(message as never));
      if (found >= 0) return this.#messages.splice(found, 1)[0] as Extract<LiveMessage, { type: Type }>;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }
}
