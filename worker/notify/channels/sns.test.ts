import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { database } from "../../db/client.ts";
import { startReceiver } from "../../testing/receivers.ts";
import { vaultOf } from "../../vault/vault.ts";
import { ChannelProblem } from "../channel.ts";
import { messageOf } from "../channels.cases.ts";
import { joinSecrets } from "../config.ts";
import type { Message } from "../message.ts";
import { surroundingsOf } from "../way-out.ts";
import { sns } from "./sns.ts";

const NOW = Date.UTC(2026, 5, 1, 12, 0, 5);

/** What reached the topic, as its subscribers get it. */
interface Published {
  subject: string;
  message: string;
  attributes: Record<string, string>;
  group: string | null;
  deduplication: string | null;
}

async function started(topic = "nephos") {
  const receiver = await startReceiver("sns");
  const signal = new AbortController().signal;
  const way = { env, db: database(env.DB), vault: vaultOf(env), now: NOW, signal, allowsPrivate: true };
  const topicArn = `arn:aws:sns:eu-west-1:123456789012:${topic}`;
  const config = joinSecrets("sns", { ...receiver.config, topicArn }, null) as Parameters<typeof sns.send>[1];
  const send = (message: Message = messageOf()) => sns.send(message, config, surroundingsOf(way));
  const published = async (given: Partial<Message> = {}) => {
    await send(messageOf(given));
    const { received, complaints } = await receiver.told();
    expect(complaints).toEqual([]);
    return received.at(-1)!.body as Published;
  };
  return { ...receiver, send, published };
}

describe("a subject", () => {
  it.each([
    ["web-1 is down", "web-1 is down"],
    ["CPU ≥ 90 % – “web-1” → Büro…", 'CPU >= 90 % - "web-1" -> Buro...'],
    ["漢字 is down 🔴", "?? is down ?"],
    [" \r\nweb-1\tis\ndown ", "web-1 is down"],
    ["\u0007", "Nephos"],
  ])("%j becomes the ASCII that SNS takes", async (subject, taken) => {
    const { published } = await started();
    expect((await published({ subject })).subject).toBe(taken);
  });

  it("is cut where it is too long; the text keeps the whole", async () => {
    const subject = `web-1 ${"is down ".repeat(18)}`.slice(0, 150);
    const { published } = await started();
    const taken = await published({ subject });
    expect(taken.subject).toMatch(/^web-1 is down.*\.\.\.$/);
    expect(taken.message).toContain(subject);
  });
});

it("cuts a text that is longer than SNS takes, and tears no character", async () => {
  const { published } = await started();
  const { message } = await published({ text: `x${"ü".repeat(200_000)}` });
  expect(message).toMatch(/^xü+$/);
  expect(new TextEncoder().encode(message).byteLength).toBeGreaterThan(260_000);
});

it("tells the topic's filters severity and kind", async () => {
  const { published } = await started();
  expect((await published({ severity: "warning", kind: "worsened" })).attributes).toEqual({
    severity: "warning",
    kind: "worsened",
  });
});

describe("a topic that keeps an order", () => {
  it("gets the messages of an incident as one group, each by its own id", async () => {
    const { published } = await started("nephos.fifo");
    expect(await published()).toMatchObject({ group: "inc_01", deduplication: "ntf_01:firing:0" });
    expect(await published({ incidentId: null })).toMatchObject({ group: "nephos" });
  });

  it("gets a name it can take in place of one that it cannot", async () => {
    const { published } = await started("nephos.fifo");
    const long = await published({ id: "x".repeat(129), incidentId: "störung 1" });
    expect(long.deduplication).toMatch(/^[0-9a-f]{64}$/);
    expect(long.group).toMatch(/^[0-9a-f]{64}$/);
    expect(long.group).not.toBe(long.deduplication);
  });
});

async function problemWith(topic: string): Promise<ChannelProblem> {
  const { send } = await started(topic);
  const thrown: unknown = await send().catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ChannelProblem);
  return thrown as ChannelProblem;
}

it.each([
  ["AuthorizationError", 403, /does not allow it sns:Publish.*In IAM, allow its user/],
  ["KMSDisabled", 400, /key <arn:aws:kms:\S+> is disabled & cannot be used.*allow the user kms:GenerateDataKey/],
  ["InvalidParameter", 400, /refused it \(status 400: InvalidParameter, It cannot be done/],
  ["InvalidSecurity", 403, /refused it \(status 403: InvalidSecurity/],
])("%s is for people to mend, and is tried no more", async (code, status, says) => {
  const { isPermanent, message } = await problemWith(`error-${code}-${status}`);
  expect(message).toMatch(says);
  expect(isPermanent).toBe(true);
});

it.each([
  ["Throttling", 400, /asked too often/],
  ["KMSThrottling", 400, /asked too often/],
  ["SignatureDoesNotMatch", 403, /too long after the time that is written on it/],
  ["InternalError", 500, /a problem of its own/],
  ["ServiceUnavailable", 503, /a problem of its own/],
])("%s may pass, and is tried again", async (code, status, says) => {
  const { isPermanent, message } = await problemWith(`error-${code}-${status}`);
  expect(message).toMatch(says);
  expect(isPermanent).toBe(false);
});
