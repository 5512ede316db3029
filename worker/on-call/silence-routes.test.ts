import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { env } from "cloudflare:workers";
import type { ErrorReply } from "../../contract/ingest.ts";
import type { Silence } from "../../contract/silences.ts";
import { deleteOldSilences } from "../alerts/silence-store.ts";
import { db, knowInstance } from "../testing/history.ts";
import { newRule, WatchedInstance, withoutDefaultRules } from "../testing/alerts.ts";
import { Owner, type Browser } from "../testing/people.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let owner: Owner;
let operator: Browser;

beforeAll(async () => {
  owner = await Owner.signedIn();
  operator = await owner.joined("operator");
  await withoutDefaultRules();
});
beforeEach(async () => void (await env.DB.prepare("DELETE FROM silence").run()));

const once = (from: number, to: number) => ({ kind: "once", from: Date.now() + from, to: Date.now() + to });
const silence = (given: Record<string, unknown>, by: Browser = operator) =>
  by.fetch("/api/silences", {
    method: "POST",
    body: { reason: "Maintenance", scope: {}, when: once(-MINUTE, HOUR), ...given },
  });
const make = async (given: Record<string, unknown>) => (await silence(given)).json<Silence>();
const list = async () => (await owner.json<{ silences: Silence[] }>("/api/silences")).silences;

describe("silences", () => {
  it("hold when they are answered; when one is ended, what is still wrong is no longer silenced", async () => {
    const watched = await WatchedInstance.of(owner);
    const now = Date.now();
    await watched.sends(now - 2 * MINUTE, { load_1m: 1 });
    await newRule(
      { kind: "metric", metric: "load_1m", direction: "above", warning: 4, critical: null, recovery: null },
      { subjects: [watched.id] },
    );
    const made = await make({ scope: { subjects: [watched.id] } });
    expect(made).toMatchObject({ createdBy: "the operator", isActive: true, endedAt: null });
    await watched.sends(now - MINUTE, { load_1m: 9 });
    expect(await watched.incidents()).toMatchObject([{ isSilenced: true }]);
    await operator.json(`/api/silences/${made.id}`, { method: "DELETE" }, 204);
    expect(await watched.incidents()).toMatchObject([{ isSilenced: false }]);
    expect((await operator.fetch(`/api/silences/${made.id}`, { method: "DELETE" })).status).toBe(404);
    expect((await list())[0]).toMatchObject({ isActive: false, nextChangeAt: null });
  });

  it("are listed by what is in force, then what is to come, then what is over", async () => {
    const over = await make({ reason: "over" });
    await operator.json(`/api/silences/${over.id}`, { method: "DELETE" }, 204);
    await make({ reason: "later", when: once(2 * HOUR, 3 * HOUR) });
    await make({ reason: "soon", when: once(HOUR, 3 * HOUR) });
    await make({ reason: "now" });
    expect((await list()).map(({ reason }) => reason)).toEqual(["now", "soon", "later", "over"]);
  });

  it.each([
    [{ when: once(-HOUR, -MINUTE) }, "when.to", "is over already"],
    [{ when: once(HOUR, MINUTE) }, "when.to", "after its beginning"],
    [{ ruleIds: ["no-such-rule"] }, "ruleIds", "names a rule that is not there: no-such-rule"],
    [
      { when: { kind: "weekly", days: [1], from: "22:00", to: "06:00", timeZone: "Moon/Base" } },
      "when.timeZone",
      "no time zone",
    ],
  ])("are refused for %j, and what is wrong is said", async (given, field, words) => {
    const reply = await silence(given);
    expect(reply.status).toBe(400);
    const refused = await reply.json<ErrorReply>();
    expect(refused).toMatchObject({ code: "invalid_field", field });
    expect(refused.message).toContain(words);
  });

  it("stay within what an operator who is limited to tags may see", async () => {
    await knowInstance("theirs", ["team-a"]);
    await knowInstance("others", ["team-b"]);
    const limited = await owner.joined("operator", { tags: ["team-a"] });
    for (const scope of [{}, { tags: ["team-b"] }, { tags: ["team-a", "team-b"] }, { subjects: ["theirs", "others"] }])
      expect((await silence({ scope }, limited)).status, JSON.stringify(scope)).toBe(400);
    for (const scope of [{ tags: ["team-a"] }, { subjects: ["theirs"] }])
      expect((await silence({ scope }, limited)).status, JSON.stringify(scope)).toBe(201);
    const whole = await make({});
    expect((await limited.fetch(`/api/silences/${whole.id}`, { method: "DELETE" })).status).toBe(403);
    expect((await operator.fetch(`/api/silences/${whole.id}`, { method: "DELETE" })).status).toBe(204);
  });

  it("are listed to who is limited to tags where they are about something of theirs, without the ids of others", async () => {
    await knowInstance("theirs", ["team-a"]);
    await knowInstance("others", ["team-b"]);
    const limited = await owner.joined("viewer", { tags: ["team-a"] });
    await make({ reason: "all" });
    await make({ reason: "mixed", scope: { subjects: ["theirs", "others"] } });
    await make({ reason: "their tag", scope: { tags: ["team-a"] } });
    await make({ reason: "hidden tag", scope: { tags: ["team-b"] } });
    await make({ reason: "hidden", scope: { subjects: ["others"] } });
    await make({ reason: "hidden of their tag", scope: { tags: ["team-a"], subjects: ["others"] } });
    await make({ reason: "gone", scope: { subjects: ["was-others"] } });
    const { silences } = await limited.json<{ silences: Silence[] }>("/api/silences");
    const seen = silences.map(({ reason, scope }) => [reason, scope.subjects] as const);
    expect(Object.fromEntries(seen)).toEqual({ all: [], mixed: ["theirs"], "their tag": [] });
    expect(await list()).toHaveLength(7);
  });

  it("are ended by who made them, though the instance they were for was removed meanwhile", async () => {
    await knowInstance("short-lived", ["team-a"]);
    const limited = await owner.joined("operator", { tags: ["team-a"] });
    const { name } = (await limited.json<{ person: { name: string } }>("/api/session")).person;
    const { id } = await (await silence({ scope: { subjects: ["short-lived"] } }, limited)).json<Silence>();
    await env.DB.prepare("DELETE FROM instance WHERE id = 'short-lived'").run();
    const { silences } = await limited.json<{ silences: Silence[] }>("/api/silences");
    expect(silences).toMatchObject([{ id, createdBy: name, scope: { subjects: ["short-lived"] } }]);
    expect((await limited.fetch(`/api/silences/${id}`, { method: "DELETE" })).status).toBe(204);
    const others = await make({ scope: { subjects: ["short-lived"] } });
    await env.DB.prepare("UPDATE silence SET created_by = 'somebody' WHERE id = ?1").bind(others.id).run();
    expect((await limited.fetch(`/api/silences/${others.id}`, { method: "DELETE" })).status).toBe(403);
  });

  it("are made by an operator, and that is in the log", async () => {
    const viewer = await owner.joined("viewer");
    expect((await silence({}, viewer)).status).toBe(403);
    expect((await viewer.fetch("/api/silences")).status).toBe(200);
    await make({ reason: "In the log", scope: { tags: ["web"] } });
    const { entries } = await owner.json<{ entries: { subject: string; after: string }[] }>(
      "/api/audit?action=silence.made",
    );
    expect(entries[0]).toMatchObject({ subject: "In the log", after: expect.stringContaining("web") });
  });

  it("that have long been over are deleted, so many at a time; what holds or recurs stays", async () => {
    const put = (id: string, when: unknown, endedAt: number | null) =>
      env.DB.prepare(
        `INSERT INTO silence (id, reason, scope, rule_ids, "when", created_by, created_at, ended_at)
         VALUES (?1, ?1, '{}', '[]', ?2, 'somebody', 0, ?3)`,
      )
        .bind(id, JSON.stringify(when), endedAt)
        .run();
    const weekly = { kind: "weekly", days: [1], from: "01:00", to: "02:00", timeZone: "UTC" };
    await put("past", { kind: "once", from: 0, to: 100 }, null);
    await put("ended", { kind: "once", from: 0, to: 9_000 }, 50);
    await put("lasts", { kind: "once", from: 0, to: 9_000 }, null);
    await put("weekly", { ...weekly, until: null }, null);
    await put("no longer weekly", { ...weekly, until: 100 }, null);
    expect(await deleteOldSilences(db, 1_000, 2)).toBe(2);
    expect(await deleteOldSilences(db, 1_000, 2)).toBe(1);
    const { results } = await env.DB.prepare("SELECT id FROM silence ORDER BY id").all();
    expect(results).toEqual([{ id: "lasts" }, { id: "weekly" }]);
  });
});
