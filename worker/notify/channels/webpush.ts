import type { Channel, ChannelProblem } from "../channel.ts";
import { bytesOf, fitted } from "../fit.ts";
import type { Message } from "../message.ts";
import { permanent, refusedFor, replyTo, said, type Reply } from "../reply.ts";
import { vapidAuthorization } from "../vapid.ts";
import { encryptedFor, oneTime, PUSH_PLAINTEXT_BYTES_MAX } from "../web-push-encryption.ts";

const TTL_SECONDS = 86_400;

/** Web Push (RFC 8030), encrypted for the browser (RFC 8291) and signed (RFC 8292). The push service learns who is called, not why. */
export const webpush: Channel<"webpush"> = {
  async send(message, config, { vapid, ...surroundings }) {
    const keys = await vapid();
    const text = payloadOf(message);
    const body = await encryptedFor(config, text, await oneTime()).catch(() => {
      throw permanent(
        "The keys that this browser gave cannot be used. Switch notifications off and on again in that browser, which makes new ones.",
      );
    });
    const reply = await replyTo(surroundings, "The browser's push service", config.url, {
      method: "POST",
      headers: {
        authorization: await vapidAuthorization(keys, config.url, contactOf(message.url), surroundings.now),
        "content-type": "application/octet-stream",
        "content-encoding": "aes128gcm",
        ttl: String(TTL_SECONDS),
        urgency: message.severity === "critical" ? "high" : "normal",
        // A browser that was away hears the newest of an incident, not all that it has missed.
        ...(message.incidentId !== null && { topic: await topicOf(message.incidentId) }),
      },
      body,
    });
    if (![200, 201, 202, 204].includes(reply.status)) throw problemOf(reply);
    return `taken (${reply.status})`;
  },
};

const utf8 = new TextEncoder();

/** What web/src/lib/push/shown.ts reads. The sentence is cut where all would be too long. */
function payloadOf({ id, incidentId, subject, summary, url, severity, isResolved }: Message): Uint8Array<ArrayBuffer> {
  const withBody = (body: string) =>
    JSON.stringify({ title: subject, body, url, tag: incidentId ?? id, severity, isResolved });
  const room = PUSH_PLAINTEXT_BYTES_MAX - bytesOf(withBody(""));
  const body = JSON.parse(`"${fitted(summary, room, { written: inJson, sizeOf: bytesOf })}"`) as string;
  return Uint8Array.from(utf8.encode(withBody(body)));
}

/** As it stands between the quotes. */
function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** At most 32 characters of base64url (RFC 8030, section 5.4). */
async function topicOf(incidentId: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", utf8.encode(incidentId));
  return Buffer.from(digest).toString("base64url").slice(0, 32);
}

/** Push services want to know whom to ask: this Nephos. Apple's takes no local address. */
function contactOf(url: string): string {
  const { protocol, origin } = new URL(url);
  return protocol === "https:" ? origin : "mailto:nephos@example.com";
}

function problemOf(reply: Reply): ChannelProblem {
  const { status, text } = reply;
  if (status === 404 || status === 410) {
    return permanent(
      "This browser no longer listens. Switch notifications on again in that browser, or delete this channel.",
    );
  }
  if (status === 413) {
    return permanent("The browser's push service found the message too long. Nothing can be done about this one.");
  }
  if (status === 400 || status === 401 || status === 403) {
    return permanent(
      `The browser's push service does not accept that this Nephos calls (status ${status}: ${said(text)}). Switch notifications off and on again in that browser.`,
    );
  }
  return refusedFor("The browser's push service", reply, said(text));
}
