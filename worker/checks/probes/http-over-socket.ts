import { until } from "./deadline.ts";
import { CutOff, Incoming, NotTheProtocol } from "./incoming.ts";
import { endpointOf, isBodiless, type HttpAnswer, type HttpRequest } from "./http-answer.ts";
import type { Progress } from "./progress.ts";
import { connected, securelyConnected, send } from "./socket.ts";

/**
 * HTTP/1.1 (RFC 9112) by hand, as far as one request needs it: Cloudflare lets no Worker `fetch` from an IP address, and connects it
 * there all the same. One connection, one request.
 */

const HEADER_BYTES_MAX = 65_536;
/** What belongs to the connection and not to who asks. */
const OURS = new Set(["connection", "content-length", "transfer-encoding", "accept-encoding"]);

/** The connection stands as long as `use` takes. */
export async function askOverSocket<Value>(
  request: HttpRequest,
  progress: Progress,
  signal: AbortSignal,
  use: (answer: HttpAnswer) => Promise<Value>,
): Promise<Value> {
  const { url } = request;
  const connecting = url.protocol === "https:" ? securelyConnected : connected;
  return connecting(endpointOf(url), signal, async ({ socket, connectMs }) => {
    progress.connectMs ??= connectMs;
    const incoming = new Incoming(socket.readable, signal);
    send(socket, requestBytes(request));
    const status = await finalStatus(incoming);
    progress.answered();
    const headers = await headersOf(incoming);
    const chunks = isBodiless(request.method, status) ? nothing() : bodyOf(incoming, headers);
    return until(signal, use({ status, headers, chunks }));
  });
}

function requestBytes({ url, method, headers, body }: HttpRequest): Uint8Array {
  const content = Buffer.from(body ?? "");
  const lines = [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    ...(headers.has("host") ? [] : [`host: ${url.host}`]),
    ...[...headers].filter(([name]) => !OURS.has(name)).map(([name, value]) => `${name}: ${value}`),
    "accept-encoding: identity",
    "connection: close",
    ...(body === null ? [] : [`content-length: ${content.length}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), content]);
}

/** What comes before it (100, 103) is not yet the answer. */
async function finalStatus(incoming: Incoming): Promise<number> {
  for (;;) {
    const [, digits] = /^HTTP\/1\.\d ([1-5]\d\d)(?: |$)/.exec(await incoming.line(HEADER_BYTES_MAX)) ?? [];
    if (!digits) throw new NotTheProtocol("no status line");
    const status = Number(digits);
    if (status >= 200) return status;
    await headersOf(incoming);
  }
}

async function headersOf(incoming: Incoming): Promise<Headers> {
  const headers = new Headers();
  for (let bytes = 0; ;) {
    const line = await incoming.line(HEADER_BYTES_MAX);
    if (line === "") return headers;
    bytes += line.length;
    const colon = line.indexOf(":");
    if (colon < 1 || bytes > HEADER_BYTES_MAX) throw new NotTheProtocol("no header");
    try {
      headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
    } catch (error) {
      throw new NotTheProtocol("no header", { cause: error });
    }
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function bodyOf(incoming: Incoming, headers: Headers): AsyncGenerator<Uint8Array> {
  if (headers.get("transfer-encoding")?.toLowerCase().includes("chunked")) return chunked(incoming);
  const length = headers.get("content-length");
  if (length === null) return untilTheEnd(incoming);
  if (!/^\d+$/.test(length)) throw new NotTheProtocol("no length");
  return sized(incoming, Number(length));
}

async function* untilTheEnd(incoming: Incoming): AsyncGenerator<Uint8Array> {
  for (let some = await incoming.atMost(Infinity); some; some = await incoming.atMost(Infinity)) yield some;
}

async function* sized(incoming: Incoming, length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0;) {
    const some = await incoming.atMost(left);
    if (!some) throw new CutOff("it ended");
    left -= some.length;
    yield some;
  }
}

async function* chunked(incoming: Incoming): AsyncGenerator<Uint8Array> {
  for (;;) {
    const [, digits] = /^([0-9a-f]{1,8})\s*(?:;|$)/i.exec(await incoming.line(HEADER_BYTES_MAX)) ?? [];
    if (!digits) throw new NotTheProtocol("no chunk");
    const length = parseInt(digits, 16);
    if (length === 0) return void (await headersOf(incoming));
    yield* sized(incoming, length);
    if ((await incoming.line(HEADER_BYTES_MAX)) !== "") throw new NotTheProtocol("no end of a chunk");
  }
}
