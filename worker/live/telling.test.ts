import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Condition } from "../../contract/rules.ts";
import { notificationsOfIncident } from "../notify/store.ts";
import { onlyShard } from "../testing/agent-socket.ts";
import { newRule, WatchedInstance, withoutDefaultRules } from "../testing/alerts.ts";
import { newWebhook, outboxDb, puts, told as happened } from "../testing/outbox.ts";
import { ORIGIN, Owner } from "../testing/people.ts";
import { runAtHome } from "../testing/sentinel.ts";
import { Viewer } from "../testing/viewer.ts";
import { Telling } from "./telling.ts";

const MINUTE = 60_000;
const CPU: Condition = {
  kind: "metric",
  metric: "cpu_busy_ratio",
  direction: "above",
  warning: 0.7,
  critical: 0.9,
  recovery: 0.6,
};
const cpu = (value: number) => ({ cpu_busy_ratio: value });

let owner: Owner;
let channels = 0;
beforeAll(async () => {
  owner = await Owner.signedIn();
  await runAtHome();
  await withoutDefaultRules();
});

/** A machine, a rule on it, and a channel that hears of it alone. */
async function told(more: Parameters<typeof newWebhook>[1] = {}) {
  const machine = await WatchedInstance.of(owner);
  const scope = { tags: [], providers: [], regions: [], subjects: [machine.id] };
  const webhook = await newWebhook(`channel-${++channels}`, { scope, ...more });
  await newRule(CPU, { subjects: [machine.id] });
  const came = async () =>
    (await webhook.told()).received.map(({ body }) => body as { kind: string; url: string; id: string });
  const kinds = async () => (await came()).map(({ kind }) => kind);
  const states = async () => {
    const [incident] = await machine.incidents();
    return (await notificationsOfIncident(outboxDb, incident!.id, 50)).map(({ kind, state }) => `${kind} ${state}`);
  };
  return { machine, webhook, came, kinds, states, now: Date.now() };
}

describe("an incident", () => {
  it("is told when it opens, when it becomes critical and when it is over, in this order", async () => {
    const { machine, kinds, states, now } = await told();
    await machine.sends(now - 60_000, cpu(0.75));
    expect(await kinds()).toEqual(["firing"]);
    await machine.sends(now - 30_000, cpu(0.95));
    await machine.sends(now, cpu(0.1));
    expect(await kinds()).toEqual(["firing", "worsened", "resolved"]);
    expect(await states()).toEqual(["resolved sent", "worsened sent", "firing sent"]);
  });

  it("is told with a link to where somebody uses this Nephos in a browser", async () => {
    const viewer = await Viewer.of(owner);
    await viewer.next("snapshot");
    const { machine, came, now } = await told();
    await machine.sends(now, cpu(0.95));
    const [incident] = await machine.incidents();
    expect(await came()).toMatchObject([{ url: `${ORIGIN}/alerts/${incident!.id}` }]);
    viewer.socket.close();
    await evictDurableObject(onlyShard());
    await machine.sends(now + 1, cpu(0.1));
    expect((await came()).at(-1)).toMatchObject({ url: `${ORIGIN}/alerts/${incident!.id}` });
  });

  it("under a silence is not told", async () => {
    const { machine, kinds, now } = await told();
    await owner.json(
      "/api/silences",
      {
        method: "POST",
        body: {
          reason: "new kernel",
          scope: { subjects: [machine.id] },
          when: { kind: "once", from: now - MINUTE, to: now + 60 * MINUTE },
        },
      },
      201,
    );
    await machine.sends(now, cpu(0.95));
    expect(await kinds()).toEqual([]);
    const { silences } = await owner.json<{ silences: { id: string; scope: { subjects: string[] } }[] }>(
      "/api/silences",
    );
    const { id } = silences.find(({ scope }) => scope.subjects.includes(machine.id))!;
    await owner.json(`/api/silences/${id}`, { method: "DELETE" }, 204);
    expect(await kinds()).toEqual(["firing"]);
  });

  it("is told once though the shard loses its memory between the write and the sending", async () => {
    const { machine, came, webhook, now } = await told();
    await webhook.break({ kind: "failing", status: 503 });
    await machine.sends(now, cpu(0.95));
    await webhook.break(null);
    await evictDurableObject(onlyShard());
    await onlyShard().sweep(Date.now() + MINUTE);
    await onlyShard().sweep(Date.now() + 2 * MINUTE);
    expect(new Set((await came()).map(({ id }) => id)).size).toBe(1);
  });
});

describe("a channel that repeats", () => {
  it("reminds until somebody acknowledges, once for each time", async () => {
    const { machine, kinds, now } = await told({ repeatMs: 30 * MINUTE });
    await machine.sends(now, cpu(0.95));
    await onlyShard().sweep(now + 29 * MINUTE);
    expect(await kinds()).toEqual(["firing"]);
    await onlyShard().sweep(now + 31 * MINUTE);
    await onlyShard().sweep(now + 32 * MINUTE);
    await evictDurableObject(onlyShard());
    await onlyShard().sweep(now + 33 * MINUTE);
    expect(await kinds()).toEqual(["firing", "reminder"]);
    const [incident] = await machine.incidents();
    await onlyShard().actOnIncidents({ ids: [incident!.id], action: "acknowledge", note: null, actor: "Ada" });
    await onlyShard().sweep(now + 61 * MINUTE);
    expect(await kinds()).toEqual(["firing", "reminder"]);
  });
});

describe("a channel that is the next step", () => {
  it("hears of what nobody has acknowledged in time", async () => {
    const { machine, kinds, now } = await told({ afterMs: 10 * MINUTE });
    await machine.sends(now, cpu(0.95));
    await onlyShard().sweep(now + 9 * MINUTE);
    expect(await kinds()).toEqual([]);
    await onlyShard().sweep(now + 11 * MINUTE);
    expect(await kinds()).toEqual(["firing"]);
  });

  it("hears nothing of what was acknowledged, nor that it is over", async () => {
    const { machine, kinds, states, now } = await told({ afterMs: 10 * MINUTE });
    await machine.sends(now - 30_000, cpu(0.95));
    const [incident] = await machine.incidents();
    await onlyShard().actOnIncidents({ ids: [incident!.id], action: "acknowledge", note: null, actor: "Ada" });
    await machine.sends(now, cpu(0.1));
    await onlyShard().sweep(now + 11 * MINUTE);
    expect(await kinds()).toEqual([]);
    expect((await states()).every((one) => one.endsWith("dropped"))).toBe(true);
  });
});

describe("many that fall at once", () => {
  it("are few messages, and all of them are members", async () => {
    const machines = await Promise.all(Array.from({ length: 20 }, () => WatchedInstance.of(owner)));
    const subjects = machines.map(({ id }) => id);
    const scope = { tags: [], providers: [], regions: [], subjects };
    const webhook = await newWebhook(`channel-${++channels}`, { scope });
    await newRule(CPU, { subjects });
    const now = Date.now();
    for (const machine of machines) await machine.posts(now, cpu(0.95));
    for (const seconds of [0, 30, 70, 140, 300, 700]) await onlyShard().sweep(now + seconds * 1_000);
    const members = await outboxDb.$client
      .prepare("SELECT count(*) AS count FROM incident_member WHERE subject IN (SELECT value FROM json_each(?1))")
      .bind(JSON.stringify(subjects))
      .first<{ count: number }>();
    expect(members!.count).toBe(machines.length);
    expect((await webhook.came()).length).toBeLessThanOrEqual(5);
    expect((await webhook.came()).length).toBeGreaterThan(0);
  });
});

describe("one event", () => {
  it("sends so much as the platform lets it, and the next one sends the rest", async () => {
    const hooks: Awaited<ReturnType<typeof newWebhook>>[] = [];
    for (let index = 0; index < 12; index++) hooks.push(await newWebhook(`many-${index}`));
    const sentBy = async () => (await Promise.all(hooks.map((hook) => hook.came()))).flat().length;
    const now = Date.now();
    await puts([happened("outage", 1, "firing")], now);
    await onlyShard().sweep(now);
    expect(await sentBy()).toBeLessThanOrEqual(8);
    for (let tick = 1; tick <= 2; tick++) await onlyShard().sweep(now + tick * 1_000);
    expect(await sentBy()).toBe(hooks.length);
  });
});

describe("an acknowledgement that is taken back", () => {
  it("has the next step hear of it, once", async () => {
    const { machine, kinds, now } = await told({ afterMs: 10 * MINUTE });
    await machine.sends(now, cpu(0.95));
    const [incident] = await machine.incidents();
    const act = (action: "acknowledge" | "unacknowledge") =>
      onlyShard().actOnIncidents({ ids: [incident!.id], action, note: null, actor: "Ada" });
    await act("acknowledge");
    await act("unacknowledge");
    await onlyShard().sweep(now + 20 * MINUTE);
    expect(await kinds()).toEqual(["firing"]);
    await act("acknowledge");
    await act("unacknowledge");
    await onlyShard().sweep(now + 40 * MINUTE);
    expect(await kinds()).toEqual(["firing"]);
  });
});

describe("reminders of a whole fleet", () => {
  it("are put out in as many writes as it takes", async () => {
    const webhook = await newWebhook(`channel-${++channels}`, {
      repeatMs: 30 * MINUTE,
      // Nobody is to hear of them now: what counts is that they are there.
      quietHours: {
        kind: "weekly",
        days: [1, 2, 3, 4, 5, 6, 7],
        from: "00:00",
        to: "00:00",
        timeZone: "UTC",
        letsCriticalThrough: false,
      },
    });
    const now = Date.now();
    const open = Array.from({ length: 1_200 }, (_, index) => ({
      ...happened(`machine-${index}`, 1, "firing", { reason: "x".repeat(1_500) }),
      since: now - 31 * MINUTE,
    }));
    await runInDurableObject(onlyShard(), async (_object, state) => {
      const telling = new Telling(outboxDb, env, state.storage);
      await telling.remind(open, now);
      await telling.remind(open, now);
    });
    const counted = await outboxDb.$client
      .prepare("SELECT count(*) AS count FROM notification WHERE kind = 'reminder' AND channel_id = ?1")
      .bind(webhook.id)
      .first<{ count: number }>();
    expect(counted!.count).toBe(open.length);
  });

  it("hold up nothing else where they cannot be written, and are tried again", async () => {
    const now = Date.now();
    await newWebhook(`channel-${++channels}`, { repeatMs: 30 * MINUTE });
    await runInDurableObject(onlyShard(), async (_object, state) => {
      const telling = new Telling(outboxDb, env, state.storage);
      const open = [{ ...happened("late", 1, "firing"), since: now - 31 * MINUTE }];
      const d1 = outboxDb.$client;
      await d1.prepare("ALTER TABLE notification RENAME TO out_of_reach").run();
      await telling
        .remind(open, now)
        .finally(() => d1.prepare("ALTER TABLE out_of_reach RENAME TO notification").run());
      expect(telling.nextAt).toBeLessThan(now + MINUTE);
      await telling.remind(open, now);
      expect(await notificationsOfIncident(outboxDb, "late", 9)).not.toEqual([]);
    });
  });
});
