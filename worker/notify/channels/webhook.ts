import type { EpochMs } from "../../../contract/units.ts";
import type { Channel } from "../channel.ts";
import type { Message } from "../message.ts";
import { permanent, refusedFor, replyTo, said } from "../reply.ts";

const NAME = "The webhook";

/** Anything that takes a `POST` of JSON. docs/channels.md describes the payload and how its signature is looked at. */
export const webhook: Channel<"webhook"> = {
  async send(message, config, surroundings) {
    const body = JSON.stringify(payloadOf(message));
    const reply = await replyTo(surroundings, NAME, config.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "nephos-id": encodeURIComponent(message.id),
        ...(config.secret !== undefined && {
          "nephos-signature": await signatureOf(body, config.secret, surroundings.now),
        }),
      },
      body,
    });
    const { status, text } = reply;
    if (status >= 200 && status < 300) return `taken (${status})`;
    if (status === 401 || status === 403) {
      throw permanent(
        `The webhook did not let it in (status ${status}: ${said(text)}). Look whether the address is right, and whether its receiver knows this channel's secret.`,
      );
    }
    if (status === 404 || status === 410) {
      throw permanent(`There is nothing at the webhook's address any more (status ${status}). Enter another one.`);
    }
    throw refusedFor(NAME, reply, said(text));
  },
};

/** A receiver relies on it: fields are added, and with anything else the version changes. */
function payloadOf(message: Message) {
  const { id, kind, severity, isResolved, incidentId, subject, summary, facts, advice, url, at } = message;
  return { version: 1, id, kind, severity, isResolved, incidentId, subject, summary, facts, advice, url, at };
}

const encoder = new TextEncoder();

/** HMAC-SHA256 of `<seconds>.<body>`: who has the secret can tell that it comes from here, and when it was sent. */
async function signatureOf(body: string, secret: string, now: EpochMs): Promise<string> {
  const seconds = Math.floor(now / 1_000);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  const signed = await crypto.subtle.sign("HMAC", key, encoder.encode(`${seconds}.${body}`));
  return `t=${seconds},v1=${Buffer.from(signed).toString("hex")}`;
}
