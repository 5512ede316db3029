import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Listening } from "../../tests/outside/listening.ts";

/** Where the demo's channels lead: one that takes what is told, and one that a chat has taken away. */
export interface Inbox {
  url: string;
  stop(): Promise<void>;
}

/** What Slack answers to a webhook that somebody has removed. */
const REMOVED = "no_service";

/** Messages come to `/<channel>` and are said on the terminal; those to `/services/…` are refused as Slack does. */
export async function startInbox(secret: string, say: (line: string) => void = console.log): Promise<Inbox> {
  const listening = await Listening.start((request, response) => {
    void take(request, response, { secret, say }).catch(() => response.destroy());
  });
  return { url: listening.url, stop: () => listening.stop() };
}

async function take(
  request: IncomingMessage,
  response: ServerResponse,
  { secret, say }: { secret: string; say: (line: string) => void },
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  if (request.url!.startsWith("/services/")) return void response.writeHead(404).end(REMOVED);
  if (!isSigned(body, String(request.headers["nephos-signature"]), secret)) {
    return void response.writeHead(401).end("the signature is not that of this channel's secret");
  }
  const { subject } = JSON.parse(body) as { subject: string };
  say(`demo  │ told: ${subject}`);
  response.writeHead(204).end();
}

/** As docs/channels.md says: HMAC-SHA256 of `<seconds>.<body>`. */
function isSigned(body: string, signature: string, secret: string): boolean {
  const [, seconds, given] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
  if (!seconds || !given) return false;
  const expected = createHmac("sha256", secret).update(`${seconds}.${body}`).digest();
  return timingSafeEqual(expected, Buffer.from(given, "hex"));
}
