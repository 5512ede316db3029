import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import {
  emptyOutbox,
  newDrain,
  newWebhook,
  ORIGIN,
  outbox,
  outboxDb,
  putIncident,
  putRows,
  puts,
  standing,
  T0,
  told,
} from "../testing/outbox.ts";
import { vaultOf } from "../vault/vault.ts";
import { Drain } from "./drain.ts";
import { reminderRow } from "./outbox.ts";
import { Slots } from "./slots.ts";
import { changeChannel, dropForHushed, listChannels } from "./store.ts";
import type { ChannelRow } from "./table.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const QUIET = {
  kind: "weekly",
  days: [1, 2, 3, 4, 5, 6, 7],
  from: "11:00",
  to: "13:00",
  timeZone: "UTC",
  letsCriticalThrough: true,
} satisfies ChannelRow["quietHours"];
const ALWAYS = { ...QUIET, from: "00:00", to: "00:00" };
const MILD = { severity: "warning" } as const;

beforeEach(emptyOutbox);

describe("quiet hours", () => {
  it("are followed by one message, not by the reminder of it too", async () => {
    const hook = await newWebhook("a", { quietHours: QUIET, repeatMs: HOUR / 2 });
    const [channel] = await listChannels(outboxDb);
    const one = told("web-1", 1, "firing", MILD);
    await putIncident("web-1", "open");
    await puts([one], T0);
    await putRows([reminderRow({ ...one, since: T0 }, channel!, T0 + HOUR / 2)!]);
    await newDrain().drain(T0 + HOUR);
    expect(await hook.came()).toEqual(["web-1.1.a"]);
    expect((await outbox()).find(({ kind }) => kind === "reminder")!.answer).toBe("It was told only just.");
    await putRows([reminderRow({ ...one, since: T0 }, channel!, T0 + 2 * HOUR)!]);
    await newDrain().drain(T0 + 2 * HOUR);
    expect(await hook.came()).toHaveLength(2);
  });

  it("do not have told what was overtaken within them by what is critical and took long to get through", async () => {
    const hook = await newWebhook("a", { quietHours: QUIET });
    const drain = newDrain();
    await puts([told("web-1", 1, "firing")], T0);
    await drain.drain(T0);
    await hook.break({ kind: "failing", status: 503 });
    await puts([told("web-1", 2, "resolved", MILD), told("web-1", 3, "reopened")], T0 + 1_000);
    await drain.drain(T0 + 1_000);
    await hook.break(null);
    await drain.drain(T0 + HOUR);
    expect(await hook.came()).toEqual(["web-1.1.a", "web-1.3.a"]);
    expect((await standing())["web-1.2.a"]![0]).toBe("dropped");
  });

  it("that never end are kept after a week too", async () => {
    const hook = await newWebhook("a", { quietHours: ALWAYS });
    const drain = newDrain();
    await puts([told("web-1", 1, "firing", MILD)], T0);
    const { nextAt } = await drain.drain(T0);
    const after = await drain.drain(nextAt!);
    expect(after.sent).toBe(0);
    expect(after.nextAt).toBeGreaterThanOrEqual(nextAt! + 7 * 24 * HOUR);
    expect(await hook.came()).toEqual([]);
  });

  it("that were entered later hold what waits, beside what is critical", async () => {
    const hook = await newWebhook("a", { afterMs: 10 * MINUTE });
    const drain = newDrain();
    await puts([told("web-1", 1, "firing", MILD), told("web-2", 1, "firing")], T0);
    await changeChannel(outboxDb, "a", { quietHours: QUIET });
    expect(await drain.drain(T0 + 10 * MINUTE)).toEqual({ sent: 1, nextAt: T0 + HOUR });
    expect(await hook.came()).toEqual(["web-2.1.a"]);
    await drain.drain(T0 + HOUR);
    expect(await hook.came()).toEqual(["web-2.1.a", "web-1.1.a"]);
  });

  it("hold a digest of what is not critical", async () => {
    const hook = await newWebhook("a");
    await puts(
      Array.from({ length: 9 }, (_, index) => told(`web-${index}`, 1, "firing", MILD)),
      T0,
    );
    await changeChannel(outboxDb, "a", { quietHours: QUIET });
    expect(await newDrain().drain(T0 + 1)).toEqual({ sent: 0, nextAt: T0 + HOUR });
    expect(await hook.came()).toEqual([]);
  });

  it("count what is told after them into the pace, for whoever begins anew", async () => {
    const hook = await newWebhook("a", { quietHours: QUIET });
    const rows = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => told(`web-${from + index}`, 1, "firing", MILD));
    await puts(rows(0, 3), T0);
    await newDrain().drain(T0 + HOUR);
    expect(await hook.came()).toHaveLength(3);
    await puts(rows(3, 6), T0 + HOUR + 1_000);
    await newDrain().drain(T0 + HOUR + 1_000);
    expect((await hook.came()).slice(3)).toEqual([expect.stringMatching(/^digest\./)]);
  });
});

describe("what comes while something is sent", () => {
  it("is due at once, though it came in the very moment that was looked at", async () => {
    const hook = await newWebhook("a");
    await puts([told("web-1", 1, "firing")], T0);
    const drain = new Drain({
      db: outboxDb,
      env,
      vault: vaultOf(env),
      // Asked between the look at what is due and the sending.
      origin: async () => {
        await puts([told("web-2", 1, "firing")], T0);
        return ORIGIN;
      },
      allowsPrivate: async () => true,
    });
    expect(await drain.drain(T0)).toEqual({ sent: 1, nextAt: T0 });
    await drain.drain(T0);
    expect(await hook.came()).toEqual(["web-1.1.a", "web-2.1.a"]);
  });
});

describe("a storm", () => {
  const storm = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => told(`web-${from + index}`, 1, "firing", MILD));

  it("has what is critical wait for no longer than half a minute, and what else waits goes with it", async () => {
    const hook = await newWebhook("a");
    const drain = newDrain();
    await puts(storm(0, 10), T0);
    await drain.drain(T0);
    await puts(storm(10, 20), T0 + 31_000);
    await drain.drain(T0 + 31_000);
    await puts(storm(20, 30), T0 + 40_000);
    await puts([told("db-1", 1, "firing")], T0 + 41_000);
    const { sent, nextAt } = await drain.drain(T0 + 41_000);
    expect(sent).toBe(0);
    expect(nextAt).toBeGreaterThan(T0 + 60_000);
    expect(nextAt).toBeLessThan(T0 + 62_000);
    await drain.drain(nextAt!);
    const digest = (await outbox()).findLast(({ kind }) => kind === "digest")!;
    expect(digest.message.incidents!.map(({ id }) => id)).toContain("db-1");
    expect(digest.message.incidents).toHaveLength(11);
    expect(await hook.came()).toHaveLength(6);
  });

  it("does not have told what was acknowledged while it held it", async () => {
    const hook = await newWebhook("a");
    const drain = newDrain();
    await puts(storm(0, 6), T0);
    await drain.drain(T0);
    await puts([told("db-1", 1, "firing", MILD)], T0 + 1_000);
    await outboxDb.$client.batch(dropForHushed(outboxDb.$client, ["db-1"], T0 + 2_000));
    await drain.drain(T0 + 10 * MINUTE);
    expect(await hook.came()).not.toContain("db-1.1.a");
    expect((await standing())["db-1.1.a"]).toEqual([
      "dropped",
      "It was acknowledged or silenced before it was to be told.",
    ]);
  });

  it("tells a channel that hears of no ends nothing of what is over by then", async () => {
    const hook = await newWebhook("a", { tellsResolved: false });
    const drain = newDrain();
    await puts(storm(0, 6), T0);
    await drain.drain(T0);
    await puts([...storm(6, 12)], T0 + 1_000);
    for (const id of ["web-6", "web-7"]) await putIncident(id, "resolved");
    await drain.drain(T0 + MINUTE);
    const digest = (await outbox()).findLast(({ kind }) => kind === "digest")!;
    expect(digest.message.incidents!.map(({ id }) => id)).toEqual(["web-10", "web-11", "web-8", "web-9"]);
    expect(await hook.came()).toHaveLength(5);
  });

  it("is what three are that come and go without an end: at most five messages in a minute", async () => {
    const hook = await newWebhook("a");
    const drain = newDrain();
    const kinds = ["firing", "resolved", "reopened", "resolved"] as const;
    for (let number = 1; number <= 60; number++) {
      const now = T0 + number * 5_000;
      const kind = number === 1 ? "firing" : kinds[(number - 1) % 4]!;
      const happened = ["a", "b", "c"].map((id) => told(id, number, kind === "firing" ? "reopened" : kind, MILD));
      await puts(happened, now);
      await drain.drain(now);
    }
    const times = (await outbox()).flatMap(({ sentAt }) => (sentAt === null ? [] : [sentAt])).sort((x, y) => x - y);
    for (const [index, at] of times.entries())
      expect((times[index + 5] ?? Infinity) - at).toBeGreaterThanOrEqual(MINUTE - 1_000);
    expect((await hook.told()).complaints).toEqual([]);
  });
});

describe("what an event may send", () => {
  it("is shared by all that are at work in it, and the rest is due at once", async () => {
    const hooks = [];
    for (const id of ["a", "b", "c", "d", "e"]) hooks.push(await newWebhook(id));
    await puts([told("web-1", 1, "firing")], T0);
    const drain = newDrain();
    const budget = { left: 3 };
    const [one, two] = await Promise.all([drain.drain(T0, budget), drain.drain(T0, budget)]);
    expect(one.sent + two.sent).toBeLessThanOrEqual(3);
    const { sent, nextAt } = await drain.drain(T0 + 1_000, budget);
    expect(sent).toBe(0);
    expect(nextAt).toBeLessThan(T0 + 2_000);
    await drain.drain(T0 + 2_000);
    for (const hook of hooks) expect(await hook.came()).toHaveLength(1);
  });

  it("is so many at once, and the next begins when one ends, in the order they came", async () => {
    const slots = new Slots(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const work = [0, 1, 2, 3].map((index) =>
      slots.use(() => {
        begun.push(index);
        return new Promise<void>((resolve, reject) => ends.push(index === 0 ? () => reject(new Error("no")) : resolve));
      }),
    );
    const failed = expect(work[0]).rejects.toThrow("no");
    expect(begun).toEqual([0, 1]);
    ends[0]!();
    await failed;
    expect(begun).toEqual([0, 1, 2]);
    ends[1]!();
    ends[2]!();
    await work[2];
    ends[3]!();
    await Promise.all(work.slice(1));
    expect(begun).toEqual([0, 1, 2, 3]);
  });
});

describe("channels that fail together", () => {
  it("are one message to the others, and none of those that work again by then", async () => {
    const broken = [await newWebhook("a"), await newWebhook("b"), await newWebhook("c")];
    const sound = await newWebhook("z");
    for (const hook of broken) await hook.break({ kind: "gone" });
    const drain = newDrain();
    await puts([told("web-1", 1, "firing")], T0);
    await drain.drain(T0);
    await changeChannel(outboxDb, "c", { problem: null });
    await drain.drain(T0 + MINUTE);
    const [, trouble, ...more] = (await sound.told()).received;
    expect(more).toEqual([]);
    expect(trouble!.read).toContain("The channels Channel a and Channel b do not work");
    const answers = (await outbox()).filter(({ kind }) => kind === "trouble").map(({ answer }) => answer);
    expect(answers).toContain("It worked again before it was to be told.");
  });

  it("are not told of again within an hour of the last time", async () => {
    const hook = await newWebhook("a");
    const sound = await newWebhook("z");
    const drain = newDrain();
    for (const [number, at] of [T0, T0 + 10 * MINUTE].entries()) {
      await hook.break({ kind: "gone" });
      await puts([told(`web-${number}`, 1, "firing")], at);
      await drain.drain(at);
      await drain.drain(at + MINUTE);
      await hook.break(null);
      await puts([told(`web-${number}`, 2, "worsened")], at + 2 * MINUTE);
      await drain.drain(at + 2 * MINUTE);
    }
    await drain.drain(T0 + 3 * HOUR);
    expect((await sound.came()).filter((id) => id.startsWith("trouble."))).toHaveLength(1);
  });
});
