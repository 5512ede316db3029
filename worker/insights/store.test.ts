import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { database } from "../db/client.ts";
import { deleteInstances } from "../instances/store.ts";
import { knowInstance } from "../testing/history.ts";
import type { Finding } from "./engine.ts";
import {
  changeInsight,
  countInsights,
  endCleanedUp,
  endUnfound,
  findInsight,
  keepFindings,
  listInsights,
  sweepInsights,
} from "./store.ts";

const db = database(env.DB);
const HOUR = 3_600_000;
const NOW = 1_795_600_000_000;
const LOCAL = { name: "local", model: null } as const;
const ASKED = { dismissed: "no", limit: 50 } as const;

const finding = (subject: string, more: Partial<Finding> = {}): Finding => ({
  key: `prediction filesystem_used_ratio ${subject}`,
  kind: "prediction",
  severity: "warning",
  title: `The disk of ${subject} will be full`,
  claims: [{ text: "It grows by 1 % a day.", evidence: ["e1"] }],
  actions: ["Grow the disk."],
  subjects: [{ id: subject, name: subject }],
  metrics: ["filesystem_used_ratio"],
  confidence: 0.9,
  basis: "back-test",
  evidence: [
    {
      id: "e1",
      words: "80 % now, 79 % a day ago.",
      subject,
      name: subject,
      metric: "filesystem_used_ratio",
      value: 0.8,
      from: null,
      to: null,
      incidentId: null,
    },
  ],
  chart: null,
  at: NOW + 100 * HOUR,
  earliestAt: NOW + 90 * HOUR,
  latestAt: NOW + 110 * HOUR,
  monthlySaving: null,
  lastsMs: 6 * HOUR,
  ...more,
});

beforeEach(async () => {
  await env.DB.batch([env.DB.prepare("DELETE FROM insight"), env.DB.prepare("DELETE FROM instance")]);
  for (const id of ["web", "db"]) await knowInstance(id);
  await env.DB.prepare(`UPDATE instance SET tags = json_array(id)`).run();
});

describe("findings that are kept", () => {
  it("are written once, and again only where they say something new", async () => {
    expect(await keepFindings(db, [finding("web")], LOCAL, NOW)).toBe(1);
    expect(await keepFindings(db, [finding("web")], LOCAL, NOW + HOUR)).toBe(0);
    // Its moment has moved less than it is uncertain.
    expect(await keepFindings(db, [finding("web", { at: NOW + 102 * HOUR })], LOCAL, NOW + HOUR)).toBe(0);
    expect(await keepFindings(db, [finding("web", { at: NOW + 20 * HOUR })], LOCAL, NOW + HOUR)).toBe(1);
    expect(await keepFindings(db, [finding("web", { severity: "critical", at: NOW + 20 * HOUR })], LOCAL, NOW)).toBe(1);
    const { insights } = await listInsights(db, ASKED, null, NOW);
    expect(insights).toHaveLength(1);
    expect(insights[0]).toMatchObject({ severity: "critical", madeAt: NOW, chart: null, monthlySaving: null });
  });

  it("are kept up before they are no longer shown", async () => {
    await keepFindings(db, [finding("web")], LOCAL, NOW);
    expect(await keepFindings(db, [finding("web")], LOCAL, NOW + 4 * HOUR)).toBe(1);
    expect((await listInsights(db, ASKED, null, NOW + 9 * HOUR)).insights).toHaveLength(1);
    expect((await listInsights(db, ASKED, null, NOW + 11 * HOUR)).insights).toHaveLength(0);
  });

  it("lose claims without evidence, and are not kept without any claim", async () => {
    const claims = [
      { text: "It grows.", evidence: ["e1", "e9"] },
      { text: "It will explode.", evidence: ["e7"] },
      { text: "Trust me.", evidence: [] },
    ];
    await keepFindings(db, [finding("web", { claims }), finding("db", { claims: claims.slice(1) })], LOCAL, NOW);
    const { insights } = await listInsights(db, ASKED, null, NOW);
    expect(insights.map(({ subjects }) => subjects[0]!.id)).toEqual(["web"]);
    expect(insights[0]!.claims).toEqual([{ text: "It grows.", evidence: ["e1"] }]);
  });

  it("are over when they are not found again, without forgetting who dismissed them", async () => {
    await keepFindings(db, [finding("web"), finding("db")], LOCAL, NOW);
    const [first] = (await listInsights(db, { ...ASKED, subject: "web" }, null, NOW)).insights;
    await changeInsight(db, first!.id, { dismissedAt: NOW, dismissedBy: "Ann" });
    await endUnfound(db, LOCAL, ["web"], [], NOW + HOUR);
    expect(await findInsight(db, first!.id, null, NOW + HOUR)).toBeUndefined();
    expect((await listInsights(db, ASKED, null, NOW + HOUR)).insights).toHaveLength(1);
    await keepFindings(db, [finding("web")], LOCAL, NOW + 2 * HOUR);
    expect(await findInsight(db, first!.id, null, NOW + 2 * HOUR)).toMatchObject({ dismissedBy: "Ann" });
  });

  it("are shown again although somebody dismissed them when they have become worse", async () => {
    await keepFindings(db, [finding("web")], LOCAL, NOW);
    const { id } = (await listInsights(db, ASKED, null, NOW)).insights[0]!;
    await changeInsight(db, id, { dismissedAt: NOW, dismissedBy: "Ann" });
    expect(await countInsights(db, null, NOW)).toEqual({ patterns: 0, anomalies: 0, predictions: 0, dismissed: 1 });
    await keepFindings(db, [finding("web", { severity: "critical" })], LOCAL, NOW + HOUR);
    expect((await listInsights(db, ASKED, null, NOW + HOUR)).insights.map((one) => one.id)).toEqual([id]);
  });

  it("go with what they are about", async () => {
    await keepFindings(db, [finding("web"), finding("db")], LOCAL, NOW);
    await env.DB.prepare("DELETE FROM instance WHERE id = 'web'").run();
    expect(await sweepInsights(db, NOW)).toBe(1);
    expect((await listInsights(db, ASKED, null, NOW)).insights.map(({ subjects }) => subjects[0]!.id)).toEqual(["db"]);
  });
});

describe("the list", () => {
  it("has the worst first, of them what is soonest, then what was last, and goes on page by page", async () => {
    const past = { kind: "anomaly", earliestAt: null, latestAt: null } as const;
    await keepFindings(
      db,
      [
        finding("web", { key: "a", severity: "info", at: NOW + HOUR }),
        finding("web", { key: "b", at: NOW + 50 * HOUR }),
        finding("web", { key: "c", at: NOW + 20 * HOUR }),
        finding("web", { key: "d", ...past, at: NOW - 2 * HOUR }),
        finding("web", { key: "e", ...past, at: NOW - HOUR }),
        finding("web", { key: "f", severity: "critical", at: NOW + 90 * HOUR }),
      ],
      LOCAL,
      NOW,
    );
    const seen: (number | null)[] = [];
    let before: string | undefined;
    for (let page = 0; page < 6; page++) {
      const { insights, next } = await listInsights(db, { ...ASKED, limit: 2, before }, null, NOW);
      seen.push(...insights.map(({ at }) => (at! - NOW) / HOUR));
      if (next === null) break;
      before = next;
    }
    expect(seen).toEqual([90, 20, 50, -1, -2, 1]);
    await expect(listInsights(db, { ...ASKED, before: "1~x" }, null, NOW)).rejects.toThrow("no place in the list");
  });

  it("shows people who are limited to tags only what is wholly about their machines", async () => {
    const both = [
      { id: "web", name: "web" },
      { id: "db", name: "db" },
    ];
    await keepFindings(db, [finding("web"), finding("db"), finding("x", { subjects: both })], LOCAL, NOW);
    const of = async (tags: string[] | null) => (await listInsights(db, ASKED, tags, NOW)).insights.length;
    expect([await of(["web"]), await of(["web", "db"]), await of([]), await of(["other"]), await of(null)]).toEqual([
      1, 3, 0, 0, 3,
    ]);
    expect((await countInsights(db, ["db"], NOW)).predictions).toBe(1);
  });
});

describe("what is over", () => {
  it("is not shown: a moment that has passed, a disk that was cleaned up since, a machine that was merged or removed", async () => {
    await keepFindings(db, [finding("web", { at: NOW + HOUR, earliestAt: NOW, latestAt: NOW + 2 * HOUR })], LOCAL, NOW);
    expect((await listInsights(db, ASKED, null, NOW + HOUR)).insights).toHaveLength(1);
    expect((await listInsights(db, ASKED, null, NOW + 3 * HOUR)).insights).toHaveLength(0);

    const SNOWFLAKE = { name: "snowflake", model: null } as const;
    await keepFindings(db, [finding("db")], SNOWFLAKE, NOW);
    const reading = (value: number) => [{ id: "db", metric: "filesystem_used_ratio", value }];
    await endCleanedUp(db, reading(0.79), NOW + HOUR);
    expect((await listInsights(db, { ...ASKED, subject: "db" }, null, NOW + HOUR)).insights).toHaveLength(1);
    await endCleanedUp(db, reading(0.3), NOW + HOUR);
    expect((await listInsights(db, { ...ASKED, subject: "db" }, null, NOW + HOUR)).insights).toHaveLength(0);

    const both = ["web", "db"].map((id) => ({ id, name: id }));
    await keepFindings(db, [finding("both", { subjects: both })], LOCAL, NOW);
    await deleteInstances(db, ["web"]);
    expect((await listInsights(db, ASKED, null, NOW + 2 * HOUR)).insights).toHaveLength(0);
  });

  it("of several machines ends when all of them were looked into and it was not found again", async () => {
    const both = ["web", "db"].map((id) => ({ id, name: id }));
    await keepFindings(db, [finding("both", { kind: "waste", subjects: both, at: null })], LOCAL, NOW);
    await endUnfound(db, LOCAL, ["web"], [], NOW + HOUR);
    expect((await listInsights(db, ASKED, null, NOW + HOUR)).insights).toHaveLength(1);
    await endUnfound(db, LOCAL, ["web", "db"], [], NOW + HOUR);
    expect((await listInsights(db, ASKED, null, NOW + HOUR)).insights).toHaveLength(0);
  });
});
