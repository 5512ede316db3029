import { env } from "cloudflare:workers";
import { describe, expect, it, onTestFinished } from "vitest";
import { CHANNEL_SECRETS, type ChannelConfig, type ChannelKind } from "../../contract/channels.ts";
import { database } from "../db/client.ts";
import { startReceiver } from "../testing/receivers.ts";
import { vaultOf } from "../vault/vault.ts";
import { ChannelProblem, type Channel } from "./channel.ts";
import { MAIL_CASES } from "./channels-mail.cases.ts";
import { CHANNEL_CASES, messageOf, ODD_NAMES } from "./channels.cases.ts";
import { CHANNELS } from "./channels/index.ts";
import { joinSecrets } from "./config.ts";
import type { Message } from "./message.ts";
import { surroundingsOf } from "./way-out.ts";

const NOW = Date.UTC(2026, 5, 1, 12, 0, 5);

function surroundings({ allowsPrivate = true, signal = new AbortController().signal } = {}) {
  return surroundingsOf({ env, db: database(env.DB), vault: vaultOf(env), now: NOW, signal, allowsPrivate });
}

async function problemOf(sent: Promise<unknown>): Promise<ChannelProblem> {
  const problem = await sent.then(
    (answer) => new Error(`it was taken: ${String(answer)}`),
    (error: unknown) => error,
  );
  expect(problem).toBeInstanceOf(ChannelProblem);
  return problem as ChannelProblem;
}

describe.each([...CHANNEL_CASES, ...MAIL_CASES])("the channel $kind", (one) => {
  const { kind } = one;
  const channel = CHANNELS[kind] as Channel<ChannelKind>;

  async function started() {
    const receiver = await startReceiver(kind);
    onTestFinished(async () => expect((await receiver.told()).complaints).toEqual([]));
    const configOf = (given: Record<string, unknown> = {}): ChannelConfig =>
      joinSecrets(kind, { ...receiver.config, ...given }, null);
    const send = async (message: Message, given?: Record<string, unknown>) =>
      await channel.send(message, configOf(given), surroundings());
    return { ...receiver, configOf, send };
  }

  it("brings all words and the link, and says what its provider answered", async () => {
    const { send, told } = await started();
    const message = messageOf();
    expect(await send(message)).toMatch(one.answer);
    const { received } = await told();
    expect(received).toHaveLength(1);
    const [{ action, read, link }] = received as [(typeof received)[0]];
    expect(action).toBe("told");
    expect(link).toBe(message.url);
    const beside = one.isBrief ? [] : [message.advice!, ...message.facts.flat()];
    const words = [message.subject, message.summary, ...beside];
    expect(words.filter((word) => !read.includes(word))).toEqual([]);
  });

  it.each([0, 1, 3, 10, 80])(
    "stays within the provider's limits with the longest subject and many facts (%i)",
    async (times) => {
      const { send, told } = await started();
      const subject = `${"ü".repeat(149)}!`;
      const facts = Array.from(
        { length: 50 },
        (_, index) => [`Instance ${index}`, "käse & <co> 漢字 ".repeat(times)] as const,
      );
      const long = "A sentence that goes on & on. ".repeat(times * 40 + 1);
      await send(messageOf({ subject, facts, summary: long, advice: long }));
      const { received } = await told();
      expect(received).toHaveLength(1);
      expect(received[0]!.read).toContain(subject);
      expect(received[0]!.read).toContain("A sentence that goes on & on.");
    },
  );

  it.runIf(!one.isBrief)("shows as many facts as there is room for, and says how many it leaves out", async () => {
    const { send, told } = await started();
    const facts = Array.from(
      { length: 50 },
      (_, index) => [`Name ${index}`, `web-${index}.example.com `.repeat(9)] as const,
    );
    await send(messageOf({ facts }));
    const { read } = (await told()).received[0]!;
    const shown = facts.filter(([label]) => new RegExp(String.raw`${label}\b`).test(read));
    expect(shown.length).toBeGreaterThan(2);
    if (shown.length < 50) expect(read).toContain(`… and ${50 - shown.length} more`);
  });

  it.each(ODD_NAMES)("shows %j as it is written, wherever it stands", async (name) => {
    const { send, told } = await started();
    await send(
      messageOf({ subject: `${name} is down`, summary: `About ${name}.`, facts: [[name, name]], advice: name }),
    );
    const [received] = (await told()).received;
    expect(received!.read).toContain(`${name} is down`);
    expect(received!.read).toContain(`About ${name}.`);
  });

  it("brings a message without facts and advice", async () => {
    const { send } = await started();
    expect(await send(messageOf({ facts: [], advice: null }))).toMatch(one.answer);
  });

  it("says that it is over, of the same incident", async () => {
    const { send, told } = await started();
    await send(messageOf());
    const over = messageOf({ id: "ntf_02", kind: "resolved", isResolved: true, subject: "web-1 is up again" });
    expect(await send(over)).not.toBe("");
    const { received } = await told();
    expect(received).toHaveLength(2);
    if (kind !== "pushover") expect(received.map(({ action }) => action)).toEqual(["told", "resolved"]);
    const about = one.keepsIncidents ? "inc_01" : null;
    expect(received.map((each) => each.about)).toEqual([about, about]);
  });

  it("leaves nothing open after a test", async () => {
    const { send, told } = await started();
    await send(messageOf({ kind: "test", severity: "warning", incidentId: null }));
    const { received } = await told();
    const isEnded = kind === "pagerduty" || kind === "opsgenie";
    expect(received.map(({ action }) => action)).toEqual(isEnded ? ["told", "resolved"] : ["told"]);
  });

  it.runIf(one.holdsId)("tells a repetition by its id", async () => {
    const { send, told } = await started();
    const message = messageOf({ id: "ntf_01:reminder:2" });
    await send(message);
    await send(message);
    expect((await told()).received.map(({ id }) => id)).toEqual([message.id, message.id]);
  });

  it("says what to do about a key that is refused, and tries it no more", async () => {
    const { url, config, send, told } = await started();
    const wrong = typeof one.wrong === "function" ? one.wrong(url) : one.wrong;
    const problem = await problemOf(send(messageOf(), wrong));
    expect(problem.isPermanent).toBe(true);
    expect(problem.message).toMatch(one.wrongSays);
    const secrets = CHANNEL_SECRETS[kind].flatMap((name) => [config[name], (wrong as Record<string, string>)[name]]);
    expect(secrets.filter((secret) => secret !== undefined && problem.message.includes(String(secret)))).toEqual([]);
    expect((await told()).received).toEqual([]);
  });

  it("says what to do when its place is gone, and tries it no more", async () => {
    const { send, ...receiver } = await started();
    await receiver.break({ kind: "gone" });
    const problem = await problemOf(send(messageOf()));
    expect(problem.isPermanent).toBe(true);
    expect(problem.message).toMatch(one.goneSays);
  });

  it("waits for as long as it is asked to", async () => {
    const { send, ...receiver } = await started();
    await receiver.break({ kind: "too_often", retryAfterSeconds: 30 });
    const { isPermanent, retryAfterMs, message } = await problemOf(send(messageOf()));
    if (one.tooOften === "permanent") {
      expect(isPermanent).toBe(true);
      expect(message).toContain("until 2030-12-01");
    } else expect({ isPermanent, retryAfterMs }).toEqual({ isPermanent: false, retryAfterMs: one.tooOften });
  });

  it.each([500, 502, 503])("is tried again after a %i", async (status) => {
    const { send, ...receiver } = await started();
    await receiver.break({ kind: "failing", status });
    const { isPermanent, retryAfterMs } = await problemOf(send(messageOf()));
    expect({ isPermanent, retryAfterMs }).toEqual({ isPermanent: false, retryAfterMs: undefined });
  });

  it("is tried again where the provider hangs up in the middle of its answer", async () => {
    const { send, ...receiver } = await started();
    await receiver.break({ kind: "cut" });
    expect((await problemOf(send(messageOf()))).isPermanent).toBe(false);
  });

  it("ends with its signal where nobody answers, and is tried again", async () => {
    const { configOf, told, ...receiver } = await started();
    await receiver.break({ kind: "silent" });
    const ending = new AbortController();
    const sent = problemOf(channel.send(messageOf(), configOf(), surroundings({ signal: ending.signal })));
    while ((await told()).asked === 0);
    ending.abort();
    expect((await sent).isPermanent).toBe(false);
  });

  it("follows no redirect", async () => {
    const { send, told, ...receiver } = await started();
    await receiver.break({ kind: "moved" });
    const problem = await problemOf(send(messageOf()));
    expect(problem.isPermanent).toBe(true);
    expect(problem.message).toMatch(/no redirect is followed.*Enter the address where it ends/);
    expect((await told()).asked).toBe(1);
  });

  it("asks nobody inside a private network, unless the owner allows it", async () => {
    const { configOf, told } = await started();
    const problem = await problemOf(channel.send(messageOf(), configOf(), surroundings({ allowsPrivate: false })));
    expect(problem.isPermanent).toBe(true);
    expect(problem.message).toMatch(/^127\.0\.0\.1 is inside a private network.*Enter a public name/);
    expect((await told()).asked).toBe(0);
  });
});
