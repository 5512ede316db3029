import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { database } from "../db/client.ts";
import { deleteOldIncidents, readStanding, writeChanges } from "./incident-store.ts";
import type { IncidentMemberRow, IncidentRow } from "./table.ts";

const db = database(env.DB);
const NOW = Date.UTC(2026, 5, 1);
const OLD = 5_000;

beforeAll(async () => {
  await env.DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${OLD})
     INSERT INTO incident SELECT 'old' || i, 't', 'warning', 'resolved', 'r', 'r', 'metric', 's', null, 'x', i, i, null, null, i, 1, 0, 0, 0, '[]', 2, null FROM n`,
  ).run();
  await env.DB.prepare(
    "INSERT INTO incident_member SELECT id, 'r', 'r', 's' || id, null, 'n', 'warning', 1, 1, 1, 1, 'x' FROM incident",
  ).run();
});

/** A database that counts what is read of it. */
function counted() {
  let rows = 0;
  const count = <One extends D1Result>(results: One[]) => {
    for (const { meta } of results) rows += meta.rows_read;
    return results;
  };
  const d1 = {
    prepare: (text: string) => env.DB.prepare(text),
    batch: async (all: D1PreparedStatement[]) => count(await env.DB.batch(all)),
  };
  return { db: database(d1 as never), rows: () => rows };
}

const row = (id: string): IncidentRow => ({
  id,
  title: "t",
  severity: "warning",
  state: "open",
  ruleId: "r",
  ruleName: "r",
  kind: "verdict",
  subject: "s",
  instanceId: null,
  reason: "x",
  openedAt: NOW,
  updatedAt: NOW,
  acknowledgedAt: null,
  acknowledgedBy: null,
  resolvedAt: null,
  members: 1,
  openMembers: 1,
  reopened: 0,
  isSilenced: false,
  tags: [],
  lastEvent: 1,
  place: null,
});

it("what stands is read without the history of all that was", async () => {
  const { db: spied, rows } = counted();
  expect((await readStanding(spied, NOW)).incidents).toEqual([]);
  expect(rows()).toBeLessThan(20);
});

it("an incident of five thousand members is written whole, in texts that the database takes", async () => {
  const members = Array.from({ length: 5_000 }, (_, index): IncidentMemberRow => {
    const subject = crypto.randomUUID();
    const known = { subject, instanceId: subject, name: `Würzburg 東京 ${index}`, severity: "critical" as const };
    // Of three bytes each: what counts is not how many characters there are.
    const reason = "東京のサーバーは応答していません。".repeat(6);
    return {
      incidentId: "big",
      ruleId: "r",
      ruleName: "Down",
      ...known,
      openedAt: NOW,
      resolvedAt: null,
      value: 2,
      threshold: 2,
      reason,
    };
  });
  const event = { incidentId: "big", number: 1, at: NOW, severity: "critical" as const, actor: null, words: "x" };
  const longest: number[] = [];
  const spied = {
    prepare: (text: string) => {
      const statement = env.DB.prepare(text);
      return {
        bind: (...given: unknown[]) => {
          longest.push(...given.map((one) => Buffer.byteLength(String(one))));
          return statement.bind(...given);
        },
      };
    },
    batch: (all: D1PreparedStatement[]) => env.DB.batch(all),
  };
  const events = [{ ...event, kind: "opened" as const }];
  await writeChanges(database(spied as never), { incidents: [row("big")], members, events, tales: [], hushed: [] }, []);
  const standing = await readStanding(db, NOW);
  expect(standing.incidents).toMatchObject([{ id: "big", isSilenced: false, tags: [] }]);
  expect(standing.members).toHaveLength(5_000);
  expect(longest.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(2_000_000);
  expect(Math.max(...longest)).toBeLessThanOrEqual(900_002);
});

it("old incidents go some at a time, the oldest first, with their members", async () => {
  expect(await deleteOldIncidents(db, 1_001, 400)).toBe(400);
  expect(await deleteOldIncidents(db, 1_001, 4_000)).toBe(600);
  const { db: spied, rows } = counted();
  expect(await deleteOldIncidents(spied, 1_001, 4_000)).toBe(0);
  expect(rows()).toBeLessThan(20);
  const left = await env.DB.prepare(
    "SELECT count(*) AS count FROM incident_member WHERE incident_id LIKE 'old%'",
  ).first<{
    count: number;
  }>();
  expect(left!.count).toBe(OLD - 1_000);
});
