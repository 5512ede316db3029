import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { EVIDENCE_MAX, type Insight } from "../../../contract/insights.ts";
import { writeChanges } from "../../alerts/incident-store.ts";
import type { IncidentMemberRow, IncidentRow } from "../../alerts/table.ts";
import { insertChecks } from "../../checks/store.ts";
import { INSERT_EVENTS } from "../../instances/store.ts";
import { db, knowInstance, putSamples } from "../../testing/history.ts";
import { DatabaseReader } from "../ask/reader.ts";
import type { Brief } from "../engine.ts";
import { keepFindings } from "../store.ts";
import { countsOf } from "./counts.ts";
import { explainIncident } from "./incident.ts";
import { summarise } from "./summary.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** At no full hour: what begins at midnight has other words. */
const NOW = Math.floor(Date.now() / HOUR) * HOUR - 10 * MINUTE;
/** When disk and CPU went wild, and the incident began. */
const BEGAN = NOW - 3 * HOUR;

const readerOf = (tags: string[] | null = null) =>
  new DatabaseReader(
    {
      db,
      tags,
      latest: async () => new Map(),
      held: async () => ({ waiting: new Map(), unrolled: undefined }),
      running: async () => new Map(),
    },
    NOW,
  );

function incidentOf(id: string, subject: string, more: Partial<IncidentRow> = {}) {
  const row: IncidentRow = {
    id,
    title: `CPU of ${subject} is high`,
    severity: "critical",
    state: "resolved",
    ruleId: "cpu",
    ruleName: "CPU is high",
    kind: "metric",
    subject,
    instanceId: subject,
    reason: "CPU busy is 97 %, above 90 %",
    openedAt: BEGAN,
    updatedAt: BEGAN,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: BEGAN + 30 * MINUTE,
    members: 1,
    openMembers: 0,
    reopened: 0,
    isSilenced: false,
    tags: ["web"],
    lastEvent: 2,
    place: null,
    ...more,
  };
  return row;
}

function memberOf(
  { id, ruleId, ruleName, severity, openedAt, resolvedAt, reason }: IncidentRow,
  subject: string,
): IncidentMemberRow {
  return {
    incidentId: id,
    ruleId,
    ruleName,
    subject,
    instanceId: subject.startsWith("check:") ? null : subject,
    name: subject,
    severity,
    openedAt,
    resolvedAt,
    value: 0.97,
    threshold: 0.9,
    reason,
  };
}

beforeAll(async () => {
  for (const [id, tags] of [
    ["web-1", ["web"]],
    ["calm", ["web"]],
    ["secret-1", ["secret"]],
    ["young", ["web"]],
  ] as const) {
    await knowInstance(id, [...tags]);
    const days = id === "young" ? 0.5 : 6;
    const ats = Array.from({ length: (days * DAY) / (10 * MINUTE) }, (_, step) => NOW - (step + 1) * 10 * MINUTE);
    await putSamples(
      id,
      ats.map((at) => {
        const isWild = id !== "calm" && at >= BEGAN - 20 * MINUTE && at < BEGAN + 30 * MINUTE;
        const noise = ((at / MINUTE) % 7) / 100;
        return {
          at,
          metrics: {
            cpu_busy_ratio: isWild ? 0.97 : 0.2 + noise,
            memory_used_ratio: 0.5,
            disk_util_ratio: isWild ? 0.8 : 0.1 + noise,
          },
        };
      }),
    );
  }
  await env.DB.prepare("UPDATE instance SET judgement = ?1")
    .bind(JSON.stringify({ verdict: "up", since: NOW - DAY, reason: "all well", witnesses: [] }))
    .run();
  const earlier = [1, 2, 3, 4].map((days) =>
    incidentOf(`before-${days}`, "web-1", { openedAt: BEGAN - days * DAY, resolvedAt: BEGAN - days * DAY + HOUR }),
  );
  const rows = [
    incidentOf("main", "web-1"),
    ...earlier,
    incidentOf("quiet", "calm", {
      openedAt: BEGAN - 40 * MINUTE,
      state: "open",
      resolvedAt: null,
      openMembers: 1,
      ruleId: "other",
    }),
    incidentOf("secret", "secret-1", { tags: ["secret"], openedAt: BEGAN - 5 * MINUTE }),
    incidentOf("young", "young"),
    incidentOf("slow", "check:shop", { instanceId: null, title: "shop is degraded", openedAt: BEGAN, ruleId: "slow" }),
    incidentOf("storm", "web-1", {
      title: "3 instances are down",
      members: 3,
      tags: ["web", "secret"],
      ruleId: "storm",
      openedAt: NOW - HOUR,
      resolvedAt: null,
      state: "open",
      openMembers: 3,
    }),
  ];
  const target = { kind: "http", url: "https://shop.example", method: "GET", body: null } as never;
  const every = { intervalMs: 60_000, timeoutMs: 5_000, slowMs: 1_000, badMs: 3_000, regions: null, isPaused: false };
  const never = { headers: null, beatHash: null, lastBeatAt: null, lastFailAt: null, resumedAt: null, judgement: null };
  await insertChecks(db, [
    {
      id: "check:shop",
      name: "shop",
      instanceId: null,
      tags: ["web"],
      target,
      isDefault: false,
      headerNames: [],
      createdAt: 0,
      ...every,
      ...never,
    },
  ]);
  await putSamples(
    "check:shop",
    Array.from({ length: (4 * DAY) / (5 * MINUTE) }, (_, step) => NOW - (step + 1) * 5 * MINUTE).map((at) => {
      const isSlow = at >= BEGAN - 20 * MINUTE && at < BEGAN + 30 * MINUTE;
      return { at, metrics: { check_response_seconds: isSlow ? 2 : 0.2 } };
    }),
  );
  const members = rows.flatMap((row) =>
    (row.id === "storm" ? ["web-1", "calm", "secret-1"] : [row.subject]).map((subject) => memberOf(row, subject)),
  );
  const events = rows.flatMap(({ id, severity, openedAt, resolvedAt }) => [
    { incidentId: id, number: 1, at: openedAt, kind: "opened" as const, severity, actor: null, words: "opened" },
    ...(id === "main"
      ? [
          {
            incidentId: id,
            number: 2,
            at: openedAt + 5 * MINUTE,
            kind: "acknowledged" as const,
            severity,
            actor: "Ada",
            words: "x",
          },
        ]
      : []),
    ...(resolvedAt === null
      ? []
      : [
          {
            incidentId: id,
            number: 3,
            at: resolvedAt,
            kind: "resolved" as const,
            severity,
            actor: null,
            words: "resolved",
          },
        ]),
  ]);
  await writeChanges(db, { incidents: rows, members, events, tales: [], hushed: [] }, []);
  await env.DB.prepare(INSERT_EVENTS)
    .bind(
      JSON.stringify([
        {
          instanceId: "web-1",
          at: BEGAN - 12 * MINUTE,
          kind: "changed",
          what: "plan",
          before: "large",
          after: "small",
        },
        {
          instanceId: "web-1",
          at: BEGAN + 25 * MINUTE,
          kind: "started",
          what: null,
          before: "stopped",
          after: "active",
        },
        {
          instanceId: "secret-1",
          at: BEGAN - 10 * MINUTE,
          kind: "changed",
          what: "image",
          before: "a",
          after: "secretimage",
        },
      ]),
    )
    .run();
  const finding = (title: string, kind: Insight["kind"], at: number | null) => ({
    key: title,
    kind,
    severity: "warning" as const,
    title,
    claims: [{ text: "As it was measured.", evidence: ["e1"] }],
    actions: [`Look at what ${title} means.`],
    subjects: [{ id: "calm", name: "calm" }],
    metrics: ["filesystem_used_ratio"],
    confidence: null,
    basis: "",
    evidence: [
      {
        id: "e1",
        words: "w",
        subject: "calm",
        name: "calm",
        metric: null,
        value: null,
        from: null,
        to: null,
        incidentId: null,
      },
    ],
    chart: null,
    at,
    earliestAt: null,
    latestAt: null,
    monthlySaving: null,
    lastsMs: DAY,
  });
  await keepFindings(
    db,
    [
      finding("Disk of calm will be full", "prediction", NOW + 3 * DAY),
      finding("Traffic of calm was odd", "anomaly", NOW - HOUR),
      finding("calm is idle", "waste", null),
    ],
    { engine: "local", name: "local", model: null } as never,
    NOW,
  );
});

const textOf = ({ claims }: Brief) => claims.map(({ text }) => text).join("\n");

async function explained(id: string, tags: string[] | null = null): Promise<Brief> {
  const brief = await explainIncident(readerOf(tags), id, NOW);
  if (!brief) throw new Error(`${id} is not seen`);
  return brief;
}

function isSupported({ claims, actions, evidence }: Brief): void {
  const ids = new Set(evidence.map(({ id }) => id));
  expect(ids.size).toBe(evidence.length);
  expect(evidence.length).toBeLessThanOrEqual(EVIDENCE_MAX);
  for (const { text, evidence: named } of [...claims, ...actions]) {
    expect(named.length > 0 && named.every((one) => ids.has(one)), text).toBe(true);
    expect(text).not.toMatch(/undefined|NaN|null|\[object/);
  }
}

describe("an incident is explained", () => {
  it("by when it was, what changed before it, what moved, how it ended and how often it comes", async () => {
    const brief = await explained("main");
    const text = textOf(brief);
    isSupported(brief);
    expect(text).toMatch(/^“CPU of web-1 is high” began .*: CPU busy is 97 %, above 90 %\. It lasted 30 min\./);
    expect(text).toContain("Ada acknowledged it after 5 min.");
    expect(text).toMatch(/Before it, .*web-1's plan changed from large to small: 12 min earlier\./);
    expect(text).toMatch(/web-1's CPU use rose to 97 %, where 2\d % is usual at that hour\./);
    expect(text).toMatch(/web-1's disk activity rose to 80 %/);
    expect(text).not.toContain("memory");
    expect(text).toContain("It ended 5 min after this: web-1 was started.");
    expect(text).toMatch(/It is the 5th of its kind there in 30 days; the last one began .* Most of them began around/);
    expect(brief.actions.map((action) => action.text)).toEqual(
      expect.arrayContaining([
        expect.stringContaining("Look at this first: web-1's plan changed"),
        expect.stringContaining("Find what runs at that hour"),
      ]),
    );
    const moved = brief.evidence.find(({ metric }) => metric === "cpu_busy_ratio")!;
    expect(moved.words).toMatch(/at the same time of the \d days before it was 2\d %, mostly/);
    expect(brief.evidence.some(({ incidentId }) => incidentId === "before-1")).toBe(true);
  });

  it("of a check by how long it took to answer", async () => {
    const text = textOf(await explained("slow"));
    expect(text).toContain("shop's response time rose to 2 s, where 200 ms is usual at that hour.");
  });

  it("with what began elsewhere at the same time", async () => {
    expect(textOf(await explained("main"))).toMatch(
      /Elsewhere, too, something began within 30 min: .*“CPU of secret-1 is high”/,
    );
    expect(textOf(await explained("main", ["web"]))).not.toContain("secret");
  });

  it("honestly where nothing is known: no change, no reading unlike the days before, no days before", async () => {
    const calm = await explained("quiet");
    isSupported(calm);
    expect(textOf(calm)).toContain("Nothing is known to have changed there in the 6 h before.");
    expect(textOf(calm)).toContain("No reading there was unlike the same hour of the days before");
    expect(textOf(calm)).toContain("It has been open for");
    expect(textOf(calm)).toContain("It is the first of its kind there in 30 days.");
    expect(calm.actions[0]!.text).toContain("Acknowledge it");
    expect(textOf(await explained("young"))).toContain("as far as there are days before");
  });

  it("to somebody limited to tags by their own part of it, and not at all where none of it is theirs", async () => {
    expect(await explainIncident(readerOf(["web"]), "secret", NOW)).toBeNull();
    expect(await explainIncident(readerOf(), "never", NOW)).toBeNull();
    const part = await explained("storm", ["web"]);
    isSupported(part);
    expect(JSON.stringify(part)).not.toContain("secret");
    expect(textOf(part)).toContain("2 belong to it");
    expect(textOf(await explained("storm"))).toContain("3 belong to it");
  });
});

describe("the day is told", () => {
  it("with how the fleet is first, then what happened, was found and comes, and what to do", async () => {
    const brief = await summarise(readerOf(), NOW);
    isSupported(brief);
    const text = textOf(brief);
    expect(brief.task).toBe("summary");
    expect(text).toMatch(/^Nothing is wrong: all 4 instances are up\./);
    const order = [
      "were open in the last 24 hours",
      "Traffic of calm was odd",
      "will be full or run out within 14 days: calm in 3 d",
      "calm is idle",
    ];
    expect(order.map((words) => text.indexOf(words)).toSorted((a, b) => a - b)).toEqual(
      order.map((words) => text.indexOf(words)),
    );
    expect(
      order.every((words) => text.includes(words)),
      text,
    ).toBe(true);
    expect(brief.actions.length).toBeGreaterThan(2);
  });

  it("is counted, and to somebody limited to tags only of theirs", async () => {
    expect(await countsOf(readerOf(), NOW)).toEqual({
      instances: 4,
      up: 4,
      down: 0,
      degraded: 0,
      unknown: 0,
      openIncidents: 2,
      incidentsInDay: 6,
    });
    expect(await countsOf(readerOf(["web"]), NOW)).toMatchObject({ instances: 3, openIncidents: 2, incidentsInDay: 5 });
    expect(JSON.stringify(await summarise(readerOf(["web"]), NOW))).not.toContain("secret");
  });

  it("of an empty fleet says that there is nobody", async () => {
    const brief = await summarise(readerOf(["none"]), NOW);
    isSupported(brief);
    expect(textOf(brief)).toBe("There is no instance yet that could be looked at.");
  });
});
