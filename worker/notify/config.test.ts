import { describe, expect, it } from "vitest";
import {
  CHANNEL_KIND_NAMES,
  CHANNEL_SECRETS,
  channelConfigSchema,
  type ChannelConfig,
} from "../../contract/channels.ts";
import { ChannelProblem } from "./channel.ts";
import { joinSecrets, splitSecrets } from "./config.ts";

const CONFIGS = [
  { kind: "email", from: "nephos@example.com", to: ["a@example.com"] },
  {
    kind: "ses",
    from: "nephos@example.com",
    to: ["a@example.com"],
    region: "eu-central-1",
    accessKeyId: "AKIA0",
    secretAccessKey: "s3cret",
  },
  { kind: "resend", from: "nephos@example.com", to: ["a@example.com"], apiKey: "s3cret" },
  { kind: "sns", topicArn: "arn:aws:sns:us-east-1:123456789012:t", accessKeyId: "AKIA0", secretAccessKey: "s3cret" },
  { kind: "webhook", url: "https://hooks.example.com/s3cret", secret: "s3cret" },
  { kind: "slack", url: "https://hooks.slack.com/services/s3cret" },
  { kind: "discord", url: "https://discord.com/api/webhooks/1/s3cret" },
  { kind: "teams", url: "https://prod-1.westus.logic.azure.com/workflows/1?sig=s3cret" },
  { kind: "telegram", botToken: "1:s3cret", chatId: "-100123" },
  { kind: "pagerduty", routingKey: "s3cret" },
  { kind: "opsgenie", apiKey: "s3cret", site: "eu" },
  { kind: "ntfy", topic: "nephos", token: "tk_s3cret" },
  { kind: "pushover", appToken: "s3cret", userKey: "s3cret" },
  { kind: "webpush", url: "https://push.example.com/s3cret", p256dh: "s3cret", auth: "s3cret" },
].map((config) => channelConfigSchema.parse(config));

describe("a channel's configuration in two parts", () => {
  it.each(CONFIGS.map((config) => [config.kind, config] as const))(
    "of %s shows no secret, and is whole again",
    (_, config) => {
      const split = splitSecrets(config);
      expect(JSON.stringify(split.config)).not.toContain("s3cret");
      expect(Object.keys(split.secrets ?? {}).sort()).toEqual([...CHANNEL_SECRETS[config.kind]].sort());
      expect(joinSecrets(config.kind, split.config, split.secrets)).toEqual(config);
    },
  );

  it("is looked at for every kind there is", () => {
    expect(CONFIGS.map(({ kind }) => kind)).toEqual(CHANNEL_KIND_NAMES);
  });

  it("has no secrets where none was given", () => {
    const email = { kind: "email", from: "nephos@example.com", to: ["ops@example.com"] } as const;
    const { secrets, config } = splitSecrets({ ...email, to: [...email.to] });
    expect(secrets).toBeNull();
    expect(joinSecrets("email", config, secrets)).toEqual(email);
    const ntfy = splitSecrets({ kind: "ntfy", server: "https://ntfy.sh", topic: "nephos", token: null });
    expect(ntfy.secrets).toEqual({ topic: "nephos" });
  });

  it("says which field is missing, and never what a secret is", () => {
    let problem: unknown;
    try {
      joinSecrets("telegram", { chatId: "here" }, { botToken: "with a space s3cret" }) satisfies ChannelConfig;
    } catch (error) {
      problem = error;
    }
    expect(problem).toBeInstanceOf(ChannelProblem);
    expect((problem as ChannelProblem).isPermanent).toBe(true);
    expect((problem as ChannelProblem).message).toBe(
      "What is kept of this channel is not complete (botToken, chatId). Enter it anew.",
    );
  });
});
