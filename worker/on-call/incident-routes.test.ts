import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Incident, IncidentDetail, IncidentList } from "../../contract/incidents.ts";
import type { ErrorReply } from "../../contract/ingest.ts";
import type { Severity } from "../../contract/rules.ts";
import { newRule, WatchedInstance, withoutDefaultRules } from "../testing/alerts.ts";
import { knowInstance } from "../testing/history.ts";
import { Owner, type Browser } from "../testing/people.ts";

const MINUTE = 60_000;
let owner: Owner;
let operator: Browser;

beforeAll(async () => {
  owner = await Owner.signedIn();
  operator = await owner.joined("operator");
  await withoutDefaultRules();
});
beforeEach(async () => {
  await env.DB.batch(
    ["incident", "incident_member", "incident_event"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  );
});

const list = (query: Record<string, string> = {}, by: Browser = owner) =>
  by.json<IncidentList>(`/api/incidents?${new URLSearchParams(query)}`);
const detail = (id: string, by: Browser = owner) => by.json<IncidentDetail>(`/api/incidents/${id}`);
const act = (body: Record<string, unknown>, by: Browser = operator) =>
  by.fetch("/api/incident-actions", { method: "POST", body });

/** An incident as the shard would have written it, at any time of the past. */
async function put(
  id: string,
  {
    severity = "warning" as Severity,
    state = "open",
    openedAt = 1_000,
    resolvedAt = null as number | null,
    tags = [] as string[],
    members = [id],
    ruleId = "rule-1",
  } = {},
): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO incident (id, title, severity, state, rule_id, rule_name, kind, subject, instance_id, reason, opened_at, updated_at,
      resolved_at, members, open_members, reopened, is_silenced, tags, last_event)
     VALUES (?1, ?1 || ' is loaded', ?2, ?3, ?4, 'Load', 'metric', ?5, ?5, 'Load 9', ?6, ?6, ?7, ?8, ?8, 0, 0, ?9, 1)`,
  )
    .bind(id, severity, state, ruleId, members[0]!, openedAt, resolvedAt, members.length, JSON.stringify(tags))
    .run();
  for (const subject of members) {
    await env.DB.prepare(
      `INSERT INTO incident_member (incident_id, rule_id, rule_name, subject, instance_id, name, severity, opened_at, resolved_at, reason)
       VALUES (?1, ?2, 'Load', ?3, ?3, ?3, ?4, ?5, ?6, 'Load 9')`,
    )
      .bind(id, ruleId, subject, severity, openedAt, resolvedAt)
      .run();
  }
}
const ids = ({ incidents }: { incidents: Incident[] }) => incidents.map(({ id }) => id);

describe("incidents", () => {
  it("come from a sample that breaks a rule, with why, since when and what to draw", async () => {
    const watched = await WatchedInstance.of(owner);
    const now = Date.now();
    await watched.sends(now - 2 * MINUTE, { load_1m: 1 });
    const rule = await newRule(
      { kind: "metric", metric: "load_1m", direction: "above", warning: 4, critical: 8, recovery: null },
      { subjects: [watched.id], name: "Too much load" },
    );
    await watched.sends(now - MINUTE, { load_1m: 9 });
    const { incidents, counts, next } = await list();
    expect(counts).toEqual({ critical: 1, warning: 0, acknowledged: 0 });
    expect(next).toBeNull();
    expect(incidents).toMatchObject([{ ruleId: rule.id, severity: "critical", state: "open", subject: watched.id }]);
    const { incident, members, events, chart, explanation, notifications } = await detail(incidents[0]!.id);
    expect(incident).toEqual(incidents[0]);
    expect(members).toMatchObject([{ subject: watched.id, value: 9, threshold: 8, resolvedAt: null }]);
    expect(events).toMatchObject([{ number: 1, kind: "opened", actor: null }]);
    expect(chart).toEqual({ subject: watched.id, metric: "load_1m", warning: 4, critical: 8 });
    expect(explanation.lookAt.length).toBeGreaterThan(0);
    expect(notifications).toEqual([]);
  });

  it("are acknowledged, noted and resolved by an operator, each with its event and in the log", async () => {
    const watched = await WatchedInstance.of(owner);
    const now = Date.now();
    await watched.sends(now - 2 * MINUTE, { load_1m: 1 });
    await newRule(
      { kind: "metric", metric: "load_1m", direction: "above", warning: 4, critical: null, recovery: null },
      { subjects: [watched.id] },
    );
    await watched.sends(now - MINUTE, { load_1m: 9 });
    const id = (await watched.incidents())[0]!.id;
    const done = async (body: Record<string, unknown>) =>
      (await (await act({ ids: [id], ...body })).json<{ incidents: Incident[] }>()).incidents;
    expect(await done({ action: "acknowledge", note: "On it" })).toMatchObject([
      { id, state: "acknowledged", acknowledgedBy: "the operator" },
    ]);
    expect(await done({ action: "acknowledge" }), "is so already").toEqual([]);
    expect((await list()).counts).toEqual({ critical: 0, warning: 0, acknowledged: 1 });
    expect(await done({ action: "note", note: "A backup runs" })).toHaveLength(1);
    expect(await done({ action: "resolve" })).toMatchObject([{ state: "resolved", openMembers: 0 }]);
    const { events } = await detail(id);
    expect(events.map(({ kind, actor }) => [kind, actor])).toEqual([
      ["resolved", "the operator"],
      ["noted", "the operator"],
      ["acknowledged", "the operator"],
      ["opened", null],
    ]);
    const { entries } = await owner.json<{ entries: { after: string }[] }>("/api/audit?action=incidents.changed");
    expect(entries.map(({ after }) => after)).toEqual(["resolved", "noted: A backup runs", "acknowledged: On it"]);
  });

  it("cannot be acted on by a viewer, and a note needs words", async () => {
    await put("one");
    const viewer = await owner.joined("viewer");
    expect((await act({ ids: ["one"], action: "resolve" }, viewer)).status).toBe(403);
    const reply = await act({ ids: ["one"], action: "note", note: " " });
    expect(await reply.json<ErrorReply>()).toMatchObject({ code: "invalid_field", field: "note" });
    expect((await act({ ids: ["none"], action: "resolve" })).status).toBe(404);
  });
});

describe("the list of incidents", () => {
  it("has the open ones first, of them the critical first and then the newest; then the last resolved", async () => {
    await put("warning-old", { openedAt: 1 });
    await put("warning-new", { openedAt: 5 });
    await put("critical-old", { severity: "critical", openedAt: 2 });
    await put("critical-new", { severity: "critical", openedAt: 4, state: "acknowledged" });
    await put("over-first", { state: "resolved", resolvedAt: 10 });
    await put("over-last", { state: "resolved", resolvedAt: 20, severity: "critical" });
    const open = ["critical-new", "critical-old", "warning-new", "warning-old"];
    const over = ["over-last", "over-first"];
    expect(ids(await list())).toEqual(open);
    expect(ids(await list({ state: "resolved" }))).toEqual(over);
    expect(ids(await list({ state: "all" }))).toEqual([...open, ...over]);
    expect(ids(await list({ state: "all", severity: "critical" }))).toEqual([
      "critical-new",
      "critical-old",
      "over-last",
    ]);
    expect((await list()).counts).toEqual({ critical: 1, warning: 2, acknowledged: 1 });
  });

  it.each([1, 2, 3, 7])("comes in pages of %i, each incident on one of them", async (limit) => {
    for (let number = 0; number < 4; number++) {
      // Two of each moment: only their ids tell them apart.
      const openedAt = number >> 1;
      await put(`open-${number}`, { openedAt, severity: number % 3 === 0 ? "critical" : "warning" });
      await put(`over-${number}`, { state: "resolved", resolvedAt: openedAt });
    }
    const whole = ids(await list({ state: "all" }));
    const paged: string[] = [];
    let before: string | null = null;
    do {
      const page: IncidentList = await list({ state: "all", limit: String(limit), ...(before !== null && { before }) });
      paged.push(...ids(page));
      before = page.next;
      expect(paged.length, "pages end").toBeLessThanOrEqual(8);
    } while (before !== null);
    expect(paged).toEqual(whole);
    expect(paged).toHaveLength(8);
  });

  it("refuses a place that is none", async () => {
    const reply = await owner.fetch("/api/incidents?before=nowhere");
    expect(await reply.json<ErrorReply>()).toMatchObject({ code: "invalid_field", field: "before" });
  });

  it("is narrowed by subject, by rule, and by words in a title or a member's name", async () => {
    await put("storm", { members: ["web-1", "web-2"], ruleId: "down" });
    await put("other", { members: ["db-1"], ruleId: "load" });
    expect(ids(await list({ subject: "web-2" }))).toEqual(["storm"]);
    expect(ids(await list({ ruleId: "load" }))).toEqual(["other"]);
    expect(ids(await list({ text: "WEB-2" }))).toEqual(["storm"]);
    expect(ids(await list({ text: "is loaded" }))).toEqual(["storm", "other"]);
    expect(ids(await list({ text: "100%_" }))).toEqual([]);
  });

  it("draws no response time of a heartbeat, which has none", async () => {
    await env.DB.prepare(
      `INSERT INTO health_check (id, name, tags, interval_ms, timeout_ms, slow_ms, bad_ms, is_paused, is_default, target, header_names,
        created_at) VALUES ('check:beat', 'backup', '[]', 120000, 5000, 1000, 3000, 1, 0, '{"kind":"heartbeat"}', '[]', 0)`,
    ).run();
    for (const id of ["check:beat", "check:asked"]) {
      await put(id);
      await env.DB.prepare("UPDATE incident SET kind = 'verdict' WHERE id = ?1").bind(id).run();
    }
    expect((await detail("check:beat")).chart).toBeNull();
    expect((await detail("check:asked")).chart).toMatchObject({ metric: "check_response_seconds" });
  });

  it("has with an instance what its checks told of", async () => {
    await knowInstance("host");
    await env.DB.prepare(
      `INSERT INTO health_check (id, name, instance_id, tags, interval_ms, timeout_ms, slow_ms, bad_ms, is_paused, is_default, target,
        header_names, created_at)
       VALUES ('check:of-host', 'site', 'host', '[]', 120000, 5000, 1000, 3000, 1, 0, '{"kind":"tcp","host":"host","port":1}', '[]', 0)`,
    ).run();
    await put("of-check", { members: ["check:of-host"] });
    expect(ids(await list({ subject: "host" }))).toEqual(["of-check"]);
    expect(ids(await list({ subject: "check:of-host" }))).toEqual(["of-check"]);
  });
});

describe("who is limited to tags", () => {
  let limited: Browser;
  beforeAll(async () => void (limited = await owner.joined("operator", { tags: ["team-a"] })));

  it("sees and counts incidents with one of them only, and acts on no other", async () => {
    await put("theirs", { tags: ["team-a", "web"] });
    await put("others", { tags: ["team-b"], severity: "critical" });
    await put("nobody's");
    const seen = await list({}, limited);
    expect(ids(seen)).toEqual(["theirs"]);
    expect(seen.counts).toEqual({ critical: 0, warning: 1, acknowledged: 0 });
    expect((await limited.fetch("/api/incidents/others")).status).toBe(404);
    expect((await act({ ids: ["others"], action: "resolve" }, limited)).status).toBe(404);
  });

  it("still sees what became of a machine and its check when both are gone, and of many when theirs is gone nothing", async () => {
    await knowInstance("others-1", ["team-b"]);
    await put("was-theirs", { tags: ["team-a"], members: ["gone-1", "check:gone"] });
    await env.DB.prepare("UPDATE incident_member SET instance_id = 'gone-1' WHERE incident_id = 'was-theirs'").run();
    await put("storm", { tags: ["team-a", "team-b"], members: ["gone-2", "others-1"] });
    expect(ids(await list({}, limited))).toEqual(["was-theirs"]);
    expect((await detail("was-theirs", limited)).members).toHaveLength(2);
  });

  it("is not told of the others that fell together with theirs", async () => {
    await knowInstance("mine-1", ["team-a"]);
    await knowInstance("hidden-1", ["team-b"]);
    await put("storm", { tags: ["team-a", "team-b"], members: ["mine-1", "hidden-1"] });
    await env.DB.prepare(
      `INSERT INTO incident_event (incident_id, number, at, kind, severity, actor, words) VALUES
       ('storm', 1, 1, 'opened', 'warning', NULL, 'mine-1: Load 9'), ('storm', 2, 2, 'joined', 'warning', NULL, 'hidden-1: Load 9')`,
    ).run();
    const seen = await detail("storm", limited);
    expect(seen.members.map(({ subject }) => subject)).toEqual(["mine-1"]);
    expect(seen.events.map(({ kind }) => kind)).toEqual(["opened"]);
    const whole = await detail("storm");
    expect([whole.members.length, whole.events.length]).toEqual([2, 2]);
  });

  describe("where a hidden one is what it began with,", () => {
    const events = [
      ["opened", null, "probe of secret-db:5432"],
      ["joined", null, "secret-2 and 12 more: refused"],
      ["joined", null, "secret-2, mine-1: Load 9"],
      ["joined", null, "mine-2: Load 9"],
      ["worsened", null, "secret-db is far too loaded"],
      ["acknowledged", "somebody", "I look at secret-db"],
      ["silenced", null, ""],
      ["recovered", null, "secret-2: Load 0"],
    ] as const;
    beforeEach(async () => {
      for (const id of ["mine-1", "mine-2"]) await knowInstance(id, ["team-a", "web"]);
      for (const id of ["secret-db", "secret-2"]) await knowInstance(id, ["team-b"]);
      await put("storm", { tags: ["team-a", "team-b"], members: ["secret-db", "mine-1", "mine-2", "secret-2"] });
      await env.DB.prepare("UPDATE incident SET title = 'secret-db and others', reason = 'secret-db is full'").run();
      await env.DB.batch(
        events.map(([kind, actor, words], index) =>
          env.DB.prepare(
            "INSERT INTO incident_event (incident_id, number, at, kind, severity, actor, words) VALUES ('storm', ?1, 1, ?2, 'warning', ?3, ?4)",
          ).bind(index + 1, kind, actor, words),
        ),
      );
    });

    it("they are shown their own part as if it were the whole", async () => {
      const { incidents } = await list({}, limited);
      expect(incidents).toMatchObject([
        {
          id: "storm",
          title: "Load: 2 instances",
          subject: "mine-1",
          instanceId: "mine-1",
          reason: "Load 9",
          members: 2,
          openMembers: 2,
          tags: ["team-a"],
        },
      ]);
      const seen = await detail("storm", limited);
      expect(seen.incident).toEqual(incidents[0]);
      expect(seen.events.map(({ kind, words }) => [kind, words]).reverse()).toEqual([
        ["opened", ""],
        ["joined", "mine-1"],
        ["joined", "mine-2: Load 9"],
        ["worsened", ""],
        ["acknowledged", "I look at secret-db"],
        ["silenced", ""],
      ]);
      expect((await list()).incidents).toMatchObject([{ title: "secret-db and others", subject: "secret-db" }]);
      expect((await detail("storm")).events).toHaveLength(events.length);
    });

    it("they are shown the chart of one of theirs", async () => {
      const rule = await newRule(
        { kind: "metric", metric: "load_1m", direction: "above", warning: 4, critical: 8, recovery: null },
        { subjects: ["mine-1"] },
      );
      for (const table of ["incident", "incident_member"])
        await env.DB.prepare(`UPDATE ${table} SET rule_id = ?1`).bind(rule.id).run();
      expect((await detail("storm", limited)).chart).toMatchObject({ subject: "mine-1", warning: 4 });
      expect((await detail("storm")).chart).toMatchObject({ subject: "secret-db" });
    });

    it("they learn by no question what is hidden", async () => {
      for (const text of ["secret-db", "secret-2", "is full"]) {
        expect(ids(await list({ text })), text).toEqual(["storm"]);
        expect(ids(await list({ text }, limited)), text).toEqual([]);
      }
      expect(ids(await list({ subject: "secret-2" }))).toEqual(["storm"]);
      expect(ids(await list({ subject: "secret-2" }, limited))).toEqual([]);
      expect(ids(await list({ subject: "mine-2" }, limited))).toEqual(["storm"]);
      expect(ids(await list({ text: "MINE-2" }, limited))).toEqual(["storm"]);
    });

    it("they acknowledge and note, and do not resolve it for the others", async () => {
      const reply = await act({ ids: ["storm"], action: "resolve" }, limited);
      expect(reply.status).toBe(403);
      expect(await reply.json<ErrorReply>()).toMatchObject({ code: "role_too_low", field: "ids" });
      expect((await act({ ids: ["storm"], action: "acknowledge" }, limited)).status).toBe(200);
    });

    it("they do not see it at all when nothing of theirs is left in it", async () => {
      await env.DB.prepare(`UPDATE instance SET tags = '[]' WHERE id LIKE 'mine-%'`).run();
      const seen = await list({}, limited);
      expect([seen.incidents, seen.counts.warning]).toEqual([[], 0]);
      expect((await limited.fetch("/api/incidents/storm")).status).toBe(404);
      await env.DB.prepare(`DELETE FROM instance WHERE id LIKE 'mine-%'`).run();
    });
  });
});
