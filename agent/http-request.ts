import type { Agent, IncomingMessage, RequestOptions } from "node:http";
import { createRequire } from "node:module";
import type { DurationMs } from "../contract/units.ts";

/**
 * One HTTP exchange with a limit on time and on the reply. Node's own `fetch` is not used: it brings a second HTTP client,
 * WebAssembly included, that costs more memory than the rest of the agent. A redirect is an answer like any other and is
 * never followed here: a token must not travel to where an answer points.
 */
export interface HttpRequest {
  url: string;
  method: "GET" | "POST" | "PUT";
  headers?: Record<string, string>;
  body?: string;
  /** For the whole exchange, from look-up to the last byte. */
  timeoutMs: DurationMs;
  replyBytesMax: number;
  /** A reply beyond its bound is cut where only the status matters, and is a fault where the text does. */
  isReplyCut?: boolean;
}

export interface HttpReply {
  status: number;
  headers: IncomingMessage["headers"];
  body: string;
}

type Client = { request: typeof import("node:http").request; agent: Agent };

const load = createRequire(import.meta.url);
const clients = new Map<boolean, Client>();

// Required, not imported: an import statement reads every export of node:http, one of which brings all of `fetch` along and
// with it 13 MB. TLS costs another 5 MB and is loaded only for an address that needs it.
export function clientFor(url: string): Client {
  const isSecure = url.startsWith("https:");
  let client = clients.get(isSecure);
  if (!client) {
    // Each name literally, so that whoever reads the bundle sees all that can be loaded.
    const module = (isSecure ? load("node:https") : load("node:http")) as typeof import("node:http");
    client = {
      request: module.request,
      agent: new module.Agent({ keepAlive: true, maxSockets: 4, maxFreeSockets: 1 }),
    };
    clients.set(isSecure, client);
  }
  return client;
}

/** A server may close an idle connection just as it is used again; that says nothing of the server, so one more try. */
export async function exchange(wanted: HttpRequest): Promise<HttpReply> {
  try {
    return await exchangeOnce(wanted);
  } catch (error) {
    if (error instanceof StaleConnectionError) return exchangeOnce(wanted);
    throw error;
  }
}

class StaleConnectionError extends Error {}

function exchangeOnce(wanted: HttpRequest): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const client = clientFor(wanted.url);
    const options: RequestOptions = {
      method: wanted.method,
      agent: client.agent,
      headers: {
        ...wanted.headers,
        ...(wanted.body === undefined ? {} : { "content-length": String(Buffer.byteLength(wanted.body)) }),
      },
    };
    let hasReply = false;
    const sent = client.request(wanted.url, options, (reply) => {
      hasReply = true;
      readBounded(reply, wanted).then(
        (body) => finish(() => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body })),
        fail,
      );
    });
    const timer = setTimeout(
      () => sent.destroy(new Error(`no whole answer within ${wanted.timeoutMs / 1_000} s`)),
      wanted.timeoutMs,
    );
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      settle();
    };
    function fail(error: NodeJS.ErrnoException) {
      const isStale = !hasReply && sent.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      finish(() => reject(isStale ? new StaleConnectionError() : error));
    }
    sent.on("error", fail);
    // An answer that would switch protocols ends the connection without an error, and nobody would ever hear of it.
    sent.on("close", () => {
      if (!hasReply) fail(new Error("the connection was closed without an answer"));
    });
    sent.end(wanted.body);
  });
}

/** The body, as far as it may be long. */
export function readBounded(
  reply: IncomingMessage,
  { replyBytesMax, isReplyCut }: Pick<HttpRequest, "replyBytesMax" | "isReplyCut">,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    reply.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= replyBytesMax) {
        chunks.push(chunk);
        return;
      }
      reply.pause();
      if (!isReplyCut) return void reply.destroy(new Error(`the answer is longer than ${replyBytesMax} bytes`));
      resolve("");
      // Only once the answer is on its way to whoever asked: the cut looks like a fault of the connection.
      setImmediate(() => reply.destroy());
    });
    reply.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    reply.on("error", reject);
    reply.on("aborted", () => reject(new Error("the connection was cut in the middle of the answer")));
  });
}
