import type { ChannelKind } from "../../contract/channel-kinds.ts";
import type { DurationMs } from "../../contract/units.ts";
import { htmlOf } from "./fit.ts";
import type { Message } from "./message.ts";

/** What the contract suite has to know of a channel beside the contract. A new channel is a row here, and its receiver. */
export interface ChannelCase {
  /** Cloudflare's own e-mail has no address to send to. */
  kind: Exclude<ChannelKind, "email">;
  /** What the answer to a message that was taken looks like. */
  answer: RegExp;
  /** What makes a wrong configuration of the right one; a function where it is made of the address. */
  wrong: Record<string, string> | ((url: string) => Record<string, string>);
  /** What is to be done about it. */
  wrongSays: RegExp;
  goneSays: RegExp;
  /** For how long it waits when asked to wait for 30 s; `permanent` where there is no use in waiting. */
  tooOften: DurationMs | "permanent";
  /** It keeps incidents of its own, and ends them by their name. */
  keepsIncidents: boolean;
  /** It has a place for what tells a repetition. */
  holdsId: boolean;
  /** It brings the subject and the sentence, and nothing beside. */
  isBrief?: boolean;
}

export const CHANNEL_CASES: readonly ChannelCase[] = [
  {
    kind: "webhook",
    answer: /^taken \(204\)$/,
    wrong: { secret: "not-the-secret" },
    wrongSays: /its receiver knows this channel's secret/,
    goneSays: /Enter another one/,
    tooOften: 30_000,
    keepsIncidents: true,
    holdsId: true,
  },
  {
    kind: "slack",
    answer: /^taken \(ok\)$/,
    wrong: (url) => ({ url: `${url}/services/T00000000/B00000000/gone` }),
    wrongSays: /Add a new one to the Slack app, under Incoming Webhooks/,
    goneSays: /is archived.*Choose another one/,
    tooOften: 30_000,
    keepsIncidents: false,
    holdsId: true,
  },
  {
    kind: "discord",
    answer: /^taken as 1200000000000000001$/,
    wrong: (url) => ({ url: `${url}/api/webhooks/1180000000000000000/not-the-token` }),
    wrongSays: /Make a new one in the channel's settings/,
    goneSays: /Unknown Webhook.*Make a new one/,
    tooOften: 30_000,
    keepsIncidents: false,
    holdsId: false,
  },
  {
    kind: "teams",
    answer: /^taken as run 08585/,
    wrong: (url) => ({ url: `${url}/workflows/0123456789abcdef/triggers/manual/paths/invoke?sig=wrong` }),
    wrongSays: /Copy the whole address from the workflow again/,
    goneSays: /Switch it on in the Workflows app/,
    tooOften: 30_000,
    keepsIncidents: false,
    holdsId: true,
  },
  {
    kind: "telegram",
    answer: /^taken as message 4711$/,
    wrong: { botToken: "110201543:NotTheToken" },
    wrongSays: /Copy the token from @BotFather/,
    goneSays: /Add it to the chat again/,
    tooOften: 30_000,
    keepsIncidents: false,
    holdsId: false,
  },
  {
    kind: "pagerduty",
    answer: /^taken as inc_01$/,
    wrong: { routingKey: "short" },
    wrongSays: /Copy it from the service, under Integrations/,
    goneSays: /enter it anew/,
    tooOften: 30_000,
    keepsIncidents: true,
    holdsId: true,
  },
  {
    kind: "opsgenie",
    answer: /^taken as 43a29c5c-3dbf-4fa4$/,
    wrong: { apiKey: "not-the-key" },
    wrongSays: /the key of an API integration.*in the US or in the EU/,
    goneSays: /disabled integration.*Look whether what is entered/,
    tooOften: 30_000,
    keepsIncidents: true,
    holdsId: true,
  },
  {
    kind: "ntfy",
    answer: /^taken as xE73Iyuabi$/,
    wrong: { token: "tk_not_the_token" },
    wrongSays: /Make one in its account settings/,
    goneSays: /Allow it there, or choose another topic/,
    tooOften: 30_000,
    keepsIncidents: false,
    holdsId: false,
  },
  {
    kind: "pushover",
    answer: /^taken as 647d2300/,
    wrong: { appToken: "not-the-token" },
    wrongSays: /Copy it from the application's page/,
    goneSays: /Copy it from the first page.*a device is registered/,
    tooOften: "permanent",
    keepsIncidents: false,
    holdsId: false,
  },
];

const AT = Date.UTC(2026, 5, 1, 12, 0, 0);

export function messageOf(given: Partial<Message> = {}): Message {
  const words = {
    subject: "web-1 is down since 11:58, for 2 minutes",
    summary: "Two of three regions get no answer from https://web-1.example.com/health, and its agent is silent.",
    facts: [
      ["Since", "1 June 2026, 11:58 UTC"],
      ["Rule", "Health check fails"],
    ] as Message["facts"],
    advice: "Look whether the instance runs at its provider, and what changed last.",
    url: "https://nephos.example.com/incidents/inc_01?from=channel&x=1",
    ...given,
  };
  const lines = [words.subject, words.summary, ...words.facts.map((fact) => fact.join(": ")), words.advice, words.url];
  const text = lines.filter((line) => line !== null).join("\n");
  return {
    id: "ntf_01:firing:0",
    kind: "firing",
    severity: "critical",
    isResolved: false,
    incidentId: "inc_01",
    at: AT,
    text,
    html: `<pre>${htmlOf(text)}</pre>`,
    ...words,
  };
}

/** Names as a stranger could choose them: commands, mentions, links and markup of every provider there is. */
export const ODD_NAMES = [
  "<!channel> & <@U024BE7LH>",
  "<b>bold</b> &amp; <a href='//evil.example'>x</a>",
  "*stars* _lines_ ~waves~ `ticks` ||bars||",
  "[text](https://evil.example) <https://evil.example|x>",
  "@everyone <at>all</at> # head > quote \\",
];
