import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { database } from "../../db/client.ts";
import { startReceiver } from "../../testing/receivers.ts";
import { vaultOf } from "../../vault/vault.ts";
import { ChannelProblem, type Surroundings } from "../channel.ts";
import { messageOf } from "../channels.cases.ts";
import { joinSecrets } from "../config.ts";
import type { Message } from "../message.ts";
import { surroundingsOf } from "../way-out.ts";
import { webpush } from "./webpush.ts";

const NOW = Date.UTC(2026, 5, 1, 12, 0, 5);

async function started(path?: string) {
  const receiver = await startReceiver("webpush");
  const signal = new AbortController().signal;
  const way = { env, db: database(env.DB), vault: vaultOf(env), signal, allowsPrivate: true };
  const url = path === undefined ? {} : { url: `${receiver.url}${path}` };
  const config = joinSecrets("webpush", { ...receiver.config, ...url }, null) as Parameters<typeof webpush.send>[1];
  const send = (message: Message = messageOf(), given: Partial<Surroundings> = {}) =>
    webpush.send(message, config, { ...surroundingsOf({ ...way, now: NOW }), ...given });
  return { ...receiver, send };
}

async function problemOf(sent: Promise<string>): Promise<ChannelProblem> {
  const thrown: unknown = await sent.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ChannelProblem);
  return thrown as ChannelProblem;
}

it("brings what the dashboard's service worker reads, and only to the browser that subscribed", async () => {
  const { send, told } = await started();
  await send(messageOf({ subject: "Büro-1 is down 🔴" }));
  const { received, complaints } = await told();
  expect(complaints).toEqual([]);
  expect(received.map(({ body }) => body)).toEqual([
    {
      title: "Büro-1 is down 🔴",
      body: messageOf().summary,
      url: messageOf().url,
      tag: "inc_01",
      severity: "critical",
      isResolved: false,
    },
  ]);
});

it("cuts a sentence that does not fit, and tears no character", async () => {
  const { send, told } = await started();
  for (const sign of ["x", "ü", "漢", "🔴", '"', "\u0001"]) {
    // However many bytes are left for the last one.
    for (const before of ["", "-", "--", "---"]) await send(messageOf({ summary: before + sign.repeat(5_000) }));
  }
  const bodies = (await told()).received.map(({ body }) => (body as { body: string }).body);
  expect(bodies).toHaveLength(24);
  for (const body of bodies) {
    expect(body).toMatch(/^-*(.)\1{500,}…$/su);
    expect(body.isWellFormed()).toBe(true);
  }
});

it("is kept a day for a browser that is away, the newest of an incident only, and wakes it for what is critical", async () => {
  const { send, told } = await started();
  await send(messageOf({ id: "a", severity: "critical" }));
  await send(messageOf({ id: "b", severity: "warning" }));
  await send(messageOf({ id: "c", incidentId: "inc_02" }));
  await send(messageOf({ id: "d", incidentId: null }));
  const headers = (await told()).received.map((one) => one.headers);
  expect(headers.map(({ ttl, urgency }) => `${String(ttl)} ${String(urgency)}`)).toEqual([
    "86400 high",
    "86400 normal",
    "86400 high",
    "86400 high",
  ]);
  const [a, b, c, d] = headers.map(({ topic }) => topic);
  expect(a).toBe(b);
  expect(c).not.toBe(a);
  expect(d).toBeUndefined();
});

it("says what to do where the browser subscribed to another Nephos", async () => {
  const { send } = await started();
  await send();
  const pair = (await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
  ])) as CryptoKeyPair;
  const point = Buffer.from((await crypto.subtle.exportKey("raw", pair.publicKey)) as ArrayBuffer);
  const keys = {
    publicKey: point.toString("base64url"),
    privateKey: (await crypto.subtle.exportKey("jwk", pair.privateKey)) as JsonWebKey,
  };
  const { isPermanent, message } = await problemOf(send(messageOf(), { vapid: async () => keys }));
  expect(isPermanent).toBe(true);
  expect(message).toMatch(/status 403: the subscription is of another.*Switch notifications off and on again/);
});

it("calls with a token of the time that is handed in", async () => {
  const { send } = await started();
  const { message } = await problemOf(send(messageOf(), { now: NOW - 86_400_000 }));
  expect(message).toContain("the token is too old");
});

it("names somebody to ask even where this Nephos is only known by a local address", async () => {
  const { send } = await started();
  expect(await send(messageOf({ url: "http://localhost:8787/incidents/inc_01" }))).toBe("taken (201)");
});

it.each([
  [404, /no longer listens/],
  [410, /no longer listens/],
  [413, /found the message too long/],
  [400, /does not accept that this Nephos calls/],
  [405, /refused it \(status 405/],
])("%i is tried no more", async (status, says) => {
  const { send } = await started(`/answers/${status}`);
  const { isPermanent, message } = await problemOf(send());
  expect(message).toMatch(says);
  expect(isPermanent).toBe(true);
});

it.each([429, 500, 503])("%i may pass, and is tried again", async (status) => {
  const { send } = await started(`/answers/${status}`);
  expect((await problemOf(send())).isPermanent).toBe(false);
});
