import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Incident, incidentActionsSchema, incidentListQuerySchema } from "../../../../contract/incidents.ts";
import { NO_FILTER } from "./filter.ts";
import { IncidentListPage } from "./incident-list.svelte.ts";
import { incidentOf, resolvedOf } from "./testing.ts";

/** The server as far as the list asks it: its incidents in order, and what it was asked. */
const server = { incidents: [] as Incident[], isAway: false, asked: [] as string[] };

beforeEach(() => {
  Object.assign(server, { incidents: [], isAway: false, asked: [] });
  vi.stubGlobal("fetch", answer);
});
afterEach(() => void vi.unstubAllGlobals());

async function answer(url: string, { method, body, signal }: RequestInit): Promise<Response> {
  signal?.throwIfAborted();
  if (server.isAway) return Response.json({ code: "unavailable", message: "Away.", remedy: "Wait." }, { status: 503 });
  if (method === "POST") {
    const { ids, action } = incidentActionsSchema.parse(JSON.parse(String(body)));
    server.asked.push(`${action} ${ids.length}`);
    return Response.json({ incidents: ids.map((id) => incidentOf(id, { state: "acknowledged", updatedAt: 5_000 })) });
  }
  const query = incidentListQuerySchema.parse(Object.fromEntries(new URL(url, "https://nephos.example").searchParams));
  server.asked.push(`${query.state} ${query.before ?? ""}`.trim());
  const from = Number(query.before ?? 0);
  const incidents = server.incidents.slice(from, from + query.limit);
  const next = from + query.limit < server.incidents.length ? String(from + query.limit) : null;
  return Response.json({ now: 10_000, incidents, counts: { critical: 0, warning: 0, acknowledged: 0 }, next });
}

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => incidentOf(`i${index}`, { openedAt: 1_000 - index }));
const ids = (list: IncidentListPage) => list.shown.map(({ id }) => id);

test("the pages come one after the other, until there is none", async () => {
  server.incidents = many(120);
  const list = new IncidentListPage();
  await list.show(NO_FILTER);
  expect([list.shown.length, list.hasMore]).toEqual([50, true]);
  await Promise.all([list.more(), list.more()]);
  await list.more();
  await list.more();
  expect([list.shown.length, list.hasMore]).toEqual([120, false]);
  expect(server.asked).toEqual(["open", "open 50", "open 100"]);
});

test("while somebody is at work in it, rows change in their place and nothing moves", async () => {
  server.incidents = many(3);
  const list = new IncidentListPage();
  await list.show(NO_FILTER);
  list.isHeld = true;
  list.hear(incidentOf("new", { openedAt: 9_000, updatedAt: 9_000 }));
  list.hear(resolvedOf("i1", 9_500));
  expect(ids(list)).toEqual(["i0", "i1", "i2"]);
  expect(list.shown[1]!.state).toBe("resolved");
  expect([list.fresh.length, list.passed]).toEqual([1, 1]);
  list.settle();
  expect(ids(list)).toEqual(["new", "i0", "i2"]);
  expect([list.fresh.length, list.passed]).toEqual([0, 0]);
});

test("while nobody is, it follows at once", async () => {
  server.incidents = many(2);
  const list = new IncidentListPage();
  await list.show(NO_FILTER);
  list.hear(incidentOf("new", { openedAt: 9_000, updatedAt: 9_000 }));
  list.hear(resolvedOf("i0", 9_500));
  expect(ids(list)).toEqual(["new", "i1"]);
});

test("one that came and is over before it was shown is not shown as open", async () => {
  const list = new IncidentListPage();
  await list.show(NO_FILTER);
  list.isHeld = true;
  list.hear(incidentOf("new", { openedAt: 9_000, updatedAt: 9_000 }));
  list.hear(resolvedOf("new", 9_500));
  list.settle();
  expect(ids(list)).toEqual([]);
});

test("a refresh of a held list keeps the rows where they are, and has what came ready", async () => {
  server.incidents = many(2);
  const list = new IncidentListPage();
  await list.show(NO_FILTER);
  list.isHeld = true;
  server.incidents = [incidentOf("new", { openedAt: 9_000 }), ...many(2)];
  await list.refresh();
  expect(ids(list)).toEqual(["i0", "i1"]);
  expect(list.fresh.map(({ id }) => id)).toEqual(["new"]);
});

test("what is shown stays while the server does not answer, and the failure is told", async () => {
  server.incidents = many(2);
  const list = new IncidentListPage();
  await list.show(NO_FILTER);
  server.isAway = true;
  await list.refresh();
  expect(ids(list)).toEqual(["i0", "i1"]);
  expect(list.problem?.text).toBe("Away. Wait.");
  server.isAway = false;
  await list.refresh();
  expect(list.problem).toBeNull();
});

test("more are acted on than one call may name", async () => {
  server.incidents = many(50);
  const list = new IncidentListPage();
  await list.show(NO_FILTER);
  const acted = await list.act(
    many(230).map(({ id }) => id),
    "acknowledge",
  );
  expect(acted).toHaveLength(230);
  expect(server.asked.slice(1)).toEqual(["acknowledge 100", "acknowledge 100", "acknowledge 30"]);
  expect(list.shown.every(({ state }) => state === "acknowledged")).toBe(true);
});
