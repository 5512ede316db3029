import type { IncomingMessage, ServerResponse } from "node:http";
import type { Asked as AskedInText, Reply } from "../cloud.ts";
import { Listening } from "../listening.ts";

export { json, type Reply } from "../cloud.ts";

export interface Asked extends AskedInText {
  /** The body where it is no text. */
  bytes: Buffer;
}

/** What is wrong with it now. */
export type ReceiverFault =
  /** What was to be written to is no longer there: a chat, an archived channel, a webhook. */
  | { kind: "gone" }
  | { kind: "too_often"; retryAfterSeconds: number }
  | { kind: "failing"; status: number }
  /** Answers so, whatever came. */
  | { kind: "says"; status: number; body: unknown; headers?: Record<string, string> }
  /** Takes the request and never answers. */
  | { kind: "silent" }
  /** Hangs up in the middle of its answer. */
  | { kind: "cut" }
  /** 302, to itself. */
  | { kind: "moved" };

/** What it took, as those who read it there see it. */
export interface Received {
  action: "told" | "resolved";
  /** What it was told for: messages of the same one belong together there; null where it has no such thing. */
  about: string | null;
  /** What tells a repetition, where it has a place for that. */
  id: string | null;
  /** All words, without the markup that carries them. */
  read: string;
  /** Where it leads. */
  link: string | null;
  /** As it came, for what only one of them has. */
  body: unknown;
  headers: IncomingMessage["headers"];
}

/** What a test sees of it at `GET /__control`. */
export interface ToldByReceiver {
  /** In the shape of the contract: how to reach it. */
  config: Record<string, unknown>;
  received: Received[];
  complaints: string[];
  /** Requests in all. */
  asked: number;
}

/** Where a channel sends to: takes what its documentation allows, complains of the rest, and has faults that can be switched on. */
export abstract class Receiver {
  fault: ReceiverFault | null = null;
  readonly received: Received[] = [];
  /** What was sent to it and should not have been so. */
  readonly complaints: string[] = [];
  asked = 0;
  #listening!: Listening;

  static async start<Kind extends Receiver>(this: new () => Kind): Promise<Kind> {
    const receiver = new this();
    receiver.#listening = await Listening.start((request, response) => void receiver.#take(request, response));
    return receiver;
  }

  get url(): string {
    return this.#listening.url;
  }

  async stop(): Promise<void> {
    await this.#listening.stop();
  }

  /** In the shape of the contract. */
  abstract readonly config: Record<string, unknown>;
  /** Looks at what came; keeps what it takes with {@link take}. */
  protected abstract answer(asked: Asked): Reply;
  /** To a key that is none of its keys. */
  protected abstract refusal(): Reply;
  protected abstract gone(): Reply;
  protected abstract tooOften(seconds: number): Reply;
  protected failing(status: number): Reply {
    return { status, type: "text/html", body: "<!doctype html><title>Something went wrong</title>" };
  }

  protected expect(isSo: boolean, complaint: string): void {
    if (!isSo) this.complaints.push(complaint);
  }

  protected atMost(name: string, text: unknown, max: number): void {
    this.expect(typeof text === "string" && text !== "", `${name} is missing or empty`);
    const length = String(text ?? "").length;
    this.expect(length <= max, `${name} has ${length} characters, at most ${max} are taken`);
  }

  protected take({ headers }: Asked, body: unknown, received: Omit<Received, "body" | "headers">): void {
    this.received.push({ ...received, body, headers });
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const body = bytes.toString();
    const url = new URL(request.url!, this.url);
    if (url.pathname === "/__control") return this.#control(request.method!, body, response);
    this.asked++;
    const { fault } = this;
    if (fault?.kind === "silent") return;
    const asked: Asked = { method: request.method!, url, headers: request.headers, body, bytes };
    this.expect(asked.method === "POST", `${asked.method} instead of POST`);
    this.expect(/\S/.test(request.headers["user-agent"] ?? ""), "no user-agent");
    const reply = this.#replyTo(asked);
    const headers = { "content-type": reply.type, ...reply.headers };
    if (fault?.kind !== "cut") return void response.writeHead(reply.status, headers).end(reply.body);
    response.writeHead(reply.status, { ...headers, "content-length": Buffer.byteLength(reply.body) + 10 });
    response.write(reply.body || " ", () => response.destroy());
  }

  #replyTo(asked: Asked): Reply {
    const { fault } = this;
    switch (fault?.kind) {
      case "gone":
        return this.gone();
      case "too_often":
        return this.tooOften(fault.retryAfterSeconds);
      case "failing":
        return this.failing(fault.status);
      case "says":
        return { ...saying(fault.body), status: fault.status, ...(fault.headers && { headers: fault.headers }) };
      case "moved":
        return { status: 302, type: "text/html", body: "", headers: { location: asked.url.href } };
      default:
        return this.answer(asked);
    }
  }

  #control(method: string, body: string, response: ServerResponse): void {
    if (method === "POST") this.fault = JSON.parse(body) as ReceiverFault | null;
    const { config, received, complaints, asked } = this;
    const told: ToldByReceiver = { config, received, complaints, asked };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(told));
  }
}

function saying(body: unknown): Pick<Reply, "type" | "body"> {
  if (typeof body === "string") return { type: "text/plain", body };
  return { type: "application/json", body: JSON.stringify(body) };
}

export function text(body: string, status = 200, headers: Record<string, string> = {}): Reply {
  return { status, type: "text/plain", body, headers };
}

/** A text of HTML as one reads it, and what of its tags is not among those that may be there. */
export function readHtml(html: string, tags: readonly string[]): { read: string; wrong: string[] } {
  const wrong: string[] = [];
  const open: string[] = [];
  const read = html
    .replace(/<(\/?)([^\s>]*)([^>]*)>/g, (tag, closes: string, name: string) => {
      if (!tags.includes(name)) wrong.push(tag);
      else if (closes === "") open.push(name);
      else if (open.pop() !== name) wrong.push(tag);
      return "";
    })
    .replace(/&(?!(amp|lt|gt|quot);)/g, (sign) => (wrong.push(sign), sign))
    .replace(/&(amp|lt|gt|quot);/g, (_, name: "amp" | "lt" | "gt" | "quot") => SIGNS[name]);
  return { read, wrong: [...wrong, ...open] };
}

const SIGNS = { amp: "&", lt: "<", gt: ">", quot: '"' };
