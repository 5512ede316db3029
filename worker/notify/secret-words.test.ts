import { describe, expect, it } from "vitest";
import type { ChannelConfig } from "../../contract/channels.ts";
import { withoutSecrets } from "./secret-words.ts";

const KEY = "abcdefghijklmnopqrstuvwx";
const slack: ChannelConfig = { kind: "slack", url: `https://hooks.slack.com/services/T000/B000/${KEY}` };
const teams = {
  kind: "teams",
  url: `https://example.com/workflows/%7B1%7D/run?api=1&sig=${KEY}%3D`,
} as ChannelConfig;
const telegram = { kind: "telegram", botToken: `123456:${KEY}`, chatId: "1" } as ChannelConfig;

describe("what is shown of a provider's words", () => {
  it.each<[string, ChannelConfig, string, string]>([
    ["the whole address", slack, `No ${slack.url} here`, "No **** here"],
    ["its path", slack, `Cannot POST /services/T000/B000/${KEY}`, "Cannot POST ****"],
    ["its key alone", slack, `unknown hook ${KEY}.`, "unknown hook ****."],
    ["its path and what is asked", teams, `/workflows/%7B1%7D/run?api=1&sig=${KEY}%3D`, "****"],
    ["the same in HTML", teams, `/workflows/%7B1%7D/run?api=1&amp;sig=${KEY}%3D`, "****"],
    ["the same as it reads", teams, `/workflows/{1}/run?api=1&sig=${KEY}=`, "****"],
    ["a value of it", teams, `sig ${KEY}= is wrong`, "sig **** is wrong"],
    ["a token", telegram, `no bot 123456:${KEY}`, "no bot ****"],
    ["a token in an address", telegram, `no bot 123456%3A${KEY}`, "no bot ****"],
    ["a token that is cut off", telegram, "no bot 123456:abcdef…", "no bot ****…"],
    ["nothing else", slack, "channel_is_archived: ask B000", "channel_is_archived: ask B000"],
  ])("leaves out %s", (_what, config, text, shown) => {
    expect(withoutSecrets(text, config)).toBe(shown);
  });
});
