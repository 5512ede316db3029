import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import type { Condition } from "../../contract/rules.ts";
import { incident } from "../alerts/table.ts";
import { insertSilence } from "../alerts/silence-store.ts";
import { healthCheck } from "../checks/table.ts";
import { database } from "../db/client.ts";
import { instance } from "../instances/table.ts";
import { onlyShard } from "../testing/agent-socket.ts";
import { newRule, WatchedInstance, withoutDefaultRules } from "../testing/alerts.ts";
import { envelope, Owner, post } from "../testing/people.ts";

const MINUTE = 60_000;
const db = database(env.DB);
const CPU: Condition = {
  kind: "metric",
  metric: "cpu_busy_ratio",
  direction: "above",
  warning: 0.7,
  critical: 0.9,
  recovery: 0.6,
};
const CHECK_DOWN: Condition = { kind: "verdict", of: "check", checkKinds: [], degraded: null, down: "critical" };
const cpu = (value: number) => ({ cpu_busy_ratio: value });

let owner: Owner;
beforeAll(async () => {
  owner = await Owner.signedIn();
  await withoutDefaultRules();
});

const ofSubject = (id: string) => db.select().from(incident).where(eq(incident.subject, id));
const judgement = (verdict: string, now: number) =>
  ({ verdict, reason: `r ${verdict}`, since: now, at: now, witnesses: [] }) as never;

async function newCheck(name: string, instanceId: string, tags: string[]): Promise<string> {
  const id = `check:${crypto.randomUUID()}`;
  await db.insert(healthCheck).values({
    id,
    name,
    instanceId,
    tags,
    target: { kind: "http", url: "https://example.com/" },
    intervalMs: 60_000,
    regions: [],
    isPaused: false,
    isDefault: false,
    timeoutMs: 1,
    slowMs: 1,
    badMs: 1,
    headerNames: [],
    judgement: null,
    createdAt: 1,
  } as never);
  return id;
}

/** A small fleet's shard sleeps between two samples and has forgotten all of it when the next comes. */
describe("a shard that forgets between any two samples", () => {
  it("fires what lasts for longer than a gap", async () => {
    const machine = await WatchedInstance.of(owner);
    await newRule(CPU, { subjects: [machine.id], holdMs: 10 * MINUTE });
    const t0 = Date.now() - 4 * MINUTE;
    for (let i = 0; i <= 24; i++) {
      await machine.sends(t0 + i * 30_000, cpu(0.95), t0 + i * 30_000);
      await evictDurableObject(onlyShard());
    }
    expect(await machine.incidents()).toMatchObject([{ state: "open" }]);
  });

  it("resolves what is well for longer than a gap", async () => {
    const machine = await WatchedInstance.of(owner);
    await newRule(CPU, { subjects: [machine.id], keepFiringMs: 5 * MINUTE });
    const t0 = Date.now() - 4 * MINUTE;
    await machine.sends(t0, cpu(0.95), t0);
    for (let i = 1; i <= 16; i++) {
      await machine.sends(t0 + i * 30_000, cpu(0.1), t0 + i * 30_000);
      await evictDurableObject(onlyShard());
    }
    expect(await machine.incidents()).toMatchObject([{ state: "resolved" }]);
  });

  it("fires what rises too fast", async () => {
    const RISES: Condition = {
      kind: "change",
      metric: "memory_used_ratio",
      direction: "rises",
      overMs: 4 * MINUTE,
      warning: 0.2,
      critical: null,
      recovery: null,
    };
    const machine = await WatchedInstance.of(owner);
    await newRule(RISES, { subjects: [machine.id] });
    const t0 = Date.now() - 4 * MINUTE;
    for (let i = 0; i <= 10; i++) {
      await machine.posts(t0 + i * 30_000, { memory_used_ratio: 0.3 + i * 0.06 }, t0 + i * 30_000);
      await onlyShard().flush();
      await evictDurableObject(onlyShard());
    }
    await expect.poll(() => machine.incidents()).toMatchObject([{ state: "open" }]);
  });

  it("knows what came and went three times", async () => {
    const machine = await WatchedInstance.of(owner);
    await newRule(CPU, { subjects: [machine.id] });
    const t0 = Date.now() - 4 * MINUTE;
    for (let i = 0; i < 8; i++) {
      const at = t0 + i * 30_000;
      await machine.sends(at, cpu(i % 2 ? 0.1 : 0.95), at);
      await evictDurableObject(onlyShard());
    }
    expect(await machine.incidents()).toMatchObject([{ state: "open" }]);
  });

  it("holds rules for an instance's tag against its checks: they resolve", async () => {
    const machine = await WatchedInstance.of(owner);
    const now = Date.now();
    await machine.sends(now, cpu(0.1));
    await db
      .update(instance)
      .set({ tags: ["prod-x"] })
      .where(eq(instance.id, machine.id));
    await onlyShard().flush();
    await evictDurableObject(onlyShard());
    await newRule(CHECK_DOWN, { subjects: [], scope: { tags: ["prod-x"], providers: [], regions: [], subjects: [] } });
    const id = "check:review-1";
    const round = (at: number, verdict: string) =>
      onlyShard().record([
        {
          subject: id,
          at,
          metrics: { check_up: verdict === "up" ? 1 : 0 },
          about: {
            name: "web",
            instanceId: machine.id,
            tags: [],
            kind: "http",
            everyMs: 60_000,
            judgement: judgement(verdict, at),
          },
        },
      ] as never);
    await round(now, "down");
    expect((await ofSubject(id)).map(({ state }) => state)).toEqual(["open"]);
    await evictDurableObject(onlyShard());
    await round(now + MINUTE, "up");
    await round(now + 2 * MINUTE, "down");
    await round(now + 3 * MINUTE, "up");
    expect((await ofSubject(id)).map(({ state }) => state)).toEqual(["resolved"]);
  });

  it("holds rules for an instance's tag against its checks: they fire", async () => {
    const machine = await WatchedInstance.of(owner);
    const now = Date.now();
    await machine.sends(now, cpu(0.1));
    await db
      .update(instance)
      .set({ tags: ["prod-y"] })
      .where(eq(instance.id, machine.id));
    await newRule(CHECK_DOWN, { subjects: [], scope: { tags: ["prod-y"], providers: [], regions: [], subjects: [] } });
    await onlyShard().flush();
    await evictDurableObject(onlyShard());
    const id = "check:review-2";
    const round = (at: number, verdict: string) =>
      onlyShard().record([
        {
          subject: id,
          at,
          metrics: { check_up: 0 },
          about: {
            name: "web",
            instanceId: machine.id,
            tags: [],
            kind: "http",
            everyMs: 60_000,
            judgement: judgement(verdict, at),
          },
        },
      ] as never);
    await round(now, "down");
    expect((await ofSubject(id)).map(({ state }) => state)).toEqual(["open"]);
  });

  it("leaves such an incident open", async () => {
    const machine = await WatchedInstance.of(owner);
    const now = Date.now();
    await machine.sends(now, cpu(0.1));
    await db
      .update(instance)
      .set({ tags: ["prod-r"] })
      .where(eq(instance.id, machine.id));
    await onlyShard().flush();
    await evictDurableObject(onlyShard());
    await newRule(CHECK_DOWN, { subjects: [], scope: { tags: ["prod-r"], providers: [], regions: [], subjects: [] } });
    const id = await newCheck("web-r", machine.id, []);
    const round = (at: number) =>
      onlyShard().record([
        {
          subject: id,
          at,
          metrics: { check_up: 0 },
          about: {
            name: "web",
            instanceId: machine.id,
            tags: [],
            kind: "http",
            everyMs: 60_000,
            judgement: judgement("down", at),
          },
        },
      ] as never);
    await round(now);
    expect((await ofSubject(id)).map(({ state }) => state)).toEqual(["open"]);
    await evictDurableObject(onlyShard());
    await round(now + MINUTE);
    await onlyShard().sweep(now + MINUTE);
    expect((await ofSubject(id)).map(({ state, reason }) => `${state} ${reason}`)).toEqual(["open r down"]);
  });

  it("knows a check's own tags, for its silences", async () => {
    const machine = await WatchedInstance.of(owner);
    const now = Date.now();
    await machine.sends(now, cpu(0.1));
    await onlyShard().flush();
    const id = await newCheck("web-z", machine.id, ["own-z"]);
    await newRule(CHECK_DOWN, { subjects: [id] });
    await insertSilence(db, {
      id: "s-z",
      reason: "x",
      scope: { tags: ["own-z"], providers: [], regions: [], subjects: [] },
      when: { kind: "once", from: now - MINUTE, to: now + 60 * MINUTE },
      ruleIds: [],
      createdBy: "Ada",
      createdAt: now,
      endedAt: null,
    });
    await onlyShard().rulesChanged();
    await onlyShard().record([
      {
        subject: id,
        at: now,
        metrics: { check_up: 0 },
        about: {
          name: "web",
          instanceId: machine.id,
          tags: ["own-z"],
          kind: "http",
          everyMs: 60_000,
          judgement: judgement("down", now),
        },
      },
    ] as never);
    expect(await ofSubject(id)).toMatchObject([{ isSilenced: true, state: "open" }]);
    await evictDurableObject(onlyShard());
    await onlyShard().sweep(now + MINUTE);
    expect(await ofSubject(id)).toMatchObject([{ isSilenced: true, state: "open" }]);
  });
});

describe("a clock that was set back", () => {
  it("does not blind the rules", async () => {
    const id = "clock-machine";
    const { secret } = await owner.newToken(id);
    await newRule(CPU, { subjects: [id] });
    const now = Date.now();
    const HOUR = 3_600_000;
    const send = async (stream: string, seq: number, at: number, value: number, sentAt: number) =>
      expect(
        (
          await post(
            secret,
            envelope({ id, stream, samples: [{ seq, at, metrics: cpu(value) }], intervalMs: 30_000, sentAt }),
          )
        ).status,
      ).toBe(200);
    await send("stream-ahead", 1, now + HOUR - 60_000, 0.95, now + HOUR - 60_000);
    await send("stream-right", 1, now - 30_000, 0.1, now - 30_000);
    await send("stream-right", 2, now, 0.1, now);
    await onlyShard().rulesChanged();
    expect((await ofSubject(id)).map(({ state }) => state)).toEqual(["resolved"]);
  });
});
