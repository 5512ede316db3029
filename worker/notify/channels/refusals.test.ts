import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { ChannelKind } from "../../../contract/channel-kinds.ts";
import { database } from "../../db/client.ts";
import { startReceiver } from "../../testing/receivers.ts";
import { vaultOf } from "../../vault/vault.ts";
import type { Channel } from "../channel.ts";
import { messageOf } from "../channels.cases.ts";
import { joinSecrets } from "../config.ts";
import { surroundingsOf } from "../way-out.ts";
import { CHANNELS } from "./index.ts";

const NOW = Date.UTC(2026, 5, 1, 12, 0, 5);
const HTML = "<!doctype html><title>Just a moment...</title>";

interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
  /** What is configured otherwise. */
  given?: Record<string, unknown>;
}
type Outcome = "for good" | "passing" | number;
const telegram = (error_code: number, description: string, parameters?: object): Answer => ({
  status: error_code,
  body: { ok: false, error_code, description, ...(parameters && { parameters }) },
});
const monthly = (remaining: string) => ({ "x-limit-app-remaining": remaining, "x-limit-app-reset": "nonsense" });

const ANSWERS: readonly [Exclude<ChannelKind, "email">, Answer, Outcome, RegExp][] = [
  ["webhook", { status: 400, body: "no such field" }, "for good", /refused it \(status 400: no such field\)/],
  ["webhook", { status: 403, body: "" }, "for good", /did not let it in \(status 403/],
  ["webhook", { status: 404, body: HTML }, "for good", /nothing at the webhook's address/],
  ["webhook", { status: 408, body: "" }, "passing", /problem of its own \(status 408\)/],
  ["webhook", { status: 503, body: "", headers: { "retry-after": "120" } }, 120_000, /status 503/],
  [
    "webhook",
    { status: 429, body: "", headers: { "retry-after": new Date(NOW + 95_000).toUTCString() } },
    95_000,
    /asked too often/,
  ],
  ["slack", { status: 400, body: "invalid_payload" }, "for good", /refused it \(status 400: invalid_payload\)/],
  ["slack", { status: 403, body: "action_prohibited" }, "for good", /Somebody who runs the workspace/],
  ["slack", { status: 403, body: "invalid_token" }, "for good", /Add a new one to the Slack app/],
  ["slack", { status: 404, body: "channel_is_archived" }, "for good", /archived/],
  ["slack", { status: 200, body: HTML }, "for good", /not its API's.*Look whether the address is right/],
  ["discord", { status: 429, body: HTML, headers: { "retry-after": "7" } }, 7_000, /asked too often/],
  ["discord", { status: 429, body: { retry_after: 0.3007 } }, 301, /asked too often/],
  ["discord", { status: 400, body: { code: 50_035, message: "Invalid Form Body" } }, "for good", /50035, Invalid Form/],
  ["discord", { status: 204, body: "" }, "for good", /not its API's/],
  ["teams", { status: 200, body: "Webhook message delivery failed with error: 429" }, "passing", /did not take it/],
  ["teams", { status: 403, body: HTML }, "for good", /open to anyone/],
  ["teams", { status: 404, body: { error: { code: "WorkflowNotFound" } } }, "for good", /WorkflowNotFound.*Make a new/],
  [
    "teams",
    { status: 400, body: { error: { code: "InvalidSchema", message: "no" } } },
    "for good",
    /InvalidSchema, no/,
  ],
  ["telegram", telegram(400, "Bad Request: chat not found"), "for good", /does not find the chat.*has to have written/],
  ["telegram", telegram(403, "Forbidden: bot was blocked by the user"), "for good", /have the person start it again/],
  ["telegram", telegram(404, "Not Found"), "for good", /Copy the token from @BotFather/],
  ["telegram", telegram(400, "upgraded", { migrate_to_chat_id: -1_009 }), "for good", /Enter -1009 as the chat/],
  ["telegram", { status: 429, body: HTML, headers: { "retry-after": "9" } }, 9_000, /asked too often/],
  ["pagerduty", { status: 400, body: { errors: ["'summary' is missing"] } }, "for good", /'summary' is missing/],
  ["pagerduty", { status: 200, body: {} }, "for good", /not its API's/],
  ["opsgenie", { status: 402, body: { message: "Plan has ended." } }, "for good", /no longer serves this account/],
  ["opsgenie", { status: 422, body: { message: "no" } }, "for good", /refused it \(status 422: no\)/],
  [
    "ntfy",
    { status: 403, body: { code: 40_301, error: "forbidden" }, given: { token: null } },
    "for good",
    /Enter an acc/,
  ],
  ["ntfy", { status: 404, body: HTML }, "for good", /no ntfy server.*without the topic/],
  [
    "ntfy",
    { status: 429, body: { code: 42_908, error: "limit reached: daily message quota reached" } },
    3_600_000,
    /no more today/,
  ],
  ["pushover", { status: 429, body: HTML, headers: monthly("12") }, "passing", /asked too often/],
  ["pushover", { status: 429, body: {}, headers: monthly("0") }, "for good", /until the month's end.*Buy more there/],
  ["pushover", { status: 400, body: { errors: ["message is too long"] } }, "for good", /message is too long/],
];

it.each(ANSWERS)("%s takes %j as %j", async (kind, { given = {}, ...answer }, outcome, words) => {
  const receiver = await startReceiver(kind);
  await receiver.break({ kind: "says", ...answer });
  const config = joinSecrets(kind, { ...receiver.config, ...given }, null);
  const { signal } = new AbortController();
  const parts = { env, db: database(env.DB), vault: vaultOf(env), now: NOW, signal, allowsPrivate: true };
  const problem: unknown = await (CHANNELS[kind] as Channel<ChannelKind>)
    .send(messageOf(), config, surroundingsOf(parts))
    .catch((error: unknown) => error);
  expect(problem).toMatchObject({
    isPermanent: outcome === "for good",
    retryAfterMs: typeof outcome === "number" ? outcome : undefined,
    message: expect.stringMatching(words) as string,
  });
});
