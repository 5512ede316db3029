import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { ChannelConfigOf } from "../../../contract/channels.ts";
import { database } from "../../db/client.ts";
import { startReceiver } from "../../testing/receivers.ts";
import { vaultOf } from "../../vault/vault.ts";
import { messageOf } from "../channels.cases.ts";
import { joinSecrets } from "../config.ts";
import { surroundingsOf } from "../way-out.ts";
import { discord } from "./discord.ts";
import { slack } from "./slack.ts";

const { signal } = new AbortController();
const way = surroundingsOf({ env, db: database(env.DB), vault: vaultOf(env), now: 0, signal, allowsPrivate: true });

/** As it came, and what is said of the receiver's complaints. */
async function cameBy(kind: "slack" | "discord", message: ReturnType<typeof messageOf>): Promise<string> {
  const receiver = await startReceiver(kind);
  const config = joinSecrets(kind, receiver.config, null);
  if (kind === "slack") await slack.send(message, config as ChannelConfigOf<"slack">, way);
  else await discord.send(message, config as ChannelConfigOf<"discord">, way);
  const { received, complaints } = await receiver.told();
  expect(complaints).toEqual([]);
  return JSON.stringify(received[0]!.body);
}

const about = (name: string) =>
  messageOf({ subject: `${name} is down`, summary: `About ${name}.`, facts: [["Which", name]], advice: name });

interface Words {
  type: string;
  text: string;
}

describe("Slack", () => {
  const wordsOf = (body: string) => {
    const { blocks } = JSON.parse(body) as { blocks: { text?: Words; fields?: Words[]; elements?: Words[] }[] };
    return blocks.flatMap(({ text, fields = [], elements = [] }) => [...(text ? [text] : []), ...fields, ...elements]);
  };

  it.each(["*web*", "_web_", "~web~", "`web`", ":fire:"])("formats nothing of the name %s", async (name) => {
    const body = await cameBy("slack", about(name));
    const marked = wordsOf(body).filter(({ type, text }) => type === "mrkdwn" && text.includes(name));
    expect(marked).toEqual([]);
    expect(JSON.parse(body)).toMatchObject({ mrkdwn: false });
  });

  it("has the first line in bold where nothing stands against it", async () => {
    const [head] = wordsOf(await cameBy("slack", about("web-1")));
    expect(head).toMatchObject({ type: "mrkdwn", text: expect.stringContaining("*web-1 is down*") as string });
  });
});

describe("Discord", () => {
  it("makes no link of an address in a name", async () => {
    const body = await cameBy("discord", about("https://evil.example/x"));
    const { embeds } = JSON.parse(body) as { embeds: [{ title: string; description: string }] };
    expect(`${embeds[0].title} ${embeds[0].description}`).not.toMatch(/(?<!\\):\/\//);
  });
});
