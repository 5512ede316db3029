import type { ChannelKind } from "../../../../contract/channel-kinds.ts";

/** One thing to enter of a channel, by the name its configuration has for it. */
export interface ChannelField {
  name: string;
  label: string;
  /**
   * `secret`: never shown again, and as it was where it stays empty in a change. `emails`: several. `given`: the browser gives it,
   * nobody types it.
   */
  as: "text" | "url" | "email" | "emails" | "secret" | "choice" | "given";
  hint?: string;
  placeholder?: string;
  /** What it is where it stays empty; absent: it must be entered. */
  empty?: string | null;
  options?: readonly { value: string; label: string }[];
  /** Seldom needed, and folded away. */
  isRare?: true;
}

const FROM: ChannelField = { name: "from", label: "Sender", as: "email", placeholder: "nephos@example.com" };
const TO: ChannelField = {
  name: "to",
  label: "Recipients",
  as: "emails",
  placeholder: "ops@example.com, on-call@example.com",
  hint: "One or several, at most 50.",
};
const ACCESS_KEY: ChannelField = { name: "accessKeyId", label: "Access key id", as: "text", placeholder: "AKIA…" };
const SECRET_KEY: ChannelField = { name: "secretAccessKey", label: "Secret access key", as: "secret" };
const ENDPOINT: ChannelField = {
  name: "endpoint",
  label: "The API's address",
  as: "url",
  hint: "For a proxy, or a service that speaks the same language. Empty: the provider's own.",
  empty: null,
  isRare: true,
};
const otherEndpoint = (hint: string): ChannelField => ({ ...ENDPOINT, hint });
const hook = (placeholder: string): ChannelField => ({
  name: "url",
  label: "Webhook address",
  as: "secret",
  placeholder,
  hint: "Whoever has it can write there: it is kept sealed.",
});

/** What is entered by kind, in the order of the form. */
export const CHANNEL_FIELDS: Record<ChannelKind, readonly ChannelField[]> = {
  email: [FROM, TO],
  ses: [
    FROM,
    TO,
    {
      name: "region",
      label: "AWS region",
      as: "text",
      placeholder: "eu-central-1",
      hint: "That of the verified sender.",
    },
    ACCESS_KEY,
    SECRET_KEY,
    ENDPOINT,
  ],
  resend: [FROM, TO, { name: "apiKey", label: "API key", as: "secret", placeholder: "re_…" }, ENDPOINT],
  sns: [
    {
      name: "topicArn",
      label: "ARN of the topic",
      as: "text",
      placeholder: "arn:aws:sns:eu-central-1:123456789012:alerts",
    },
    ACCESS_KEY,
    SECRET_KEY,
    ENDPOINT,
  ],
  webhook: [
    { name: "url", label: "Address", as: "secret", placeholder: "https://example.com/nephos" },
    { name: "secret", label: "Secret", as: "secret", hint: "Requests are signed with it; the receiver has it too." },
  ],
  slack: [hook("https://hooks.slack.com/services/…")],
  discord: [hook("https://discord.com/api/webhooks/…")],
  teams: [hook("https://….powerplatform.com/…")],
  telegram: [
    { name: "botToken", label: "Token of the bot", as: "secret", placeholder: "123456:ABC…" },
    { name: "chatId", label: "Chat", as: "text", placeholder: "-1001234567890", hint: "Its number, or @channel." },
    ENDPOINT,
  ],
  pagerduty: [
    { name: "routingKey", label: "Integration key", as: "secret" },
    otherEndpoint("For an account in Europe: https://events.eu.pagerduty.com. Empty: the usual one."),
  ],
  opsgenie: [
    { name: "apiKey", label: "API key", as: "secret" },
    {
      name: "site",
      label: "Site",
      as: "choice",
      empty: "us",
      options: [
        { value: "us", label: "United States" },
        { value: "eu", label: "European Union" },
      ],
    },
    otherEndpoint("For Jira Service Management: https://api.atlassian.com/jsm/ops/integration. Empty: Opsgenie's own."),
  ],
  ntfy: [
    {
      name: "topic",
      label: "Topic",
      as: "secret",
      placeholder: "nephos-4f9a",
      hint: "Whoever knows it can read along.",
    },
    { name: "server", label: "Server", as: "url", placeholder: "https://ntfy.sh", empty: "https://ntfy.sh" },
    {
      name: "token",
      label: "Access token",
      as: "secret",
      placeholder: "tk_…",
      hint: "Only for a topic that takes one.",
      empty: null,
    },
  ],
  pushover: [
    { name: "appToken", label: "Token of the application", as: "secret" },
    { name: "userKey", label: "Key of the user or the group", as: "secret" },
    ENDPOINT,
  ],
  webpush: [
    { name: "url", label: "Address", as: "given" },
    { name: "p256dh", label: "Key", as: "given" },
    { name: "auth", label: "Key", as: "given" },
    { name: "browser", label: "Browser", as: "given" },
  ],
};

/** Where to find what is asked for. */
export const KIND_TELLS: Record<ChannelKind, string> = {
  email:
    "The sender's domain must be set up for Email Sending in Cloudflare's dashboard. On Free, recipients must be verified there.",
  ses: "A verified sender in SES, and the access key of a user that may ses:SendEmail. In the sandbox recipients are verified too.",
  resend: "A verified domain and an API key with sending access, at resend.com under Domains and API Keys.",
  sns: "A topic, and the access key of a user that may sns:Publish to it. The ARN stands on the topic's page.",
  webhook:
    "An address that takes a POST of JSON and answers with any 2xx, and a secret that it checks the signature with.",
  slack: "An app with Incoming Webhooks, at api.slack.com/apps: add a webhook to the channel, and copy its address.",
  discord:
    "In the channel's settings under Integrations, Webhooks: make one, and copy its address. Add ?thread_id=… to post to a thread.",
  teams:
    "In the Workflows app of Teams: the template that posts to a channel when a webhook request is received, open to anyone. The address is shown at its end.",
  telegram:
    "Make a bot with @BotFather, add it to the chat, write there, and take the chat's number from https://api.telegram.org/bot<token>/getUpdates.",
  pagerduty:
    "A service with an integration “Events API v2”: its integration key. It is resolved there when the incident here is over.",
  opsgenie:
    "Teams, the team, Integrations, API: an integration that may create and close alerts. An alert there is closed with the incident here.",
  ntfy: "A topic at ntfy.sh or a server of yours, and the app that listens to it.",
  pushover: "An application's token and your user key, both at pushover.net.",
  webpush: "This browser shows notifications, also while Nephos is closed. It asks you once whether it may.",
};
