import { z } from "zod";
import { CHANNEL_KIND_NAMES, type ChannelKind } from "./channel-kinds.ts";
import { email, epochMs, label } from "./fields.ts";
import { scopeSchema, severityName } from "./rules.ts";
import { recurringSchema } from "./silences.ts";

export * from "./channel-kinds.ts";

/** Channels: where notifications go, which of them, and when. */

const key = (what: string, max = 500) =>
  z
    .string("must be a string")
    .trim()
    .regex(/^[!-~]+$/, `must be ${what}: one word, without spaces`)
    .max(max, "is too long to be one");
const url = z.url("must be an address").max(2_000);
/** Another address of the same API: a proxy, or a service that speaks it. */
const endpoint = url.nullable().default(null);
const recipients = z.array(email).min(1, "must name somebody").max(50, "must be at most 50");
const aws = {
  region: z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, "is no AWS region"),
  accessKeyId: key("an access key id", 128),
};

/** As it is entered. Secrets (`CHANNEL_SECRETS`) may be absent in a change: they stay as they were. */
export const channelConfigSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("email"), from: email, to: recipients }),
  z.object({
    kind: z.literal("ses"),
    from: email,
    to: recipients,
    ...aws,
    secretAccessKey: key("a secret access key", 128),
    endpoint,
  }),
  z.object({ kind: z.literal("resend"), from: email, to: recipients, apiKey: key("an API key"), endpoint }),
  z.object({
    kind: z.literal("sns"),
    topicArn: z
      .string()
      .trim()
      .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+$/, "is no ARN of a topic"),
    accessKeyId: aws.accessKeyId,
    secretAccessKey: key("a secret access key", 128),
    endpoint,
  }),
  z.object({
    kind: z.literal("webhook"),
    url,
    /** What requests are signed with. Whoever receives them has it too. */
    secret: key("a secret", 200),
  }),
  z.object({ kind: z.literal("slack"), url }),
  z.object({ kind: z.literal("discord"), url }),
  z.object({ kind: z.literal("teams"), url }),
  z.object({
    kind: z.literal("telegram"),
    botToken: key("a bot token", 200),
    chatId: z
      .string()
      .trim()
      .regex(/^(-?\d+|@[A-Za-z0-9_]+)$/, "must be a number or @channel"),
    endpoint,
  }),
  z.object({ kind: z.literal("pagerduty"), routingKey: key("an integration key", 100), endpoint }),
  z.object({
    kind: z.literal("opsgenie"),
    apiKey: key("an API key", 200),
    site: z.enum(["us", "eu"]).default("us"),
    endpoint,
  }),
  z.object({
    kind: z.literal("ntfy"),
    server: url.default("https://ntfy.sh"),
    topic: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, - or _"),
    token: key("an access token", 200).nullable().optional(),
  }),
  z.object({
    kind: z.literal("pushover"),
    appToken: key("an application token", 100),
    userKey: key("a user key", 100),
    endpoint,
  }),
  z.object({
    kind: z.literal("webpush"),
    /** The browser's subscription, as it gives it. */
    url,
    p256dh: key("a key", 200),
    auth: key("a key", 100),
    browser: z.string().max(100).default("a browser"),
  }),
]);
export type ChannelConfigInput = z.input<typeof channelConfigSchema>;
export type ChannelConfig = z.output<typeof channelConfigSchema>;
export type ChannelConfigOf<Kind extends ChannelKind> = Extract<ChannelConfig, { kind: Kind }>;

const channelFields = {
  name: label,
  isEnabled: z.boolean().default(true),
  /** Only what is at least so bad. */
  minSeverity: severityName.default("warning"),
  scope: scopeSchema.default({ tags: [], providers: [], regions: [], subjects: [] }),
  /** An escalation: only what nobody has acknowledged after so long. 0: at once. */
  afterMs: z
    .int()
    .min(0)
    .max(24 * 3_600_000, "must be at most a day")
    .default(0),
  /** Reminds every so often until somebody acknowledges; null: never. */
  repeatMs: z
    .int()
    .min(5 * 60_000, "must be at least 5 minutes")
    .max(7 * 86_400_000)
    .nullable()
    .default(null),
  /** When it is left in peace; what is still so afterwards is told then. Critical ones can be let through. */
  quietHours: recurringSchema
    .extend({ letsCriticalThrough: z.boolean().default(true) })
    .nullable()
    .default(null),
  /** Whether it also hears that something is over. */
  tellsResolved: z.boolean().default(true),
};

export const newChannelSchema = z.object({ ...channelFields, config: channelConfigSchema });
export type NewChannel = z.output<typeof newChannelSchema>;
/** What is absent stays as it is. A secret that is absent from `config` too. */
export const changeChannelSchema = z
  .object({
    name: channelFields.name,
    isEnabled: z.boolean(),
    minSeverity: severityName,
    scope: scopeSchema,
    afterMs: channelFields.afterMs.unwrap(),
    repeatMs: channelFields.repeatMs.unwrap(),
    quietHours: channelFields.quietHours.unwrap(),
    tellsResolved: z.boolean(),
    config: z.looseObject({ kind: z.enum(CHANNEL_KIND_NAMES) }),
  })
  .partial();

export const channelSchema = z.object({
  ...channelFields,
  id: z.string(),
  kind: z.enum(CHANNEL_KIND_NAMES),
  /** Without secrets. */
  config: z.record(z.string(), z.unknown()),
  createdAt: epochMs,
  lastSentAt: epochMs.nullable(),
  /** Why it does not work, and since when; null where the last message went through. */
  problem: z.object({ message: z.string(), since: epochMs }).nullable(),
  waiting: z.int(),
  parked: z.int(),
});
export type Channel = z.infer<typeof channelSchema>;
export const channelListSchema = z.object({
  channels: z.array(channelSchema),
  /** What a browser subscribes with (RFC 8292). */
  vapidPublicKey: z.string(),
  /** Whether the Worker has the binding that Cloudflare's e-mail takes. */
  hasEmailBinding: z.boolean(),
});

/** What the provider of a channel answered to a test. */
export const channelTestSchema = z.object({ answer: z.string(), tookMs: z.int() });
