import { beforeEach, describe, expect, it } from "vitest";
import { SEND_LEASE_MS, SEND_TRIED_FOR_MS } from "../settings.ts";
import {
  channelOf,
  channelRow,
  emptyOutbox,
  newDrain,
  newWebhook,
  outbox,
  outboxDb,
  puts,
  putIncident,
  standing,
  T0,
  told,
} from "../testing/outbox.ts";
import { claim } from "./sending-store.ts";
import { changeChannel, deleteChannel, dropForHushed, insertChannel } from "./store.ts";
import { IN_DIGEST } from "./settle.ts";
import type { ChannelRow } from "./table.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

beforeEach(emptyOutbox);

async function hush(ids: string[], now: number) {
  await outboxDb.$client.batch(dropForHushed(outboxDb.$client, ids, now));
}

describe("sending what is due", () => {
  it("sends what happened in its order, and writes down what the provider said", async () => {
    const hook = await newWebhook("a");
    await puts([told("web-1", 1, "firing", { severity: "warning" }), told("web-1", 2, "worsened")], T0);
    const { sent, nextAt } = await newDrain().drain(T0);
    expect({ sent, nextAt }).toEqual({ sent: 2, nextAt: null });
    expect(await hook.came()).toEqual(["web-1.1.a", "web-1.2.a"]);
    expect(await standing()).toEqual({
      "web-1.1.a": ["sent", "taken (204)"],
      "web-1.2.a": ["sent", "taken (204)"],
    });
    const { lastSentAt, problem } = await channelOf("a");
    expect(lastSentAt).toBeGreaterThanOrEqual(T0);
    expect(problem).toBeNull();
    expect((await hook.told()).complaints).toEqual([]);
  });

  it("sends the same thing once, however often it is put out", async () => {
    const hook = await newWebhook("a");
    await puts([told("web-1", 1, "firing")], T0);
    await newDrain().drain(T0);
    await puts([told("web-1", 1, "firing")], T0 + 1);
    await newDrain().drain(T0 + 1);
    expect(await hook.came()).toEqual(["web-1.1.a"]);
  });

  it("says when to come again for what waits for its time", async () => {
    const hook = await newWebhook("a", { afterMs: 10 * MINUTE });
    await putIncident("web-1", "open");
    await puts([told("web-1", 1, "firing")], T0);
    const drain = newDrain();
    expect(await drain.drain(T0)).toEqual({ sent: 0, nextAt: T0 + 10 * MINUTE });
    expect(await drain.drain(T0 + 10 * MINUTE)).toEqual({ sent: 1, nextAt: null });
    expect(await hook.came()).toEqual(["web-1.1.a"]);
  });

  it("is not held up in one channel by another that hangs", async () => {
    const hangs = await newWebhook("a");
    await hangs.break({ kind: "silent" });
    const works = await newWebhook("b");
    await puts([told("web-1", 1, "firing")], T0);
    const { sent, nextAt } = await newDrain({ timeoutMs: 200 }).drain(T0);
    expect(sent).toBe(1);
    expect(await works.came()).toEqual(["web-1.1.b"]);
    expect(nextAt).toBeGreaterThan(T0);
    expect((await standing())["web-1.1.a"]).toEqual([
      "waiting",
      "There was no answer within 200 ms. It is tried again, and may come twice.",
    ]);
  });
});

describe("a channel that fails", () => {
  it("has all that comes later wait behind the first, and gets it in order afterwards", async () => {
    const hook = await newWebhook("a");
    await hook.break({ kind: "failing", status: 503 });
    const drain = newDrain();
    await puts([told("web-1", 1, "firing")], T0);
    const first = await drain.drain(T0);
    await puts([told("web-2", 1, "firing"), told("web-1", 2, "resolved")], T0 + 1_000);
    expect((await drain.drain(T0 + 1_000)).sent).toBe(0);
    expect((await hook.told()).asked).toBe(1);
    await hook.break(null);
    expect((await drain.drain(first.nextAt!)).sent).toBe(3);
    expect(await hook.came()).toEqual(["web-1.1.a", "web-2.1.a", "web-1.2.a"]);
  });

  it("is left alone for as long as it asks for", async () => {
    const hook = await newWebhook("a");
    await hook.break({ kind: "too_often", retryAfterSeconds: 120 });
    await puts([told("web-1", 1, "firing")], T0);
    const { nextAt } = await newDrain().drain(T0);
    expect(nextAt).toBeGreaterThanOrEqual(T0 + 2 * MINUTE);
    expect(nextAt).toBeLessThan(T0 + 3 * MINUTE);
  });

  it("has what it refuses parked, goes on, and has the others told once", async () => {
    const hook = await newWebhook("a", { name: "Ops" });
    const other = await newWebhook("b");
    await insertChannel(outboxDb, channelRow("off", { isEnabled: false }));
    await hook.break({ kind: "gone" });
    const drain = newDrain();
    await puts([told("web-1", 1, "firing"), told("web-2", 1, "firing")], T0);
    const { nextAt } = await drain.drain(T0);
    await drain.drain(nextAt!);
    const { problem } = await channelOf("a");
    expect(problem!.message).toBe(
      "There is nothing at the webhook's address any more (status 410). Enter another one.",
    );
    const rows = await standing();
    expect(rows["web-1.1.a"]).toEqual(["parked", problem!.message]);
    expect(rows["web-2.1.a"]![0]).toBe("parked");
    expect(await other.came()).toEqual(["web-1.1.b", "web-2.1.b", `trouble.a.${problem!.since}.b`]);
    const trouble = (await other.told()).received.at(-1)!;
    expect(trouble.read).toContain("The channel Ops does not work since 12:00 UTC");
    expect(trouble.link).toBe("https://nephos.example.com/alerts/channels");
  });

  it("is a problem for others to hear of with its third failure in a row, and none any more when it works", async () => {
    const hook = await newWebhook("a");
    const other = await newWebhook("b");
    await hook.break({ kind: "failing", status: 500 });
    const drain = newDrain();
    await puts([told("web-1", 1, "firing")], T0);
    let now = T0;
    for (const failure of [1, 2, 3]) {
      expect((await channelOf("a")).problem, `before failure ${failure}`).toBeNull();
      now = (await drain.drain(now)).nextAt!;
    }
    const { problem } = await channelOf("a");
    expect(problem!.message).toContain("status 500");
    await drain.drain(now + MINUTE);
    expect(await other.came()).toEqual(["web-1.1.b", `trouble.a.${problem!.since}.b`]);
    await hook.break(null);
    await drain.drain(now + 2 * HOUR);
    expect((await channelOf("a")).problem).toBeNull();
    expect(await hook.came()).toEqual(["web-1.1.a"]);
  });

  it("gets what is older than a day no more when it has failed for a day", async () => {
    const hook = await newWebhook("a");
    await hook.break({ kind: "failing", status: 500 });
    const drain = newDrain();
    await puts([told("web-1", 1, "firing")], T0);
    let now: number | null = T0;
    while (now !== null && now < T0 + 2 * SEND_TRIED_FOR_MS) now = (await drain.drain(now)).nextAt;
    const [row] = await outbox();
    expect(row!.state).toBe("parked");
    expect(row!.nextAt).toBeGreaterThanOrEqual(T0 + SEND_TRIED_FOR_MS);
    expect(row!.nextAt).toBeLessThan(T0 + SEND_TRIED_FOR_MS + HOUR);
  }, 60_000);

  it("whose secret cannot be opened is parked with what to do", async () => {
    const hook = await newWebhook("a");
    await changeChannel(outboxDb, "a", { secrets: "v1.gone.AAAA.AAAA" });
    await puts([told("web-1", 1, "firing")], T0);
    await newDrain().drain(T0);
    expect((await standing())["web-1.1.a"]).toEqual([
      "parked",
      "What is secret of this channel cannot be read any more. Enter it anew.",
    ]);
    expect((await hook.told()).asked).toBe(0);
  });
});

describe("what is over", () => {
  it("is told where its beginning was", async () => {
    const hook = await newWebhook("a");
    const drain = newDrain();
    await puts([told("web-1", 1, "firing")], T0);
    await drain.drain(T0);
    await puts([told("web-1", 2, "resolved", { at: T0 + MINUTE })], T0 + MINUTE);
    await drain.drain(T0 + MINUTE);
    expect(await hook.came()).toEqual(["web-1.1.a", "web-1.2.a"]);
    expect((await hook.told()).received[1]).toMatchObject({ action: "resolved", about: "web-1" });
  });

  it("is not told, and neither is its beginning, where that still waited to be told", async () => {
    const hook = await newWebhook("a", { afterMs: 10 * MINUTE });
    const drain = newDrain();
    await putIncident("web-1", "resolved");
    await puts([told("web-1", 1, "firing")], T0);
    await puts([told("web-1", 2, "resolved")], T0 + MINUTE);
    expect(await drain.drain(T0 + MINUTE)).toEqual({ sent: 0, nextAt: null });
    expect(await standing()).toEqual({
      "web-1.1.a": ["dropped", "It was over before it was to be told."],
      "web-1.2.a": ["dropped", "This channel was not told that it had begun."],
    });
    expect(await hook.came()).toEqual([]);
  });

  it("ends an escalation in a channel that does not hear of ends", async () => {
    const hook = await newWebhook("a", { afterMs: 10 * MINUTE, tellsResolved: false });
    await putIncident("web-1", "resolved");
    await puts([told("web-1", 1, "firing"), told("web-1", 2, "resolved")], T0);
    expect((await standing())["web-1.2.a"]).toBeUndefined();
    await newDrain().drain(T0 + 10 * MINUTE);
    expect((await standing())["web-1.1.a"]).toEqual(["dropped", "It was over before it was to be told."]);
    expect(await hook.came()).toEqual([]);
  });

  it("is not told where its beginning was refused", async () => {
    const hook = await newWebhook("a");
    await hook.break({ kind: "gone" });
    const drain = newDrain();
    await puts([told("web-1", 1, "firing")], T0);
    await drain.drain(T0);
    await hook.break(null);
    await puts([told("web-1", 2, "resolved")], T0 + MINUTE);
    await drain.drain(T0 + MINUTE);
    const rows = await standing();
    expect(rows["web-1.1.a"]![0]).toBe("dropped");
    expect(rows["web-1.1.a"]![1]).toContain("It could not be told: There is nothing at the webhook's address");
    expect(rows["web-1.2.a"]).toEqual(["dropped", "This channel was not told that it had begun."]);
    expect(await hook.came()).toEqual([]);
  });

  it("is not put out to a channel for which nothing of it was", async () => {
    await newWebhook("a", { minSeverity: "critical" });
    await puts([told("web-1", 1, "firing", { severity: "warning" })], T0);
    await puts([told("web-1", 2, "resolved", { severity: "warning" })], T0 + MINUTE);
    expect(await outbox()).toEqual([]);
  });

  it("is told to a channel for grave ones though it had become milder", async () => {
    const hook = await newWebhook("a", { minSeverity: "critical" });
    const drain = newDrain();
    await puts([told("web-1", 1, "firing")], T0);
    await drain.drain(T0);
    await puts([told("web-1", 3, "resolved", { severity: "warning" })], T0 + MINUTE);
    await drain.drain(T0 + MINUTE);
    expect(await hook.came()).toEqual(["web-1.1.a", "web-1.3.a"]);
  });

  it("is told where it came back, and only its first beginning was told", async () => {
    const hook = await newWebhook("a");
    const drain = newDrain();
    await puts([told("web-1", 1, "firing")], T0);
    await drain.drain(T0);
    await puts([told("web-1", 2, "resolved")], T0 + 1_000);
    await drain.drain(T0 + 1_000);
    await changeChannel(outboxDb, "a", { afterMs: HOUR });
    await putIncident("web-1", "open");
    await puts([told("web-1", 3, "reopened")], T0 + 2_000);
    await puts([told("web-1", 4, "resolved")], T0 + 3_000);
    await drain.drain(T0 + 3_000);
    expect(await hook.came()).toEqual(["web-1.1.a", "web-1.2.a"]);
    expect((await standing())["web-1.4.a"]![0]).toBe("dropped");
  });
});

describe("what nobody needs any more", () => {
  it.each<[string, (id: string) => Promise<unknown>, string]>([
    ["switched off", (id) => changeChannel(outboxDb, id, { isEnabled: false }), "The channel was switched off."],
  ])("is dropped where the channel was %s", async (_what, change, why) => {
    const hook = await newWebhook("a");
    await puts([told("web-1", 1, "firing")], T0);
    await change("a");
    await newDrain().drain(T0);
    expect((await standing())["web-1.1.a"]).toEqual(["dropped", why]);
    expect(await hook.came()).toEqual([]);
  });

  it("goes with its channel", async () => {
    await newWebhook("a");
    await puts([told("web-1", 1, "firing")], T0);
    expect(await deleteChannel(outboxDb, "a")).toBe(true);
    expect(await outbox()).toEqual([]);
  });

  it("is dropped by an acknowledgement: what waits for its time, but not what is due", async () => {
    await newWebhook("now");
    await newWebhook("later", { afterMs: HOUR });
    await puts([told("web-1", 1, "firing"), told("web-1", 2, "members")], T0);
    await hush(["web-1"], T0);
    const why = "It was acknowledged or silenced before it was to be told.";
    expect(await standing()).toEqual({
      "web-1.1.now": ["waiting", null],
      "web-1.1.later": ["dropped", why],
      "web-1.2.now": ["dropped", why],
      "web-1.2.later": ["dropped", why],
    });
  });

  it("is dropped where it waited for a later hour and what happened since was told first", async () => {
    const quietHours: ChannelRow["quietHours"] = {
      kind: "weekly",
      days: [1, 2, 3, 4, 5, 6, 7],
      from: "08:00",
      to: "20:00",
      timeZone: "UTC",
      letsCriticalThrough: true,
    };
    const hook = await newWebhook("a", { quietHours });
    const drain = newDrain();
    await puts([told("web-1", 1, "firing", { severity: "warning" })], T0);
    expect((await drain.drain(T0)).nextAt).toBe(T0 + 8 * HOUR);
    await puts([told("web-1", 2, "worsened")], T0 + MINUTE);
    expect(await drain.drain(T0 + MINUTE)).toEqual({ sent: 1, nextAt: null });
    expect(await hook.came()).toEqual(["web-1.2.a"]);
    expect((await standing())["web-1.1.a"]![0]).toBe("dropped");
  });

  it("is one notification for all that join within a minute", async () => {
    const hook = await newWebhook("a");
    const drain = newDrain();
    await putIncident("web-1", "open");
    await puts([told("web-1", 1, "firing")], T0);
    await drain.drain(T0);
    for (const number of [2, 3, 4]) await puts([told("web-1", number, "members")], T0 + number * 15_000);
    const { nextAt } = await drain.drain(T0 + MINUTE);
    // A minute after the first of them: who comes later does not put it off.
    expect(nextAt).toBe(T0 + 90_000);
    await drain.drain(nextAt!);
    expect(await hook.came()).toEqual(["web-1.1.a", "web-1.4.a"]);
  });
});

describe("a storm", () => {
  const many = (from: number, to: number, kind: "firing" | "resolved" = "firing") =>
    Array.from({ length: to - from }, (_, index) => told(`web-${from + index}`, kind === "firing" ? 1 : 2, kind));

  it("of a thousand incidents in a minute is five messages, and all of them are in them", async () => {
    const hook = await newWebhook("a");
    const drain = newDrain();
    for (let second = 0; second < 60; second++) {
      const now = T0 + second * 1_000;
      await puts(many(second * 17, second * 17 + 17), now);
      await drain.drain(now);
    }
    const { received } = await hook.told();
    expect(received.length).toBeLessThanOrEqual(5);
    expect(received.length).toBeGreaterThanOrEqual(4);
    await drain.drain(T0 + 3 * MINUTE);
    const rows = await outbox();
    expect(rows.filter(({ state }) => state === "waiting")).toEqual([]);
    const digests = rows.filter(({ kind }) => kind === "digest");
    const single = rows.filter(({ kind, state }) => kind === "firing" && state === "sent");
    const inDigests = digests.flatMap(({ message }) => message.incidents!.map(({ id }) => id));
    expect(new Set([...inDigests, ...single.map(({ incidentId }) => incidentId)]).size).toBe(60 * 17);
    expect(single).toHaveLength(3);
  }, 60_000);

  it("tells that something is over where its beginning was told in a digest", async () => {
    const hook = await newWebhook("a");
    const drain = newDrain();
    await puts(many(0, 6), T0);
    await drain.drain(T0);
    expect(await hook.came()).toHaveLength(4);
    expect((await standing())["web-5.1.a"]).toEqual(["dropped", IN_DIGEST]);
    await puts([told("web-5", 2, "resolved")], T0 + 10 * MINUTE);
    await drain.drain(T0 + 10 * MINUTE);
    expect((await hook.came()).at(-1)).toBe("web-5.2.a");
  });

  it("is over when it is few again, and they are told one by one", async () => {
    const hook = await newWebhook("a");
    const drain = newDrain();
    await puts(many(0, 6), T0);
    const { nextAt } = await drain.drain(T0);
    await puts(many(6, 8), T0 + 1_000);
    expect((await drain.drain(T0 + 1_000)).sent).toBe(0);
    // After the first pause there are still three within the minute.
    expect((await drain.drain(nextAt!)).sent).toBe(1);
    await puts(many(8, 10), T0 + 10 * MINUTE);
    await drain.drain(T0 + 10 * MINUTE);
    expect((await hook.came()).slice(-2)).toEqual(["web-8.1.a", "web-9.1.a"]);
  });

  it("goes on as it was for whoever begins anew in its middle", async () => {
    const hook = await newWebhook("a");
    await puts(many(0, 6), T0);
    await newDrain().drain(T0);
    await puts(many(6, 12), T0 + 5_000);
    expect((await newDrain().drain(T0 + 5_000)).sent).toBe(0);
    expect(await hook.came()).toHaveLength(4);
  });

  it("loses nothing where its digest does not get through at once", async () => {
    const hook = await newWebhook("a");
    const drain = newDrain();
    await puts(many(0, 3), T0);
    await drain.drain(T0);
    await hook.break({ kind: "failing", status: 503 });
    await puts(many(3, 9), T0 + 1_000);
    const { nextAt } = await drain.drain(T0 + 1_000);
    await puts([told("web-4", 2, "resolved")], T0 + 2_000);
    expect((await drain.drain(T0 + 2_000)).sent).toBe(0);
    await hook.break(null);
    const after = await newDrain().drain(nextAt!);
    expect(after.sent).toBe(1);
    await newDrain().drain(T0 + 10 * MINUTE);
    const came = await hook.came();
    expect(came[3]).toMatch(/^digest\./);
    expect(came.at(-1)).toBe("web-4.2.a");
  });
});

describe("two at work", () => {
  it.each(["the same object", "two objects"])("send nothing twice and in order: %s", async (which) => {
    const hook = await newWebhook("a");
    const one = newDrain();
    const other = which === "the same object" ? one : newDrain();
    await puts(
      [1, 2, 3, 4, 5].map((number) => told("web-1", number, number === 1 ? "firing" : "worsened")),
      T0,
    );
    await Promise.all([one.drain(T0), other.drain(T0), one.drain(T0), other.drain(T0)]);
    await one.drain(T0 + 1_000);
    expect(await hook.came()).toEqual([1, 2, 3, 4, 5].map((number) => `web-1.${number}.a`));
  });

  it("make one digest of a storm", async () => {
    const hook = await newWebhook("a");
    await puts(
      Array.from({ length: 20 }, (_, index) => told(`web-${index}`, 1, "firing")),
      T0,
    );
    const [one, other] = [newDrain(), newDrain()];
    await Promise.all([one.drain(T0), other.drain(T0), one.drain(T0), other.drain(T0)]);
    const digests = (await outbox()).filter(({ kind }) => kind === "digest");
    const named = digests.flatMap(({ message }) => message.incidents!.map(({ id }) => id));
    expect(new Set(named).size).toBe(named.length);
    expect(new Set(await hook.came()).size).toBe((await hook.came()).length);
  });

  it("has what one was killed with sent by the next, after its lease and with the same id", async () => {
    const hook = await newWebhook("a");
    await puts([told("web-1", 1, "firing"), told("web-1", 2, "worsened")], T0);
    const [first] = await outbox();
    expect(await claim(outboxDb, first!, T0 + SEND_LEASE_MS)).toBe(true);
    expect(await newDrain().drain(T0 + 1_000)).toEqual({ sent: 0, nextAt: T0 + SEND_LEASE_MS });
    expect((await newDrain().drain(T0 + SEND_LEASE_MS)).sent).toBe(2);
    expect(await hook.came()).toEqual(["web-1.1.a", "web-1.2.a"]);
  });
});
