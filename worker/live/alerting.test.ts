import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import type { Condition } from "../../contract/rules.ts";
import { rule } from "../alerts/table.ts";
import { insertSilence } from "../alerts/silence-store.ts";
import { database } from "../db/client.ts";
import { onlyShard } from "../testing/agent-socket.ts";
import { eventsOf, newRule, WatchedInstance, withoutDefaultRules } from "../testing/alerts.ts";
import { Owner } from "../testing/people.ts";
import { Viewer } from "../testing/viewer.ts";

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
beforeAll(async () => {
  owner = await Owner.signedIn();
  await withoutDefaultRules();
});

/** A machine with one rule on its CPU. */
async function watched(more: Partial<typeof rule.$inferSelect> = {}) {
  const machine = await WatchedInstance.of(owner);
  const made = await newRule(CPU, { subjects: [machine.id], ...more });
  return { machine, rule: made, now: Date.now() };
}

describe("a sample over the threshold", () => {
  it("opens one incident, with its value, and a sample that is well again resolves it", async () => {
    const { machine, rule: made, now } = await watched();
    await machine.sends(now - 60_000, cpu(0.75));
    const [open, ...more] = await machine.incidents();
    expect(more).toEqual([]);
    expect(open).toMatchObject({ state: "open", severity: "warning", title: `${made.name}: ${machine.id}` });
    expect(open!.reason).toBe("CPU busy 75 % (warning above 70 %)");
    await machine.sends(now - 30_000, cpu(0.65));
    expect(await machine.incidents()).toMatchObject([{ state: "open" }]);
    await machine.sends(now, cpu(0.5));
    expect(await machine.incidents()).toMatchObject([{ id: open!.id, state: "resolved", openMembers: 0 }]);
    expect((await eventsOf(open!.id)).map(({ kind }) => kind)).toEqual(["opened", "resolved"]);
  });

  it("becomes critical in the same incident", async () => {
    const { machine, now } = await watched();
    await machine.sends(now - 60_000, cpu(0.75));
    await machine.sends(now - 30_000, cpu(0.95));
    const [only, ...more] = await machine.incidents();
    expect(more).toEqual([]);
    expect(only).toMatchObject({ severity: "critical", state: "open" });
    expect((await eventsOf(only!.id)).map(({ kind }) => kind)).toEqual(["opened", "worsened"]);
  });

  it("that does not last fires nothing", async () => {
    const { machine, now } = await watched({ holdMs: 2 * MINUTE });
    await machine.sends(now - 120_000, cpu(0.99));
    await machine.sends(now - 90_000, cpu(0.99));
    await machine.sends(now - 60_000, cpu(0.2));
    await machine.sends(now - 30_000, cpu(0.99));
    await machine.sends(now, cpu(0.99));
    expect(await machine.incidents()).toEqual([]);
  });

  it("that is sent again changes nothing", async () => {
    const { machine, now } = await watched();
    await machine.sends(now - 60_000, cpu(0.95));
    await machine.sendsAgain(now - 60_000, cpu(0.95));
    await machine.sends(now - 30_000, cpu(0.2));
    await machine.sendsAgain(now - 30_000, cpu(0.2));
    const [only, ...more] = await machine.incidents();
    expect(more).toEqual([]);
    expect(await eventsOf(only!.id)).toHaveLength(2);
  });

  it("of an hour ago, handed in late, fires nothing", async () => {
    const { machine, now } = await watched();
    for (const ago of [60, 45, 30]) await machine.sends(now - ago * MINUTE, cpu(0.99));
    expect(await machine.incidents()).toEqual([]);
    await machine.sends(now, cpu(0.2));
    expect(await machine.incidents()).toEqual([]);
  });

  it("of a machine whose clock is an hour behind fires like any other", async () => {
    const { machine, now } = await watched({ holdMs: MINUTE });
    const HOUR = 3_600_000;
    await machine.sends(now - HOUR - MINUTE, cpu(0.95), now - HOUR);
    await machine.sends(now - HOUR, cpu(0.95), now - HOUR);
    expect(await machine.incidents()).toMatchObject([{ state: "open", severity: "critical" }]);
  });

  it("is shown to whoever looks, at once", async () => {
    const { machine, now } = await watched();
    const viewer = await Viewer.of(owner);
    await viewer.next("snapshot");
    await machine.sends(now, cpu(0.95));
    const { incident } = await viewer.next("incident", (message) => message.incident.subject === machine.id);
    expect(incident).toMatchObject({ state: "open", severity: "critical" });
    expect(incident).not.toHaveProperty("lastEvent");
    viewer.socket.close();
  });
});

describe("a shard that loses its memory", () => {
  const forgets = () => evictDurableObject(onlyShard());

  it("knows since when something is pending", async () => {
    const { machine, now } = await watched({ holdMs: 2 * MINUTE });
    await machine.sends(now - 120_000, cpu(0.95));
    await forgets();
    await machine.sends(now - 60_000, cpu(0.95));
    await forgets();
    await machine.sends(now, cpu(0.95));
    expect(await machine.incidents()).toMatchObject([{ state: "open", severity: "critical" }]);
  });

  it("opens nothing twice, and resolves what it opened before", async () => {
    const { machine, now } = await watched();
    await machine.sends(now - 90_000, cpu(0.95));
    await forgets();
    await machine.sends(now - 60_000, cpu(0.96));
    expect(await machine.incidents()).toHaveLength(1);
    await forgets();
    await machine.sends(now - 30_000, cpu(0.1));
    const [only] = await machine.incidents();
    expect(only).toMatchObject({ state: "resolved" });
    await forgets();
    await machine.sends(Date.now(), cpu(0.95));
    expect(await machine.incidents()).toMatchObject([{ id: only!.id, state: "open", reopened: 1 }]);
  });

  it("begins nothing anew by samples that are sent again", async () => {
    const { machine, now } = await watched();
    await machine.sends(now - 90_000, cpu(0.95));
    await machine.sends(now - 60_000, cpu(0.1));
    const [only] = await machine.incidents();
    expect(only).toMatchObject({ state: "resolved" });
    await forgets();
    await machine.sendsAgain(now - 90_000, cpu(0.95));
    await machine.sends(now - 60_000, cpu(0.1));
    expect(await eventsOf(only!.id)).toHaveLength(2);
    expect(await machine.incidents()).toMatchObject([{ id: only!.id, state: "resolved" }]);
  });

  it("resolves what was open when it forgot also where the machine's clock is an hour behind", async () => {
    const { machine, now } = await watched();
    const behind = now - 60 * MINUTE;
    await machine.sends(behind - MINUTE, cpu(0.95), behind);
    // As where it ended before it had written down where its rules stood.
    await runInDurableObject(onlyShard(), (_shard, { storage }) => storage.delete(`standing ${machine.id}`));
    await forgets();
    await machine.sends(behind + MINUTE, cpu(0.1), behind + MINUTE);
    expect(await machine.incidents()).toMatchObject([{ state: "resolved" }]);
  });

  it("knows since when something is well again", async () => {
    const { machine, now } = await watched({ keepFiringMs: MINUTE });
    await machine.sends(now - 120_000, cpu(0.95));
    await machine.sends(now - 90_000, cpu(0.1));
    await forgets();
    await machine.sends(now - 60_000, cpu(0.1));
    expect(await machine.incidents()).toMatchObject([{ state: "open" }]);
    await machine.sends(now - 30_000, cpu(0.1));
    expect(await machine.incidents()).toMatchObject([{ state: "resolved" }]);
  });
});

describe("an agent that falls silent", () => {
  const SILENT: Condition = { kind: "silence", warning: 3 * MINUTE, critical: 10 * MINUTE, recovery: null };

  it("is an incident after two looks, and critical after as many more", async () => {
    const machine = await WatchedInstance.of(owner);
    await newRule(SILENT, { subjects: [machine.id] });
    const now = Date.now();
    await machine.sends(now, cpu(0.1));
    await onlyShard().sweep(now + 2 * MINUTE);
    await onlyShard().sweep(now + 2 * MINUTE + 20_000);
    expect(await machine.incidents()).toEqual([]);
    await onlyShard().sweep(now + 3 * MINUTE + 10_000);
    const [open] = await machine.incidents();
    expect(open).toMatchObject({ title: `The agent of ${machine.id} is silent`, severity: "warning" });
    expect(open!.reason).toBe("nothing heard for 3 min");
    await onlyShard().sweep(now + 10 * MINUTE);
    await onlyShard().sweep(now + 11 * MINUTE);
    expect(await machine.incidents()).toMatchObject([{ severity: "critical" }]);
  });

  it("is over when it is heard again", async () => {
    const machine = await WatchedInstance.of(owner);
    await newRule(SILENT, { subjects: [machine.id] });
    const now = Date.now();
    await machine.posts(now - 4 * MINUTE, cpu(0.1));
    // Who hands in what is old has spoken; a shard that begins anew knows nothing of that.
    await onlyShard().flush();
    await evictDurableObject(onlyShard());
    await onlyShard().sweep(now - 90_000);
    await onlyShard().sweep(now - 40_000);
    expect(await machine.incidents()).toMatchObject([{ state: "open" }]);
    await machine.sends(now, cpu(0.1));
    expect(await machine.incidents()).toMatchObject([{ state: "resolved", reason: "heard again" }]);
  });
});

describe("a verdict of the sentinel", () => {
  it("opens and resolves, with the sentinel's own words", async () => {
    const machine = await WatchedInstance.of(owner);
    const now = Date.now();
    await machine.sends(now, cpu(0.1));
    await newRule(
      { kind: "verdict", of: "instance", checkKinds: [], degraded: null, down: "critical" },
      { subjects: [machine.id] },
    );
    const judged = (verdict: "up" | "down", reason: string) =>
      onlyShard().instancesFound([
        { id: machine.id, judgement: { verdict, reason, since: now, at: now, witnesses: [] } } as never,
      ]);
    await judged("down", "Neither its checks nor its agent answer.");
    expect(await machine.incidents()).toMatchObject([
      { title: `${machine.id} is down`, severity: "critical", reason: "Neither its checks nor its agent answer." },
    ]);
    await judged("up", "All of its checks answer.");
    expect(await machine.incidents()).toMatchObject([{ state: "resolved", reason: "All of its checks answer." }]);
  });
});

describe("what nobody watches for any more", () => {
  it("is over when its rule is turned off", async () => {
    const { machine, rule: made, now } = await watched();
    await machine.sends(now, cpu(0.95));
    await database(env.DB).update(rule).set({ isEnabled: false }).where(eq(rule.id, made.id));
    await onlyShard().rulesChanged();
    expect(await machine.incidents()).toMatchObject([{ state: "resolved", reason: "nobody watches for it any more" }]);
  });

  it("is over when its instance is removed", async () => {
    const { machine, now } = await watched();
    await machine.sends(now, cpu(0.95));
    await owner.json(`/api/instances/${machine.id}`, { method: "DELETE" }, 204);
    await onlyShard().rulesChanged();
    expect(await machine.incidents()).toMatchObject([{ state: "resolved", reason: "it was removed" }]);
  });

  it("is measured anew when the threshold is another", async () => {
    const { machine, rule: made, now } = await watched();
    await machine.sends(now - 30_000, cpu(0.75));
    await database(env.DB)
      .update(rule)
      .set({ condition: { ...CPU, warning: 0.8, recovery: null } })
      .where(eq(rule.id, made.id));
    await onlyShard().rulesChanged();
    await machine.sends(now, cpu(0.76));
    expect(await machine.incidents()).toMatchObject([{ state: "resolved" }]);
  });
});

describe("a silence", () => {
  it("keeps what begins under it, and lets it be told when the silence is over", async () => {
    const { machine, now } = await watched();
    const scope = { tags: [], providers: [], regions: [], subjects: [machine.id] };
    const when = { kind: "once" as const, from: now - MINUTE, to: now + 10 * MINUTE };
    const rest = { reason: "new kernel", ruleIds: [], createdBy: "Ada", createdAt: now, endedAt: null };
    await insertSilence(database(env.DB), { id: `silence of ${machine.id}`, scope, when, ...rest });
    await onlyShard().rulesChanged();
    await machine.sends(now, cpu(0.95));
    const [open] = await machine.incidents();
    expect(open).toMatchObject({ state: "open", isSilenced: true });
    await onlyShard().sweep(now + 11 * MINUTE);
    expect(await machine.incidents()).toMatchObject([{ isSilenced: false }]);
    expect((await eventsOf(open!.id)).map(({ kind }) => kind)).toEqual(["opened", "spoken"]);
  });
});

describe("a person", () => {
  it("acknowledges, and resolves; what is still so comes back in the same incident", async () => {
    const { machine, now } = await watched();
    await machine.sends(now - 60_000, cpu(0.95));
    const [{ id } = { id: "" }] = await machine.incidents();
    const act = (action: "acknowledge" | "resolve") =>
      onlyShard().actOnIncidents({ ids: [id, "unknown"], action, note: null, actor: "Ada" });
    expect(await act("acknowledge")).toEqual([id]);
    expect(await machine.incidents()).toMatchObject([{ state: "acknowledged", acknowledgedBy: "Ada" }]);
    expect(await act("resolve")).toEqual([id]);
    expect(await machine.incidents()).toMatchObject([{ state: "resolved", reason: "resolved by Ada" }]);
    await machine.sends(now, cpu(0.95));
    expect(await machine.incidents()).toMatchObject([{ id, state: "open", reopened: 1 }]);
    expect((await eventsOf(id)).map(({ kind }) => kind)).toEqual(["opened", "acknowledged", "resolved", "reopened"]);
  });

  it("sees where every rule stands", async () => {
    const { machine, rule: made, now } = await watched({ holdMs: MINUTE });
    await machine.sends(now, cpu(0.95));
    expect(await onlyShard().ruleStates(machine.id)).toMatchObject([
      { ruleId: made.id, phase: "pending", severity: "critical", value: 0.95 },
    ]);
  });
});

describe("a database that refuses", () => {
  it("gets what it missed when it is back, once and in order", async () => {
    const { machine, now } = await watched();
    await env.DB.prepare("ALTER TABLE incident_event RENAME TO elsewhere").run();
    await machine.sends(now - 30_000, cpu(0.75)).catch(() => {});
    await env.DB.prepare("ALTER TABLE elsewhere RENAME TO incident_event").run();
    expect(await machine.incidents()).toEqual([]);
    await machine.sends(now, cpu(0.95));
    await onlyShard().sweep(now + 20_000);
    const [only, ...more] = await machine.incidents();
    expect(more).toEqual([]);
    expect(only).toMatchObject({ severity: "critical" });
    expect((await eventsOf(only!.id)).map(({ kind }) => kind)).toEqual(["opened", "worsened"]);
  });
});

describe("a fleet that cannot be read", () => {
  it("has what was decided meanwhile decided later, in order", async () => {
    const { machine, now } = await watched();
    await machine.sends(now - 90_000, cpu(0.1));
    await evictDurableObject(onlyShard());
    await env.DB.prepare("ALTER TABLE block RENAME TO elsewhere").run();
    await machine.posts(now - 60_000, cpu(0.95)).catch(() => {});
    await machine.posts(now - 30_000, cpu(0.1)).catch(() => {});
    await env.DB.prepare("ALTER TABLE elsewhere RENAME TO block").run();
    await machine.sends(now, cpu(0.96));
    const [only, ...more] = await machine.incidents();
    expect(more).toEqual([]);
    expect(only).toMatchObject({ state: "open", severity: "critical" });
    expect((await eventsOf(only!.id)).map(({ kind }) => kind)).toEqual(["opened", "resolved", "reopened"]);
  });
});

describe("a forecast", () => {
  it("fires when it will be full too soon, and is over when it no longer fills", async () => {
    const machine = await WatchedInstance.of(owner);
    const now = Date.now();
    await machine.sends(now, cpu(0.1));
    const DAY = 86_400_000;
    await newRule(
      { kind: "forecast", metric: "filesystem_used_ratio", warning: 3 * DAY, critical: DAY, recovery: 4 * DAY },
      { subjects: [machine.id] },
    );
    let hours = 0;
    const foretold = (inMs: number | null) =>
      onlyShard().forecast(
        [{ subject: machine.id, metric: "filesystem_used_ratio", inMs }],
        now + 2 * ++hours * 3_600_000,
      );
    await foretold(10 * DAY);
    expect(await machine.incidents()).toEqual([]);
    await foretold(2 * DAY);
    expect(await machine.incidents()).toMatchObject([
      { severity: "warning", reason: "Filesystem used: full in about 2 days" },
    ]);
    await foretold(null);
    expect(await machine.incidents()).toMatchObject([{ state: "resolved" }]);
  });
});
