import { connect } from "cloudflare:sockets";
import type { DurationMs } from "../../../contract/units.ts";
import { urlOfHost } from "../../public-host.ts";
import { until } from "./deadline.ts";
import { isPlatformLimit } from "./platform-limit.ts";

/** Where to connect to: the host as a check names it, IPv6 without brackets. */
export interface Endpoint {
  host: string;
  port: number;
}

/** No connection came about. The platform says the same words for a closed port, no route, and an address it does not allow. */
export class NotConnected extends Error {}

/** The connection stands, and TLS did not come about on it. */
export class NotSecured extends Error {}

export interface Connection {
  socket: Socket;
  connectMs: DurationMs;
}

/** Connects, and closes whatever happens, also where the connection comes about after the time is over. */
export async function connected<Value>(
  endpoint: Endpoint,
  signal: AbortSignal,
  use: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  const beganAt = Date.now();
  const socket = opened(endpoint, "off");
  return closing(socket, async () => {
    await until(signal, standing(socket));
    return use({ socket, connectMs: Date.now() - beganAt });
  });
}

/**
 * As {@link connected}, with TLS whose certificate the platform has verified. Only for who has been seen to speak TLS: workerd does not
 * close a socket on which the handshake hangs.
 */
export async function securelyConnected<Value>(
  endpoint: Endpoint,
  signal: AbortSignal,
  use: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  const beganAt = Date.now();
  // Not "on": that would say the same of a closed port as of a bad certificate.
  const plain = opened(endpoint, "starttls");
  return closing(plain, async () => {
    await until(signal, standing(plain));
    const connectMs = Date.now() - beganAt;
    const socket = plain.startTls();
    return closing(socket, async () => {
      await until(signal, secured(socket));
      return use({ socket, connectMs });
    });
  });
}

/** Not awaited: who answers early may never take the rest, and what goes wrong is heard when reading. */
export function send({ writable }: Socket, bytes: Uint8Array): void {
  const writer = (writable as WritableStream<Uint8Array>).getWriter();
  writer.closed.catch(() => undefined);
  writer.write(bytes).catch(() => undefined);
}

function opened({ host, port }: Endpoint, secureTransport: "off" | "starttls"): Socket {
  const hostname = urlOfHost(host)?.hostname ?? host;
  return connect({ hostname, port }, { secureTransport, allowHalfOpen: false });
}

async function standing(socket: Socket): Promise<void> {
  try {
    await socket.opened;
  } catch (error) {
    if (isPlatformLimit(error)) throw error;
    throw new NotConnected("no connection", { cause: error });
  }
}

async function secured(socket: Socket): Promise<void> {
  try {
    await socket.opened;
  } catch (error) {
    throw new NotSecured("no TLS", { cause: error });
  }
}

async function closing<Value>(socket: Socket, use: () => Promise<Value>): Promise<Value> {
  // Both reject as well where something went wrong, and that is known by then.
  socket.opened.catch(() => undefined);
  socket.closed.catch(() => undefined);
  try {
    return await use();
  } finally {
    // Not awaited: it waits for what was written, which a silent other side may never take.
    socket.close().catch(() => undefined);
  }
}
