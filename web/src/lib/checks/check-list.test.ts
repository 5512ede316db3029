import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkListQuerySchema, type CheckEntry } from "../../../../contract/checks.ts";
import { CheckListPage } from "./check-list.svelte.ts";
import { NO_FILTER } from "./filter.ts";

/** The server as far as the list asks it: rows by place, and what it was asked. */
const server = { total: 0, isAway: false, asked: [] as string[], held: [] as (() => void)[], holds: false };

beforeEach(() => {
  Object.assign(server, { total: 100, isAway: false, asked: [], held: [], holds: false });
  vi.stubGlobal("fetch", answer);
});
afterEach(() => void vi.unstubAllGlobals());

async function answer(url: string, { signal }: RequestInit): Promise<Response> {
  const query = checkListQuerySchema.parse(Object.fromEntries(new URL(url, "https://nephos.example").searchParams));
  server.asked.push(`${query.text ?? ""}@${query.offset}`);
  if (server.holds) await new Promise<void>((resolve) => server.held.push(resolve));
  signal?.throwIfAborted();
  if (server.isAway) return Response.json({ code: "unavailable", message: "Away.", remedy: "Wait." }, { status: 503 });
  const length = Math.max(0, Math.min(query.limit, server.total - query.offset));
  const checks = Array.from(
    { length },
    (_, index) => ({ id: `${query.text ?? ""}${query.offset + index}` }) as CheckEntry,
  );
  const counts = { up: server.total, degraded: 0, down: 0, unsure: 0, waiting: 0, paused: 0 };
  return Response.json({ now: 1, total: server.total, counts, regions: [], checks });
}

test("a page is loaded when it comes into sight, and only once", async () => {
  const list = new CheckListPage();
  await list.show(NO_FILTER);
  expect(list.places).toHaveLength(100);
  list.see({ first: 0, end: 40 });
  list.see({ first: 70, end: 90 });
  list.see({ first: 75, end: 95 });
  await vi.waitFor(() => expect(list.places[90]?.id).toBe("90"));
  expect(server.asked).toEqual(["@0", "@40", "@80"]);
});

test("once more means what is in sight, not all that was ever loaded", async () => {
  const list = new CheckListPage();
  await list.show(NO_FILTER);
  list.see({ first: 50, end: 70 });
  await vi.waitFor(() => expect(list.places[50]).toBeDefined());
  server.asked = [];
  await list.refresh();
  expect(server.asked).toEqual(["@40"]);
});

test("what is shown stays while the server does not answer, and the failure is told", async () => {
  const list = new CheckListPage();
  await list.show(NO_FILTER);
  server.isAway = true;
  await list.refresh();
  expect(list.places[0]?.id).toBe("0");
  expect(list.problem?.text).toBe("Away. Wait.");
  server.isAway = false;
  await list.refresh();
  expect(list.problem).toBeNull();
});

test("the answer to a filter that was left is not shown under the next", async () => {
  const list = new CheckListPage();
  await list.show(NO_FILTER);
  list.see({ first: 40, end: 60 });
  await vi.waitFor(() => expect(list.places[40]).toBeDefined());
  server.holds = true;
  const first = list.show({ ...NO_FILTER, text: "a" });
  const second = list.show({ ...NO_FILTER, text: "b" });
  expect(list.isChanging).toBe(true);
  for (const release of server.held.toReversed()) release();
  await Promise.all([first, second]);
  expect(list.places[0]?.id).toBe("b0");
  expect(list.places.every((row) => row === undefined || row.id.startsWith("b"))).toBe(true);
  expect(list.isChanging).toBe(false);
});

test("all that fit are all, those out of sight too, up to what one change may name", async () => {
  const list = new CheckListPage();
  await list.show(NO_FILTER);
  expect(await list.allIds()).toHaveLength(100);
  server.total = 1_500;
  await list.refresh();
  expect(await list.allIds()).toHaveLength(1_000);
});
