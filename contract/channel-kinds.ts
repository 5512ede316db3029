/** Kinds of channels: their names, and what of each is a secret. No schema here: the dashboard takes this file and stays small. */
export const CHANNEL_KINDS = {
  email: "E-mail (Cloudflare)",
  ses: "E-mail (Amazon SES)",
  resend: "E-mail (Resend)",
  sns: "Amazon SNS",
  webhook: "Webhook",
  slack: "Slack",
  discord: "Discord",
  teams: "Microsoft Teams",
  telegram: "Telegram",
  pagerduty: "PagerDuty",
  opsgenie: "Opsgenie",
  ntfy: "ntfy",
  pushover: "Pushover",
  webpush: "This browser",
} as const;
export type ChannelKind = keyof typeof CHANNEL_KINDS;
export const CHANNEL_KIND_NAMES = Object.keys(CHANNEL_KINDS) as [ChannelKind, ...ChannelKind[]];

/** Sealed when it is kept and never shown again. An address that holds its own key is a secret too. */
export const CHANNEL_SECRETS = {
  email: [],
  ses: ["secretAccessKey"],
  resend: ["apiKey"],
  sns: ["secretAccessKey"],
  webhook: ["url", "secret"],
  slack: ["url"],
  discord: ["url"],
  teams: ["url"],
  telegram: ["botToken"],
  pagerduty: ["routingKey"],
  opsgenie: ["apiKey"],
  // Whoever knows a topic that is not reserved can read it.
  ntfy: ["topic", "token"],
  pushover: ["appToken", "userKey"],
  webpush: ["url", "p256dh", "auth"],
} as const satisfies Record<ChannelKind, readonly string[]>;

export const CHANNELS_MAX = 100;
