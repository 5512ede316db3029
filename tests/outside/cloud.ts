import type { IncomingMessage, ServerResponse } from "node:http";
import { Chance } from "../chance.ts";
import { Listening } from "./listening.ts";

/** A machine that is rented there, as every cloud has it; each writes it down in its own way. */
export interface Machine {
  id: string;
  name: string;
  region: string;
  plan: string;
  /** `running`, `stopped`, or what else the cloud may say. */
  state: string;
  /** Public IPv4. */
  address: string;
  privateAddress: string;
  tags: string[];
  /** Found broken by the cloud itself. */
  isImpaired?: boolean;
}

/** What is wrong with it now; each cloud adds its own refusals. */
export interface Fault {
  kind:
    /** 429. */
    | "too_often"
    /** 5xx. */
    | "failing"
    /** 200, and a page for people. */
    | "html"
    /** 200, and an object without a list. */
    | "hollow"
    /** Takes the request and never answers. */
    | "silent"
    /** 200, and so many spaces. */
    | "endless"
    /** 302, to itself. */
    | "moved"
    /** Half the list, as if that were all. */
    | "ends_early"
    /** Hangs up in the middle of the body. */
    | "cut"
    | "key_refused"
    | "address_refused"
    | "no_rights"
    /** Refused by who is above the account. */
    | "denied_by_policy"
    /** The project has not switched the API on. */
    | "api_off"
    /** A part of the cloud is out of reach of its own list; or is so, and is not named. */
    | "zone_unreachable"
    | "somewhere_unreachable"
    /** Each part of a list leads to itself. */
    | "stuck_cursor";
  /** For so many requests; absent: until it is taken away. */
  times?: number;
  /** Only for requests whose name contains this. */
  on?: string;
  retryAfter?: string;
  /** `Retry-After` as the date in so many seconds. */
  retryAfterDate?: number;
  status?: number;
  bytes?: number;
}

/** What a test may order at `POST /__control`; `GET /__control` tells what came in. */
export interface Orders {
  fault?: Fault | null;
  add?: number;
  remove?: string[];
  change?: Record<string, Partial<Machine>>;
}

export interface Asked {
  method: string;
  url: URL;
  headers: IncomingMessage["headers"];
  body: string;
}

export interface Reply {
  status: number;
  type: string;
  body: string;
  headers?: Record<string, string>;
}

/** A cloud's API: machines, faults that can be switched on, and what it was asked. Its parts are in the subclasses. */
export abstract class Cloud {
  readonly machines = new Map<string, Machine>();
  fault: Fault | null = null;
  /** What was sent to it and should not have been so. */
  readonly complaints: string[] = [];
  /** Requests by name. */
  readonly asked: Record<string, number> = {};
  readonly chance: Chance;
  /** What is wrong with the request that is being answered. */
  #present: Fault | null = null;
  #listening!: Listening;

  constructor(seed: number) {
    this.chance = new Chance(seed);
  }

  static async start<Kind extends Cloud>(this: new (seed: number) => Kind, count = 0, seed = 1): Promise<Kind> {
    const cloud = new this(seed);
    cloud.add(count);
    cloud.#listening = await Listening.start((request, response) => void cloud.#take(request, response));
    return cloud;
  }

  get url(): string {
    return this.#listening.url;
  }

  async stop(): Promise<void> {
    await this.#listening.stop();
  }

  add(count: number): Machine[] {
    return Array.from({ length: count }, () => {
      const machine = this.make(this.machines.size);
      this.machines.set(machine.id, machine);
      return machine;
    });
  }

  obey({ fault, add = 0, remove = [], change = {} }: Orders): void {
    if (fault !== undefined) this.fault = fault;
    this.add(add);
    for (const id of remove) this.machines.delete(id);
    for (const [id, facts] of Object.entries(change)) Object.assign(this.machines.get(id)!, facts);
  }

  /** What lets one in, in the shape of the contract's credentials. */
  abstract readonly credentials: object;
  /** What is in its answers and must stay with who asked. */
  abstract readonly secrets: readonly string[];
  protected abstract make(index: number): Machine;
  protected abstract nameOf(asked: Asked): string;
  protected abstract answer(asked: Asked): Reply;
  /** As this cloud says that it was asked too often. */
  protected abstract tooOften(): Reply;

  protected expect(isSo: boolean, complaint: string): void {
    if (!isSo) this.complaints.push(complaint);
  }

  /** Whether this is what is wrong with the request that is being answered. */
  protected is(kind: Fault["kind"]): boolean {
    return this.#present?.kind === kind;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const url = new URL(request.url!, this.url);
    if (url.pathname === "/__control") return this.#control(request.method!, body, response);
    const asked: Asked = { method: request.method!, url, headers: request.headers, body };
    const name = this.nameOf(asked);
    this.asked[name] = (this.asked[name] ?? 0) + 1;
    const { fault } = this;
    this.#present = fault?.on === undefined || name.includes(fault.on) ? fault : null;
    if (this.#present?.times !== undefined && --this.#present.times <= 0) this.fault = null;
    this.#send(asked, response);
  }

  #send(asked: Asked, response: ServerResponse): void {
    if (this.is("silent")) return;
    const reply = this.#replyTo(asked);
    const headers = { "content-type": reply.type, ...reply.headers };
    if (!this.is("cut")) return void response.writeHead(reply.status, headers).end(reply.body);
    response.writeHead(reply.status, { ...headers, "content-length": Buffer.byteLength(reply.body) });
    response.write(half(reply.body), () => response.destroy());
  }

  #replyTo(asked: Asked): Reply {
    const { status = 502, retryAfter, retryAfterDate, bytes = 0 } = this.#present ?? {};
    const date = new Date();
    const until = retryAfterDate === undefined ? null : new Date(date.getTime() + retryAfterDate * 1_000).toUTCString();
    const given = retryAfter ?? until;
    const headers: Record<string, string> = given === null ? {} : { date: date.toUTCString(), "retry-after": given };
    if (this.is("html")) return { status: 200, type: "text/html", body: PAGE };
    if (this.is("hollow")) return { status: 200, type: "application/json", body: '{"meta":{}}' };
    if (this.is("endless")) return { status: 200, type: "application/json", body: " ".repeat(bytes) };
    if (this.is("moved")) return { status: 302, type: "text/html", body: PAGE, headers: { location: asked.url.href } };
    if (this.is("failing")) return { status, type: "text/html", body: PAGE, headers };
    if (this.is("too_often")) return { ...this.tooOften(), headers };
    const reply = this.answer(asked);
    return this.is("ends_early") ? { ...reply, body: halfList(reply.body) } : reply;
  }

  #control(method: string, body: string, response: ServerResponse): void {
    if (method === "POST") this.obey(JSON.parse(body) as Orders);
    const { asked, complaints, credentials, secrets, machines } = this;
    const told = { asked, complaints, credentials, secrets, machines: [...machines.values()] };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(told));
  }
}

export function json(body: unknown, status = 200): Reply {
  return { status, type: "application/json", body: JSON.stringify(body) };
}

const PAGE = "<!doctype html><title>Just a moment...</title><p>Checking your browser</p>";

function half(text: string): string {
  return text.slice(0, text.length / 2);
}

/** As far as the last element in it that is whole, where lists are EC2's. */
function halfList(text: string): string {
  return /^.*<\/item>/s.exec(half(text))?.[0] ?? half(text);
}
