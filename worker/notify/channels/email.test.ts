import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { ChannelProblem, type Surroundings } from "../channel.ts";
import { messageOf } from "../channels.cases.ts";
import { email } from "./email.ts";

const CONFIG = { kind: "email" as const, from: "nephos@example.com", to: ["ops@example.com", "boss@example.com"] };

/** It asks nothing over HTTP. */
const surroundings = (given: Partial<Surroundings["env"]> = env): Surroundings => ({
  env: given as Surroundings["env"],
  now: 0,
  fetch: () => Promise.reject(new Error("Not asked.")),
  vapid: () => Promise.reject(new Error("Not asked.")),
});

/** A binding that throws what Cloudflare's documentation says it throws. */
function refusing(message: string, code?: string): Partial<Surroundings["env"]> {
  const error = Object.assign(new Error(message), code === undefined ? {} : { code });
  return { EMAIL: { send: () => Promise.reject(error) } };
}

async function problemWith(given: Partial<Surroundings["env"]>): Promise<ChannelProblem> {
  const problem: unknown = await email.send(messageOf(), CONFIG, surroundings(given)).catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(ChannelProblem);
  return problem as ChannelProblem;
}

it("is taken by the Worker's own binding, with an id to ask after it", async () => {
  expect(await email.send(messageOf(), CONFIG, surroundings())).toMatch(/^taken as \S+@example\.com>?$/);
});

it("says how to get the binding where a Worker has none", async () => {
  const { isPermanent, message } = await problemWith({});
  expect(isPermanent).toBe(true);
  expect(message).toContain("Deploy it again with the wrangler.toml of this version");
});

it.each([
  ["E_SENDER_NOT_VERIFIED", /set up example\.com under Email Service/],
  ["E_SENDER_DOMAIN_NOT_AVAILABLE", /set up example\.com under Email Service/],
  ["E_RECIPIENT_NOT_ALLOWED", /verify the address under Email Routing, Destination addresses/],
  ["E_RECIPIENT_SUPPRESSED", /Take the address off the suppression list/],
  ["E_VALIDATION_ERROR", /Look whether its addresses are right/],
  ["E_HEADER_NOT_ALLOWED", /refused the mail \(words of Cloudflare\)/],
])("%s is for people to mend, and is tried no more", async (code, says) => {
  const { isPermanent, message } = await problemWith(refusing("words of Cloudflare", code));
  expect(isPermanent).toBe(true);
  expect(message).toMatch(says);
});

it.each([
  ["E_RATE_LIMIT_EXCEEDED", undefined],
  ["E_DAILY_LIMIT_EXCEEDED", 3_600_000],
  ["E_DELIVERY_FAILED", undefined],
  ["E_INTERNAL_SERVER_ERROR", undefined],
  [undefined, undefined],
])("%s may pass, and is tried again", async (code, retryAfterMs) => {
  const problem = await problemWith(refusing("Network connection lost.", code));
  expect({ isPermanent: problem.isPermanent, retryAfterMs: problem.retryAfterMs }).toEqual({
    isPermanent: false,
    retryAfterMs,
  });
});

it.each([
  ["email from nephos@example.com not allowed", /set up example\.com/],
  ["email to ops@example.com not allowed", /verify the address/],
  ["destination address is not a verified address", /verify the address/],
])("a binding that only says %j is understood too", async (words, says) => {
  const { isPermanent, message } = await problemWith(refusing(words));
  expect(isPermanent).toBe(true);
  expect(message).toMatch(says);
});
