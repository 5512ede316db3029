import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { database } from "../db/client.ts";
import { SEALED_COLUMNS } from "../sealed-columns.ts";
import { startReceiver } from "../testing/receivers.ts";
import { vaultOf } from "../vault/vault.ts";
import { ChannelProblem } from "./channel.ts";
import { secretsPurpose, webPushKeyPurpose } from "./sealed-columns.ts";
import { WEB_PUSH_KEY_PURPOSE } from "./vapid.ts";
import { surroundingsOf } from "./way-out.ts";

const NOW = Date.UTC(2026, 5, 1, 12);

function surroundings(allowsPrivate = false, signal = new AbortController().signal) {
  return surroundingsOf({ env, db: database(env.DB), vault: vaultOf(env), now: NOW, signal, allowsPrivate });
}

describe("the way out", () => {
  it.each([
    ["http://127.0.0.1:8080/s3cret", "127.0.0.1 is inside a private network"],
    ["http://2130706433/s3cret", "127.0.0.1 is inside a private network"],
    ["http://[::1]/s3cret", "[::1] is inside a private network"],
    ["https://169.254.169.254/latest/s3cret", "169.254.169.254 is inside a private network"],
    ["https://hooks.internal/s3cret", "hooks.internal is inside a private network"],
    ["https://localhost./s3cret", "localhost. is inside a private network"],
    ["ftp://example.com/s3cret", "The address of this channel is none"],
    ["s3cret", "The address of this channel is none"],
    ["https://somebody:s3cret@example.com/", "holds a user name or a password"],
  ])("does not ask %s, for good, and says of it no more than its host", async (url, words) => {
    const problem = await surroundings()
      .fetch(url)
      .catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(ChannelProblem);
    expect((problem as ChannelProblem).isPermanent).toBe(true);
    expect((problem as ChannelProblem).message).toContain(words);
    expect((problem as ChannelProblem).message).not.toContain("s3cret");
  });

  it("goes by the name of Nephos, unless the channel has another", async () => {
    const { url, told } = await startReceiver("ntfy");
    const { fetch } = surroundings(true);
    await fetch(`${url}/`, { method: "POST", headers: { authorization: "Bearer x" } });
    await fetch(`${url}/`, { method: "POST", headers: { "user-agent": "" } });
    expect((await told()).complaints).toEqual(["no user-agent"]);
  });

  it("ends with the signal of a single request too", async () => {
    const { url, told, ...receiver } = await startReceiver("ntfy");
    await receiver.break({ kind: "silent" });
    const ending = new AbortController();
    const asked = surroundings(true)
      .fetch(url, { method: "POST", signal: ending.signal })
      .catch((error: unknown) => error);
    while ((await told()).asked === 0);
    ending.abort(new Error("enough"));
    expect(await asked).toMatchObject({ message: "enough" });
  });

  it("has the keys for Web Push, made once", async () => {
    const one = surroundings();
    const keys = await one.vapid();
    expect(one.vapid()).toBe(one.vapid());
    expect(await surroundings().vapid()).toEqual(keys);
  });
});

describe("what is sealed in this room", () => {
  it("is reached when a new key comes, under the purpose it was sealed for", () => {
    const columns = SEALED_COLUMNS.filter(({ table }) => table === "channel" || table === "notify_setting");
    expect(columns.map(({ table, column, purposeOf }) => [table, column, purposeOf("1")])).toEqual([
      ["channel", "secrets", secretsPurpose("1")],
      ["notify_setting", "vapid_private_key", WEB_PUSH_KEY_PURPOSE],
    ]);
    expect(webPushKeyPurpose()).toBe(WEB_PUSH_KEY_PURPOSE);
  });
});
