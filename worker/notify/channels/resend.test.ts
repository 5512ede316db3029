import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { database } from "../../db/client.ts";
import { startReceiver } from "../../testing/receivers.ts";
import { vaultOf } from "../../vault/vault.ts";
import { ChannelProblem } from "../channel.ts";
import { messageOf } from "../channels.cases.ts";
import { joinSecrets } from "../config.ts";
import type { Message } from "../message.ts";
import { surroundingsOf } from "../way-out.ts";
import { resend } from "./resend.ts";

async function started() {
  const receiver = await startReceiver("resend");
  const signal = new AbortController().signal;
  const way = { env, db: database(env.DB), vault: vaultOf(env), now: 0, signal, allowsPrivate: true };
  const send = (message: Message, given: Record<string, unknown> = {}) => {
    const config = joinSecrets("resend", { ...receiver.config, ...given }, null) as Parameters<typeof resend.send>[1];
    return resend.send(message, config, surroundingsOf(way));
  };
  return { ...receiver, send };
}

async function problemOf(sent: Promise<string>): Promise<ChannelProblem> {
  const thrown: unknown = await sent.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ChannelProblem);
  return thrown as ChannelProblem;
}

it("comes once where it is sent again, because the answer was lost", async () => {
  const { send, told } = await started();
  const first = await send(messageOf());
  expect(await send(messageOf())).toBe(first);
  expect((await told()).received).toHaveLength(1);
});

it("comes once even where its words have become older", async () => {
  const { send, told } = await started();
  await send(messageOf({ text: "down for 2 minutes" }));
  expect(await send(messageOf({ text: "down for 7 minutes" }))).toBe("taken at an earlier attempt");
  expect((await told()).received).toHaveLength(1);
});

it("reaches whom a corrected channel adds", async () => {
  const { send, told } = await started();
  await send(messageOf());
  await send(messageOf(), { to: ["ops@example.com", "boss@example.com"] });
  expect((await told()).received).toHaveLength(2);
});

it("takes an id of whatever length and signs", async () => {
  const { send, told } = await started();
  await send(messageOf({ id: `störung ${"x".repeat(400)}` }));
  const { received, complaints } = await told();
  expect(received).toHaveLength(1);
  expect(complaints).toEqual([]);
});

it.each([
  ["restricted_api_key", 401, /Make one with sending access/],
  ["invalid_api_key", 403, /Make one with sending access/],
  ["monthly_quota_exceeded", 429, /Raise the plan there, then retry/],
  ["invalid_from_address", 422, /Verify the domain of the sender address/],
  ["validation_error", 422, /refused it \(status 422: validation_error, It cannot be done/],
  ["not_found", 404, /refused it \(status 404/],
])("%s (%i) is for people to mend, and is tried no more", async (name, status, says) => {
  const { send } = await started();
  const { isPermanent, message } = await problemOf(send(messageOf(), { to: [`${name}.${status}@error.example`] }));
  expect(message).toMatch(says);
  expect(isPermanent).toBe(true);
});

it.each([
  ["daily_quota_exceeded", 429, 3_600_000],
  ["rate_limit_exceeded", 429, undefined],
  ["concurrent_idempotent_requests", 409, undefined],
  ["application_error", 500, undefined],
  ["internal_server_error", 500, undefined],
])("%s (%i) may pass, and is tried again", async (name, status, retryAfterMs) => {
  const { send } = await started();
  const problem = await problemOf(send(messageOf(), { to: [`${name}.${status}@error.example`] }));
  expect({ isPermanent: problem.isPermanent, retryAfterMs: problem.retryAfterMs }).toEqual({
    isPermanent: false,
    retryAfterMs,
  });
});
