import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { channelConfigSchema } from "../../contract/channels.ts";
import {
  channelOf,
  channelRow,
  emptyOutbox,
  newDrain,
  newWebhook,
  ORIGIN,
  outbox,
  outboxDb as db,
  puts,
  putIncident,
  putRows,
  standing,
  T0,
  told,
} from "../testing/outbox.ts";
import { startReceiver } from "../testing/receivers.ts";
import { vaultOf } from "../vault/vault.ts";
import { ChannelProblem } from "./channel.ts";
import { reminderRow, rowsFor } from "./outbox.ts";
import { sendTest } from "./send-test.ts";
import { nextDueAt } from "./sending-store.ts";
import * as store from "./store.ts";

const HOUR = 3_600_000;

beforeEach(emptyOutbox);

describe("channels", () => {
  it("are kept as they were given, and changed only in what is said", async () => {
    const row = channelRow("a", { config: { topic: "ops" }, repeatMs: HOUR });
    await store.insertChannel(db, row);
    expect(await store.findChannel(db, "a")).toEqual(row);
    expect(await store.changeChannel(db, "a", { name: "Ops", quietHours: null })).toEqual({ ...row, name: "Ops" });
    expect(await store.changeChannel(db, "a", {})).toEqual({ ...row, name: "Ops" });
    expect(await store.changeChannel(db, "b", { name: "Nobody" })).toBeUndefined();
    expect(await store.listChannels(db)).toHaveLength(1);
    expect(await store.deleteChannel(db, "b")).toBe(false);
  });

  it("take what waits for them along when they are deleted, and leave what they were told", async () => {
    await newWebhook("a");
    await puts([told("web-1", 1, "firing")], T0);
    await newDrain().drain(T0);
    await puts([told("web-2", 1, "firing")], T0);
    await store.deleteChannel(db, "a");
    const [left, ...more] = await store.listNotifications(db, { limit: 10 });
    expect(more).toEqual([]);
    expect(left).toMatchObject({ incidentId: "web-1", state: "sent", channelName: "a removed channel" });
  });

  it("know how much waits for each and what is parked", async () => {
    await newWebhook("a");
    await newWebhook("b");
    await (await newWebhook("gone")).break({ kind: "gone" });
    await puts([told("web-1", 1, "firing")], T0);
    await newDrain().drain(T0);
    await puts([told("web-2", 1, "firing"), told("web-3", 1, "firing")], T0 + 1);
    expect(Object.fromEntries(await store.countsByChannel(db))).toMatchObject({
      a: { waiting: 3, parked: 0 },
      b: { waiting: 3, parked: 0 },
      gone: { waiting: 2, parked: 1 },
    });
  });
});

describe("the log", () => {
  it("shows the newest first, by state and by channel, with titles and without a next time for what is over", async () => {
    await newWebhook("a");
    await newWebhook("late", { afterMs: HOUR });
    await puts([told("web-1", 1, "firing")], T0);
    await newDrain().drain(T0);
    await puts([told("web-2", 1, "firing")], T0 + 1_000);
    const all = await store.listNotifications(db, { limit: 10 });
    expect(
      all
        .map(({ id }) => id)
        .slice(0, 2)
        .sort(),
    ).toEqual(["web-2.1.a", "web-2.1.late"]);
    expect(await store.listNotifications(db, { limit: 1 })).toHaveLength(1);
    const [sent] = await store.listNotifications(db, { state: "sent", limit: 10 });
    expect(sent).toMatchObject({
      id: "web-1.1.a",
      title: "web-1 is down",
      channelName: "Channel a",
      nextAt: null,
      attempts: 1,
      answer: "taken (204)",
    });
    const late = await store.listNotifications(db, { channelId: "late", limit: 10 });
    expect(late.map(({ id, nextAt }) => [id, nextAt])).toEqual([
      ["web-2.1.late", T0 + 1_000 + HOUR],
      ["web-1.1.late", T0 + HOUR],
    ]);
    expect(await store.notificationsOfIncident(db, "web-1", 10)).toHaveLength(2);
    expect(await nextDueAt(db, 0)).toBe(T0 + 1_000);
    expect(await nextDueAt(db, T0 + 2_000)).toBe(T0 + 1_000);
    const held = { evenIfUrgent: ["a"], unlessUrgent: [] };
    expect(await nextDueAt(db, T0 + 2_000, held)).toBe(T0 + HOUR);
  });

  it("has parked ones tried again, and others left as they are", async () => {
    const hook = await newWebhook("a");
    await hook.break({ kind: "gone" });
    await puts([told("web-1", 1, "firing")], T0);
    await newDrain().drain(T0);
    await hook.break(null);
    expect(await store.retryNotifications(db, ["web-1.1.a", "nobody"], T0 + HOUR)).toBe(1);
    await newDrain().drain(T0 + HOUR);
    expect(await hook.came()).toEqual(["web-1.1.a"]);
    expect((await channelOf("a")).problem).toBeNull();
    expect(await store.retryNotifications(db, ["web-1.1.a"], T0 + HOUR)).toBe(0);
  });

  it("has what is given up never sent, and keeps why it was not before", async () => {
    const hook = await newWebhook("a");
    await puts([told("web-1", 1, "firing"), told("web-2", 1, "firing")], T0);
    expect(await store.discardNotifications(db, ["web-1.1.a"], T0)).toBe(1);
    await hook.break({ kind: "gone" });
    await newDrain().drain(T0);
    expect(await store.discardNotifications(db, ["web-2.1.a"], T0)).toBe(1);
    const rows = await standing();
    expect(rows["web-1.1.a"]).toEqual(["dropped", "Given up by hand."]);
    expect(rows["web-2.1.a"]![1]).toMatch(/^Given up by hand\. Before that: There is nothing at the webhook's address/);
  });

  it("forgets what is old, but nothing that still waits, some at a time", async () => {
    await newWebhook("a");
    await puts([told("web-1", 1, "firing"), told("web-2", 1, "firing")], T0);
    await newDrain().drain(T0);
    await puts([told("web-3", 1, "firing")], T0);
    expect(await store.deleteOldNotifications(db, T0, 10)).toBe(0);
    expect(await store.deleteOldNotifications(db, T0 + 1, 1)).toBe(1);
    expect(await store.deleteOldNotifications(db, T0 + 1, 10)).toBe(1);
    expect((await outbox()).map(({ id }) => id)).toEqual(["web-3.1.a"]);
  });
});

describe("reminders in the outbox", () => {
  const channel = channelRow("a", { repeatMs: HOUR });
  const one = { ...told("web-1", 1, "firing"), since: T0 };

  it("are there once for a period, and the newest takes the place of one that still waits", async () => {
    for (const now of [T0 + HOUR, T0 + HOUR + 1, T0 + 2 * HOUR]) await putRows([reminderRow(one, channel, now)!]);
    expect((await outbox()).map(({ id, state }) => [id, state])).toEqual([
      [`web-1.${T0}.reminder-1.a`, "dropped"],
      [`web-1.${T0}.reminder-2.a`, "waiting"],
    ]);
    expect(await store.lastReminders(db, ["web-1", "web-2"])).toEqual([
      { incidentId: "web-1", channelId: "a", at: T0 + 2 * HOUR },
    ]);
  });
});

describe("a test", () => {
  const wayOut = {
    env,
    db,
    vault: vaultOf(env),
    allowsPrivate: true,
    timeoutMs: 5_000,
    origin: ORIGIN,
    channelName: "Ops",
  };

  it("goes through the channel and answers with what its provider said", async () => {
    const receiver = await startReceiver("webhook");
    const config = channelConfigSchema.parse({ kind: "webhook", ...receiver.config });
    const { answer, tookMs } = await sendTest(config, wayOut, T0);
    expect(answer).toBe("taken (204)");
    expect(tookMs).toBeGreaterThanOrEqual(0);
    const { received, complaints } = await receiver.told();
    expect(complaints).toEqual([]);
    expect(received[0]!.body).toMatchObject({ kind: "test", subject: "[Test] Ops works", incidentId: null });
  });

  it("says why it was not taken", async () => {
    const receiver = await startReceiver("webhook");
    await receiver.break({ kind: "gone" });
    const config = channelConfigSchema.parse({ kind: "webhook", ...receiver.config });
    await expect(sendTest(config, wayOut, T0)).rejects.toThrow(ChannelProblem);
    await expect(sendTest(config, { ...wayOut, allowsPrivate: false }, T0)).rejects.toThrow("private network");
  });

  it("does not wait for longer than it may", async () => {
    const receiver = await startReceiver("webhook");
    await receiver.break({ kind: "silent" });
    const config = channelConfigSchema.parse({ kind: "webhook", ...receiver.config });
    await expect(sendTest(config, { ...wayOut, timeoutMs: 100 }, T0)).rejects.toThrow("no answer within 100 ms");
  });
});

describe("what happens to a whole fleet at once", () => {
  const CHANNELS = Array.from({ length: 12 }, (_, index) => channelRow(`channel-${index}`));
  const all = (kind: "firing" | "resolved", number: number) =>
    Array.from({ length: 200 }, (_, index) => told(`web-${index}`, number, kind));
  const standingOf = async () => (await outbox()).map(({ kind, channelId }) => `${kind} ${channelId}`);

  it("is written in statements that the database takes, and in a moment", async () => {
    const rows = rowsFor([...all("firing", 1), ...all("resolved", 2)], CHANNELS, T0);
    expect(JSON.stringify(rows).length).toBeGreaterThan(2_000_000);
    await putRows(rows);
    expect(new Set(await standingOf()).size).toBe(2 * CHANNELS.length);
    expect(await standingOf()).toHaveLength(rows.length);
  }, 5_000);

  it("is told to be over where its beginning stands in another statement, and nowhere else", async () => {
    const reason = "x".repeat(1_600_000);
    await putRows([
      ...rowsFor([told("web-1", 1, "firing", { reason })], CHANNELS.slice(0, 1), T0),
      ...rowsFor([told("web-1", 2, "resolved"), told("web-2", 2, "resolved")], CHANNELS.slice(0, 2), T0),
    ]);
    expect((await outbox()).map(({ id }) => id)).toEqual(["web-1.1.channel-0", "web-1.2.channel-0"]);
  });
});

describe("a next step after somebody gave it back", () => {
  const back = { ...told("web-1", 3, "firing"), isForNextSteps: true };
  const ids = async () => (await outbox()).map(({ id }) => id);

  it("is put out where that channel has heard nothing of it", async () => {
    await newWebhook("a", { afterMs: HOUR });
    await puts([told("web-1", 1, "firing")], T0);
    await db.$client.batch(store.dropForHushed(db.$client, ["web-1"], T0 + 1));
    await puts([back], T0 + 2);
    expect(await ids()).toEqual(["web-1.1.a", "web-1.3.a"]);
    expect((await outbox())[1]).toMatchObject({ state: "waiting", nextAt: T0 + 2 + HOUR });
  });

  it("is not put out where it was told already, until it was over", async () => {
    await newWebhook("a", { afterMs: HOUR });
    const drain = newDrain();
    await putIncident("web-1", "open");
    await puts([told("web-1", 1, "firing")], T0);
    await drain.drain(T0 + HOUR);
    await puts([back], T0 + HOUR + 1);
    expect(await ids()).toEqual(["web-1.1.a"]);
    await puts([told("web-1", 4, "resolved")], T0 + HOUR + 2);
    await puts([{ ...back, eventNumber: 6 }], T0 + HOUR + 3);
    expect(await ids()).toEqual(["web-1.1.a", "web-1.4.a", "web-1.6.a"]);
  });
});
