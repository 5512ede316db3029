import { expect, test } from "vitest";
import { CHANNEL_KIND_NAMES, type ChannelKind } from "../../../../contract/channel-kinds.ts";
import { channelConfigSchema, type Channel, newChannelSchema } from "../../../../contract/channels.ts";
import { Faults } from "../checks/checked.ts";
import { configTyped, draftOf, isOtherWay, newDraft, routedTyped } from "./draft.ts";
import { routingInWords, wayInWords } from "./in-words.ts";

const TYPED: Record<Exclude<ChannelKind, "webpush">, Record<string, string>> = {
  email: { from: "n@example.com", to: "a@example.com, b@example.com" },
  ses: {
    from: "n@example.com",
    to: "a@example.com",
    region: "eu-central-1",
    accessKeyId: "AKIA1",
    secretAccessKey: "s",
  },
  resend: { from: "n@example.com", to: "a@example.com\nb@example.com", apiKey: "re_1", endpoint: "https://r.example" },
  sns: { topicArn: "arn:aws:sns:eu-central-1:123456789012:alerts", accessKeyId: "AKIA1", secretAccessKey: "s" },
  webhook: { url: "https://example.com/hook", secret: "s" },
  slack: { url: "https://hooks.slack.com/services/T/B/x" },
  discord: { url: "https://discord.com/api/webhooks/1/x" },
  teams: { url: "https://x.powerplatform.com/y" },
  telegram: { botToken: "1:A", chatId: "-100" },
  pagerduty: { routingKey: "k" },
  opsgenie: { apiKey: "k", site: "eu" },
  ntfy: { topic: "nephos" },
  pushover: { appToken: "a", userKey: "u" },
};
const KINDS = CHANNEL_KIND_NAMES.filter((kind) => kind !== "webpush");

function typed(kind: Exclude<ChannelKind, "webpush">, change: Record<string, string> = {}, isKept = false) {
  const faults = new Faults();
  const draft = newDraft(kind);
  const config = configTyped(faults, { kind, config: { ...draft.config, ...TYPED[kind], ...change } }, isKept);
  return { config, faults };
}

test.each(KINDS)("what is typed of %s is what the contract takes", (kind) => {
  const { config, faults } = typed(kind);
  expect(faults.any).toBe(false);
  expect(channelConfigSchema.safeParse(config).error).toBeUndefined();
});

test.each(KINDS)("a secret of %s that stays empty in a change is not sent, and is no fault", (kind) => {
  const secrets = {
    botToken: "",
    apiKey: "",
    url: "",
    secret: "",
    secretAccessKey: "",
    routingKey: "",
    appToken: "",
    userKey: "",
    token: "",
  };
  const { config, faults } = typed(kind, secrets, true);
  expect(Object.keys(config).filter((name) => name in secrets)).toEqual([]);
  expect(faults.any).toBe(false);
});

test.each<[Exclude<ChannelKind, "webpush">, Record<string, string>, string]>([
  ["email", { from: "nobody" }, "config.from"],
  ["email", { to: "a@example.com, b" }, "config.to"],
  ["email", { to: "" }, "config.to"],
  ["slack", { url: "" }, "config.url"],
  ["slack", { url: "hooks.slack.com" }, "config.url"],
  ["pushover", { userKey: "two words" }, "config.userKey"],
  ["ntfy", { server: "ntfy.sh" }, "config.server"],
])("%s with %j is refused at its field before anything is sent", (kind, change, field) => {
  const { faults } = typed(kind, change);
  expect(Object.keys({ ...faults.wrong, ...faults.missing })).toEqual([field]);
});

const CHANNEL: Channel = {
  id: "c",
  kind: "ntfy",
  name: "Phone",
  isEnabled: true,
  minSeverity: "critical",
  tellsResolved: false,
  scope: {
    tags: ["prod"],
    providers: [],
    regions: [],
    subjects: [],
  },
  afterMs: 600_000,
  repeatMs: 3_600_000,
  createdAt: 0,
  lastSentAt: null,
  problem: null,
  waiting: 0,
  parked: 0,
  quietHours: {
    kind: "weekly",
    days: [6, 7],
    from: "22:00",
    to: "07:00",
    timeZone: "Europe/Berlin",
    letsCriticalThrough: true,
  },
  config: { server: "https://ntfy.sh" },
};

test("a channel that is opened and saved untouched stays what it was, and is not tested anew", () => {
  const draft = draftOf(CHANNEL);
  const faults = new Faults();
  const { name, isEnabled, minSeverity, scope, afterMs, repeatMs, quietHours, tellsResolved } = CHANNEL;
  expect(routedTyped(faults, draft, "")).toEqual({
    name,
    isEnabled,
    minSeverity,
    scope,
    afterMs,
    repeatMs,
    quietHours,
    tellsResolved,
  });
  expect(faults.any).toBe(false);
  expect(isOtherWay(draft, draftOf(CHANNEL))).toBe(false);
  expect(isOtherWay({ ...draft, config: { ...draft.config, token: "tk_1" } }, draft)).toBe(true);
});

test.each([
  [{ after: "2 d" }, "afterMs"],
  [{ repeat: "1 min" }, "repeatMs"],
  [{ isQuiet: true, quiet: { days: [], from: "22:00", to: "07:00", timeZone: "UTC" } }, "quietHours.days"],
  [{ isQuiet: true, quiet: { days: [1], from: "22:00", to: "07:00", timeZone: "Mars/Base" } }, "quietHours.timeZone"],
])("%j is refused at %s", (change, field) => {
  const faults = new Faults();
  const sent = routedTyped(faults, { ...draftOf(CHANNEL), ...change }, "");
  expect(Object.keys(faults.wrong)).toEqual([field]);
  const config = { kind: "slack", url: "https://example.com" };
  const refused = newChannelSchema.safeParse({ ...sent, config }).error?.issues.map(({ path }) => path.join("."));
  expect(refused).toEqual([field]);
});

test("a channel says where it goes and what it hears of, without a secret", () => {
  expect(wayInWords(CHANNEL)).toBe("ntfy, at ntfy.sh");
  expect(wayInWords({ kind: "slack", config: {} })).toBe("Slack");
  expect(wayInWords({ kind: "email", config: { to: ["a@b.c", "d@e.f", "g@h.i"] } })).toBe(
    "E-mail (Cloudflare), to a@b.c and 2 others",
  );
  expect(routingInWords({ ...CHANNEL, quietHours: null }, "tagged prod")).toBe(
    "Critical only, tagged prod, what nobody has acknowledged after 10 min, reminds every 1 h, not when it is over",
  );
});
