import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { eq } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Condition } from "../../contract/rules.ts";
import { rule } from "../alerts/table.ts";
import { database } from "../db/client.ts";
import { onlyShard } from "../testing/agent-socket.ts";
import { eventsOf, newRule, WatchedInstance, withoutDefaultRules } from "../testing/alerts.ts";
import { Owner } from "../testing/people.ts";

const MINUTE = 60_000;
const CPU: Condition = {
  kind: "metric",
  metric: "cpu_busy_ratio",
  direction: "above",
  warning: 0.7,
  critical: 0.9,
  recovery: 0.6,
};
const SILENT: Condition = { kind: "silence", warning: 3 * MINUTE, critical: null, recovery: null };
const DOWN: Condition = { kind: "verdict", of: "instance", checkKinds: [], degraded: null, down: "critical" };
const cpu = (value: number) => ({ cpu_busy_ratio: value });

let owner: Owner;
beforeAll(async () => {
  owner = await Owner.signedIn();
  await withoutDefaultRules();
});

const judgement = (verdict: string, now: number) =>
  ({ verdict, reason: `r ${verdict}`, since: now, at: now, witnesses: [] }) as never;

describe("a machine that its provider no longer lists", () => {
  it("opens nothing by its silence, again and again", async () => {
    const machine = await WatchedInstance.of(owner);
    await newRule(SILENT, { subjects: [machine.id] });
    const now = Date.now();
    await machine.sends(now, cpu(0.1));
    await onlyShard().instancesFound([
      {
        id: machine.id,
        cloud: {
          accountId: "a",
          kind: "vultr",
          status: "running",
          statusText: "x",
          impaired: null,
          region: "ewr",
          goneAt: now,
        },
      } as never,
    ]);
    for (let i = 5; i <= 40; i++) await onlyShard().sweep(now + i * MINUTE);
    const all = await machine.incidents();
    const kinds = (await Promise.all(all.map(({ id }) => eventsOf(id)))).flat().map(({ kind }) => kind);
    expect(kinds).toEqual([]);
  });

  it("sets no alarm for the next second", async () => {
    const machine = await WatchedInstance.of(owner);
    await newRule(SILENT, { subjects: [machine.id] });
    const now = Date.now();
    await machine.sends(now, cpu(0.1));
    await onlyShard().instancesFound([
      {
        id: machine.id,
        cloud: {
          accountId: "a",
          kind: "vultr",
          status: "running",
          statusText: "x",
          impaired: null,
          region: "ewr",
          goneAt: now,
        },
      } as never,
    ]);
    let at = now + 5 * MINUTE;
    const alarms: number[] = [];
    const kinds: string[] = [];
    for (let i = 0; i < 12; i++) {
      await runInDurableObject(onlyShard(), (_s, { storage }) => storage.deleteAlarm());
      await onlyShard().sweep(at);
      const set = await runInDurableObject(onlyShard(), (_s, { storage }) => storage.getAlarm());
      if (set === null) {
        alarms.push(-1);
        break;
      }
      alarms.push(Math.round((set - at) / 1000));
      at = Math.max(set, at + 1000);
    }
    const all = await machine.incidents();
    for (const { id } of all) kinds.push(...(await eventsOf(id)).map((e) => e.kind));
    expect(alarms.every((one) => one === -1 || one > 100)).toBe(true);
  });

  it("is watched as long as its agent speaks", async () => {
    const machine = await WatchedInstance.of(owner);
    await newRule(CPU, { subjects: [machine.id] });
    const now = Date.now();
    await machine.sends(now - 200_000, cpu(0.1));
    await onlyShard().instancesFound([
      {
        id: machine.id,
        cloud: {
          accountId: "a",
          kind: "vultr",
          status: "running",
          statusText: "x",
          impaired: null,
          region: "ewr",
          goneAt: now,
        },
      } as never,
    ]);
    for (let i = 5; i >= 0; i--) await machine.sends(now - i * 30_000, cpu(0.95));
    const [only] = await machine.incidents();
    expect((await eventsOf(only!.id)).length).toBe(1);
  });
});

describe("what nobody can tell any more", () => {
  it("is over when nobody is left who could judge", async () => {
    const machine = await WatchedInstance.of(owner);
    const now = Date.now();
    await machine.sends(now, cpu(0.1));
    await newRule(DOWN, { subjects: [machine.id] });
    await onlyShard().instancesFound([{ id: machine.id, judgement: judgement("down", now) }]);
    expect(await machine.incidents()).toMatchObject([{ state: "open" }]);
    await onlyShard().instancesFound([{ id: machine.id, judgement: null }]);
    await onlyShard().sweep(now + 30 * MINUTE);
    expect(await machine.incidents()).toMatchObject([{ state: "resolved" }]);
  });

  it("is over when the account was removed", async () => {
    const machine = await WatchedInstance.of(owner);
    const now = Date.now();
    await machine.sends(now, cpu(0.1));
    await newRule(
      { kind: "provider", statuses: ["stopped"], impaired: true, severity: "warning" },
      { subjects: [machine.id] },
    );
    await onlyShard().instancesFound([
      {
        id: machine.id,
        cloud: {
          accountId: "a",
          kind: "vultr",
          status: "stopped",
          statusText: "x",
          impaired: null,
          region: "ewr",
          goneAt: null,
        },
      } as never,
    ]);
    expect(await machine.incidents()).toMatchObject([{ state: "open" }]);
    await onlyShard().instancesFound([
      { id: machine.id, accountId: null, accountInstanceId: null, cloud: null, bandwidth: null },
    ]);
    await onlyShard().sweep(now + 30 * MINUTE);
    expect(await machine.incidents()).toMatchObject([{ state: "resolved" }]);
  });

  it("is over when its rule is about another metric", async () => {
    const machine = await WatchedInstance.of(owner);
    const made = await newRule(CPU, { subjects: [machine.id] });
    const now = Date.now();
    await machine.sends(now - 90_000, cpu(0.95));
    await database(env.DB)
      .update(rule)
      .set({ condition: { ...CPU, metric: "swap_used_ratio" } as Condition })
      .where(eq(rule.id, made.id));
    await onlyShard().rulesChanged();
    await machine.sends(now - 60_000, cpu(0.1));
    await machine.sends(now, cpu(0.1));
    await onlyShard().sweep(now + 60 * MINUTE);
    expect(await machine.incidents()).toMatchObject([{ state: "resolved" }]);
  });

  it("is not pending by another metric", async () => {
    const machine = await WatchedInstance.of(owner);
    const made = await newRule(CPU, { subjects: [machine.id], holdMs: 2 * MINUTE });
    const now = Date.now();
    const both = { cpu_busy_ratio: 0.95, memory_used_ratio: 0.1 };
    await machine.sends(now - 150_000, both);
    await machine.sends(now - 60_000, both);
    await database(env.DB)
      .update(rule)
      .set({ condition: { ...CPU, metric: "memory_used_ratio" } as Condition })
      .where(eq(rule.id, made.id));
    await onlyShard().rulesChanged();
    await machine.sends(now, { cpu_busy_ratio: 0.1, memory_used_ratio: 0.95 });
    expect(await machine.incidents()).toEqual([]);
  });
});

describe("a database that fails", () => {
  // Times of others are ahead of it, and so is what waits for them.
  beforeEach(() => evictDurableObject(onlyShard()));

  it("while rules are read: they hold when it is back", async () => {
    const machine = await WatchedInstance.of(owner);
    const now = Date.now();
    await machine.sends(now - 60_000, cpu(0.95));
    await env.DB.prepare("ALTER TABLE silence RENAME TO elsewhere").run();
    await newRule(CPU, { subjects: [machine.id] }).catch(() => {});
    await env.DB.prepare("ALTER TABLE elsewhere RENAME TO silence").run();
    for (let i = 1; i < 10; i++) await onlyShard().sweep(now + i * MINUTE);
    await machine.posts(now, cpu(0.95));
    await onlyShard().sweep(now + 11 * MINUTE);
    expect(await machine.incidents()).toMatchObject([{ state: "open" }]);
  });

  it("is asked less and less often", async () => {
    const machine = await WatchedInstance.of(owner);
    await newRule(CPU, { subjects: [machine.id] });
    await env.DB.prepare("ALTER TABLE incident_event RENAME TO elsewhere").run();
    const now = Date.now();
    await machine.posts(now, cpu(0.95));
    await onlyShard().rulesChanged();
    const waits: number[] = [];
    let at = now + 60_000;
    for (let i = 0; i < 8; i++) {
      await runInDurableObject(onlyShard(), (_s, { storage }) => storage.deleteAlarm());
      await onlyShard().sweep(at);
      const set = await runInDurableObject(onlyShard(), (_s, { storage }) => storage.getAlarm());
      waits.push(set === null ? -1 : Math.round((set - at) / 1000));
      at = (set ?? at) + 1;
    }
    await env.DB.prepare("ALTER TABLE elsewhere RENAME TO incident_event").run();
    expect(waits.at(-1)).toBeGreaterThan(100);
  });

  it("is no reason to say that something was done", async () => {
    const machine = await WatchedInstance.of(owner);
    await newRule(CPU, { subjects: [machine.id] });
    await machine.sends(Date.now(), cpu(0.95));
    const [open] = await machine.incidents();
    await env.DB.prepare("ALTER TABLE incident_event RENAME TO elsewhere").run();
    const done = await onlyShard()
      .actOnIncidents({ ids: [open!.id], action: "acknowledge", note: null, actor: "Ada" })
      .catch(() => "refused");
    await env.DB.prepare("ALTER TABLE elsewhere RENAME TO incident_event").run();
    expect(done).not.toEqual([open!.id]);
  });

  it("has a recovery written that met a write of which the answer was lost", async () => {
    const machine = await WatchedInstance.of(owner);
    await newRule(CPU, { subjects: [machine.id] });
    const now = Date.now();
    await machine.sends(now - 120_000, cpu(0.95), now - 120_000);
    const [open] = await machine.incidents();
    // The answer to a write was lost; it is there already.
    await env.DB.prepare(
      "INSERT INTO incident_event (incident_id, number, at, kind, severity, actor, words) VALUES (?1, 2, ?2, 'noted', 'critical', 'x', 'x')",
    )
      .bind(open!.id, now)
      .run();
    await env.DB.prepare("UPDATE incident SET last_event = 2 WHERE id = ?1").bind(open!.id).run();
    await machine.sends(now - 90_000, cpu(0.1), now - 90_000);
    await onlyShard().sweep(now + 20_000);
    for (const ago of [60, 50, 40, 30, 20, 10]) await machine.sends(now - ago * 1000, cpu(0.1), now - ago * 1000);
    await onlyShard().sweep(now + 60_000);
    expect(await machine.incidents()).toMatchObject([{ state: "resolved" }]);
  });

  it("loses no acknowledgement beside one that was overtaken", async () => {
    const machine = await WatchedInstance.of(owner);
    const other = await WatchedInstance.of(owner);
    await newRule(CPU, { subjects: [machine.id, other.id] });
    const now = Date.now();
    await machine.sends(now - 120_000, cpu(0.75), now - 120_000);
    await other.sends(now - 120_000, cpu(0.75), now - 120_000);
    const [open] = await machine.incidents();
    const [another] = await other.incidents();
    await env.DB.prepare(
      "INSERT INTO incident_event (incident_id, number, at, kind, severity, actor, words) VALUES (?1, 2, ?2, 'noted', 'critical', 'x', 'x')",
    )
      .bind(another!.id, now)
      .run();
    await env.DB.prepare("UPDATE incident SET last_event = 2 WHERE id = ?1").bind(another!.id).run();
    const action = { action: "acknowledge" as const, note: null, actor: "Ada" };
    await onlyShard()
      .actOnIncidents({ ids: [open!.id, another!.id], ...action })
      .catch(() => {});
    for (let i = 3; i >= 0; i--) {
      await machine.sends(now - i * 10_000, cpu(0.95), now - i * 10_000);
      await onlyShard().sweep(Date.now() + 10_000 * (5 - i));
    }
    expect(await machine.incidents()).toMatchObject([{ state: "acknowledged" }]);
  });
});

describe("a rate of change", () => {
  beforeEach(() => evictDurableObject(onlyShard()));

  it("is known though rules and silences are changed meanwhile", async () => {
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
    const now = Date.now();
    for (let i = 9; i >= 0; i--) await machine.sends(now - i * 30_000, { memory_used_ratio: 0.9 - i * 0.06 });
    expect(await machine.incidents()).toMatchObject([{ state: "open" }]);
  });
});
