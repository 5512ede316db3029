import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { Listening } from "./listening.ts";
import { selfSigned, type Wish } from "./self-signed.ts";

/** What a path does when it is asked. `ms` is how long it is silent first; `raw` says its body and nothing else. */
export interface Behaviour {
  does: "answer" | "drip" | "half then reset" | "half then end" | "reset" | "never" | "raw" | "flood";
  ms?: number;
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

/** What came in, to be asked for by who sent it. */
export interface Received {
  method: string;
  path: string;
  query: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** Where everything is; ports are on 127.0.0.1. */
export interface HealthAddresses {
  url: string;
  ports: Record<"closed" | "silent" | "resets" | "endsAtOnce" | "speaksSsh" | keyof typeof TLS, number>;
}

const DAY_MS = 86_400_000;
const now = Date.now();
const GOOD: Wish = {
  names: ["localhost", "127.0.0.1"],
  beginsAt: now - DAY_MS,
  endsAt: now + 60 * DAY_MS + DAY_MS / 2,
};

/** All signed by themselves: nobody vouches for a certificate that a test has made. */
const TLS = {
  selfSigned: { wish: GOOD },
  expired: { wish: { ...GOOD, beginsAt: now - 9 * DAY_MS, endsAt: now - 3.5 * DAY_MS } },
  notYet: { wish: { ...GOOD, beginsAt: now + DAY_MS } },
  wrongName: { wish: { ...GOOD, names: ["other.example.com"] } },
  tls13Only: { wish: GOOD, minVersion: "TLSv1.3" },
  asksForOurs: { wish: GOOD, requestCert: true, rejectUnauthorized: true },
  endsSoon: { wish: { ...GOOD, endsAt: now + 5.5 * DAY_MS }, requestCert: true, rejectUnauthorized: true },
} as const satisfies Record<string, TlsServer>;

interface TlsServer extends Pick<TlsOptions, "minVersion" | "requestCert" | "rejectUnauthorized"> {
  wish: Wish;
}

/**
 * Servers that are well, ill, and badly brought up. `POST /__control {path, behaviour}` sets what a path does, `GET /__received?path=`
 * tells what it was sent.
 */
export class HealthEndpoints {
  addresses!: HealthAddresses;
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #received: Received[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #ownSockets: Socket[] = [];
  readonly #servers: Server[] = [];
  #http!: Listening;

  static async start(): Promise<HealthEndpoints> {
    const endpoints = new HealthEndpoints();
    endpoints.#http = await Listening.start((request, response) => void endpoints.#answer(request, response));
    const raw = (greet: (socket: Socket) => void) => endpoints.#listen(createServer(greet));
    const secure = async (name: keyof typeof TLS) => {
      const { wish, ...options }: TlsServer = TLS[name];
      return endpoints.#listen(
        createTlsServer(
          { ...selfSigned(wish), ...options },
          (socket) => void socket.on("error", () => socket.destroy()),
        ),
      );
    };
    endpoints.addresses = {
      url: endpoints.#http.url,
      ports: {
        closed: await endpoints.#takenPort(),
        silent: await raw(() => {}),
        resets: await raw((socket) => socket.once("data", () => socket.resetAndDestroy())),
        endsAtOnce: await raw((socket) => socket.end()),
        speaksSsh: await raw((socket) => socket.write("SSH-2.0-OpenSSH_9.9\r\n")),
        selfSigned: await secure("selfSigned"),
        expired: await secure("expired"),
        notYet: await secure("notYet"),
        wrongName: await secure("wrongName"),
        tls13Only: await secure("tls13Only"),
        asksForOurs: await secure("asksForOurs"),
        endsSoon: await secure("endsSoon"),
      },
    };
    return endpoints;
  }

  /** Connections that are open on the raw ports: a prober leaves none behind. */
  get openSockets(): number {
    return this.#sockets.size;
  }

  /** How many requests have come in. */
  get requests(): number {
    return this.#received.length;
  }

  /** From now on this path does so. */
  set(path: string, behaviour: Behaviour): void {
    this.#behaviours.set(path, behaviour);
  }

  async stop(): Promise<void> {
    for (const socket of [...this.#sockets, ...this.#ownSockets]) socket.destroy();
    await Promise.all([this.#http.stop(), ...this.#servers.map((server) => new Promise((done) => server.close(done)))]);
  }

  /** Where nobody listens, and nobody else can begin to: the near end of a connection of our own. */
  async #takenPort(): Promise<number> {
    const far = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await once(far, "listening");
    const near = connect((far.address() as AddressInfo).port, "127.0.0.1");
    await once(near, "connect");
    this.#servers.push(far);
    this.#ownSockets.push(near);
    return near.localPort!;
  }

  async #listen(server: Server): Promise<number> {
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.#sockets.delete(socket));
      // Who does not read does not hear of the end either.
      socket.resume();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search, searchParams } = new URL(request.url!, this.addresses.url);
    const body = (await request.toArray()).join("");
    if (pathname === "/__control") {
      const { path, behaviour } = JSON.parse(body) as { path: string; behaviour: Behaviour };
      this.set(path, behaviour);
      return void response.end();
    }
    if (pathname === "/__received") {
      return void response.end(JSON.stringify(this.#received.filter(({ path }) => path === searchParams.get("path"))));
    }
    if (pathname === "/__open") return void response.end(JSON.stringify(this.openSockets));
    this.#received.push({ method: request.method!, path: pathname, query: search, headers: request.headers, body });
    const behaviour = this.#behaviours.get(pathname) ?? { does: "answer", status: 404 };
    if (behaviour.ms) await new Promise((passed) => setTimeout(passed, behaviour.ms));
    behave(behaviour, response);
  }
}

function behave({ does, status = 200, headers = {}, body = "ready" }: Behaviour, response: ServerResponse): void {
  const half = () => {
    response.writeHead(status, { ...headers, "content-length": "1000" });
    response.write(body);
  };
  switch (does) {
    case "answer":
      return void response.writeHead(status, headers).end(body);
    case "drip": {
      response.writeHead(status, headers);
      const drops = setInterval(() => response.write("."), 20);
      return void response.on("close", () => clearInterval(drops));
    }
    case "half then reset":
      half();
      return void setTimeout(() => response.socket?.resetAndDestroy(), 50);
    case "half then end":
      half();
      return void setTimeout(() => response.socket?.end(), 50);
    case "reset":
      return void response.socket?.resetAndDestroy();
    case "flood": {
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      return more();
    }
    case "raw":
      return void response.socket?.end(body, "latin1");
    case "never":
      return;
  }
}
