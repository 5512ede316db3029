import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Letter } from "../../../tests/outside/channels/letter.ts";
import { database } from "../../db/client.ts";
import { startReceiver } from "../../testing/receivers.ts";
import { vaultOf } from "../../vault/vault.ts";
import { ChannelProblem } from "../channel.ts";
import { messageOf } from "../channels.cases.ts";
import { joinSecrets } from "../config.ts";
import type { Message } from "../message.ts";
import { surroundingsOf } from "../way-out.ts";
import { ses } from "./ses.ts";

const NOW = Date.UTC(2026, 5, 1, 12, 0, 5);

async function started(given: Record<string, unknown> = {}, now = NOW) {
  const receiver = await startReceiver("ses");
  const signal = new AbortController().signal;
  const way = { env, db: database(env.DB), vault: vaultOf(env), now, signal, allowsPrivate: true };
  const config = joinSecrets("ses", { ...receiver.config, ...given }, null) as Parameters<typeof ses.send>[1];
  const send = (message: Message = messageOf()) => ses.send(message, config, surroundingsOf(way));
  const problem = async () => {
    const thrown: unknown = await send().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ChannelProblem);
    return thrown as ChannelProblem;
  };
  return { ...receiver, send, problem };
}

it("is one letter to all recipients, as text and as HTML", async () => {
  const { send, told } = await started();
  const message = messageOf({ subject: "Büro-1 is down – 97 % of 漢字 🔴", html: "<p>Büro-1 & co</p>" });
  await send(message);
  const { received, complaints } = await told();
  expect(complaints).toEqual([]);
  expect(received.map(({ body }) => body)).toMatchObject([
    {
      from: "Nephos <nephos@example.com>",
      to: ["ops@example.com", "boss@example.com"],
      subject: message.subject,
      text: message.text,
      html: message.html,
    } satisfies Partial<Letter>,
  ]);
});

it("writes the time that is handed in on what it signs", async () => {
  const { problem } = await started({}, NOW - 3_600_000);
  const { isPermanent, message } = await problem();
  expect(isPermanent).toBe(false);
  expect(message).toContain("too long after the time that is written on it");
});

it.each([
  ["AccessDeniedException", 403, /does not allow it ses:SendEmail.*In IAM, allow its user/],
  ["MailFromDomainNotVerifiedException", 400, /Look at its MX record/],
  ["AccountSuspendedException", 400, /open a case with AWS support/],
  ["SendingPausedException", 400, /retry this message when it is enabled again/],
  ["NotFoundException", 404, /Verify the sender address, or its domain/],
  ["MessageRejected", 400, /SES rejected the mail: Transaction failed/],
  ["BadRequestException", 400, /refused it \(status 400: BadRequestException, Missing final/],
  ["OptInRequired", 403, /Enable it at AWS, or choose another region/],
])("%s is for people to mend, and is tried no more", async (code, status, says) => {
  const { problem } = await started({ to: [`${code}.${status}@error.example`] });
  const { isPermanent, message } = await problem();
  expect(message).toMatch(says);
  expect(isPermanent).toBe(true);
});

it.each([
  ["TooManyRequestsException", 429, /its quota is used up/],
  ["LimitExceededException", 400, /its quota is used up/],
  ["InvalidSignatureException", 403, /too long after the time that is written on it/],
  ["InternalServerError", 500, /a problem of its own/],
  ["ServiceUnavailableException", 503, /a problem of its own/],
])("%s may pass, and is tried again", async (code, status, says) => {
  const { problem } = await started({ to: [`${code}.${status}@error.example`] });
  const { isPermanent, message } = await problem();
  expect(message).toMatch(says);
  expect(isPermanent).toBe(false);
});
