import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { database } from "../../db/client.ts";
import { startReceiver } from "../../testing/receivers.ts";
import { vaultOf } from "../../vault/vault.ts";
import { messageOf } from "../channels.cases.ts";
import { surroundingsOf } from "../way-out.ts";
import { webhook } from "./webhook.ts";

const ID = "ntf 1/ü";
const NOW = Date.UTC(2026, 5, 1, 12, 0, 5, 250);

async function sent(config: { secret?: string } = {}) {
  const { told, ...receiver } = await startReceiver("webhook");
  const { signal } = new AbortController();
  const parts = { env, db: database(env.DB), vault: vaultOf(env), now: NOW, signal, allowsPrivate: true };
  const url = String(receiver.config["url"]);
  const secret = String(receiver.config["secret"]);
  const answer = await webhook
    .send(messageOf({ id: ID }), { kind: "webhook", url, secret, ...config }, surroundingsOf(parts))
    .catch((error: unknown) => error);
  return { answer, received: (await told()).received };
}

it("sends the payload of version 1, field by field as docs/channels.md has it", async () => {
  const { received } = await sent();
  const { kind, severity, isResolved, incidentId, subject, summary, facts, advice, url, at } = messageOf();
  const fields = { kind, severity, isResolved, incidentId, subject, summary, facts, advice, url, at };
  expect(received[0]!.body).toEqual({ version: 1, id: ID, ...fields });
});

it("names the second it was signed in, and an id that fits into a header", async () => {
  const { received } = await sent();
  expect(received[0]!.headers["nephos-signature"]).toMatch(/^t=1780315205,v1=[0-9a-f]{64}$/);
  expect(received[0]!.headers["nephos-id"]).toBe("ntf%201%2F%C3%BC");
});

it("is refused by a receiver that knows another secret", async () => {
  const { answer, received } = await sent({ secret: "another" });
  expect(String(answer)).toContain("status 401: wrong signature");
  expect(received).toEqual([]);
});
