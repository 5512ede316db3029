import { Incoming, NotTheProtocol } from "./incoming.ts";
import type { Progress } from "./progress.ts";
import { connected, send, type Endpoint } from "./socket.ts";
import { addressOf } from "./tls-certificate.ts";
import { clientHello } from "./tls-hello.ts";

/** The beginning of a TLS 1.2 handshake, as far as it is in clear. */

/** Numbers of the protocol (RFC 5246). */
const RECORD = { alert: 21, handshake: 22 } as const;
const MESSAGE = { certificate: 11, certificateRequest: 13, helloDone: 14 } as const;
const RECORD_BYTES_MAX = 16_384 + 2_048;
/** Certificates of a whole chain have some kB. */
const MESSAGES_BYTES_MAX = 200_000;

export type Handshake =
  | { kind: "certificate"; leaf: Uint8Array; asksForOurs: boolean }
  /** The server declined: it does not speak TLS 1.2, or shares no cipher with us. */
  | { kind: "declined"; alert: number };

/** Says hello and listens until the server has said all that it says in clear. */
export async function greet(endpoint: Endpoint, progress: Progress, signal: AbortSignal): Promise<Handshake> {
  return connected(endpoint, signal, async ({ socket, connectMs }) => {
    progress.connectMs = connectMs;
    const serverName = addressOf(endpoint.host) ? null : endpoint.host.replace(/\.$/, "");
    send(socket, clientHello(serverName, crypto.getRandomValues(new Uint8Array(32))));
    return serverSays(new Incoming(socket.readable, signal));
  });
}

/** A message may fill several records, and a record may hold several messages. */
async function serverSays(incoming: Incoming): Promise<Handshake> {
  let waiting = Buffer.alloc(0);
  let leaf: Uint8Array | undefined;
  let asksForOurs = false;
  for (;;) {
    const { type, content } = await nextRecord(incoming);
    if (type === RECORD.alert) return { kind: "declined", alert: content[1] ?? 0 };
    waiting = Buffer.concat([waiting, content]);
    if (waiting.length > MESSAGES_BYTES_MAX) throw new NotTheProtocol("an endless handshake");
    for (let message = firstOf(waiting); message; message = firstOf(waiting)) {
      waiting = waiting.subarray(message.length);
      if (message.type === MESSAGE.certificate) leaf = firstCertificate(message.body);
      if (message.type === MESSAGE.certificateRequest) asksForOurs = true;
      if (message.type === MESSAGE.helloDone) {
        if (!leaf) throw new NotTheProtocol("no certificate");
        return { kind: "certificate", leaf, asksForOurs };
      }
    }
  }
}

async function nextRecord(incoming: Incoming): Promise<{ type: number; content: Uint8Array }> {
  const header = Buffer.from(await incoming.exactly(5));
  const type = header[0]!;
  const length = header.readUInt16BE(3);
  const isTls = (type === RECORD.alert || type === RECORD.handshake) && header[1] === 3 && length <= RECORD_BYTES_MAX;
  if (!isTls) throw new NotTheProtocol("no TLS record");
  return { type, content: await incoming.exactly(length) };
}

function firstOf(bytes: Buffer): { type: number; body: Buffer; length: number } | undefined {
  if (bytes.length < 4) return undefined;
  const length = 4 + bytes.readUIntBE(1, 3);
  return bytes.length < length ? undefined : { type: bytes[0]!, body: bytes.subarray(4, length), length };
}

/** A list with its length, of certificates each with theirs: the server's own comes first. */
function firstCertificate(body: Buffer): Uint8Array {
  if (body.length < 6) throw new NotTheProtocol("no certificate");
  return body.subarray(6, 6 + body.readUIntBE(3, 3));
}
