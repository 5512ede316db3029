import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { IncidentList } from "../../../../contract/incidents.ts";
import { IncidentWatch } from "./incident-watch.svelte.ts";
import type { IncidentNews } from "./news.ts";
import { incidentOf, resolvedOf } from "./testing.ts";

const told: IncidentNews[] = [];
let list: IncidentList;

beforeEach(() => {
  told.length = 0;
  list = {
    now: 10_000,
    incidents: [incidentOf("a")],
    counts: { critical: 1, warning: 0, acknowledged: 0 },
    next: null,
  };
  vi.stubGlobal("fetch", async () => Response.json(list));
});
afterEach(() => void vi.unstubAllGlobals());

test("it counts with every change, and tells what is worth it", async () => {
  const watch = new IncidentWatch((news) => told.push(news));
  expect(watch.calling).toBe(0);
  await watch.load();
  watch.hear(incidentOf("b", { openedAt: 11_000, updatedAt: 11_000 }), 11_000);
  expect(watch.calling).toBe(2);
  watch.hear(resolvedOf("a", 12_000), 12_000);
  expect(watch.counts).toEqual({ critical: 1, warning: 0, acknowledged: 0 });
  expect(told.map(({ text }) => text)).toEqual(["Critical: b is down", "Resolved: a is down"]);
});

test("news that came before the first answer is told once, and counted with it", async () => {
  const watch = new IncidentWatch((news) => told.push(news));
  const opened = incidentOf("b", { openedAt: 9_900, updatedAt: 9_900 });
  watch.hear(opened, 9_950);
  watch.hear(opened, 9_960);
  await watch.load();
  expect(told).toHaveLength(1);
  expect(watch.counts?.critical).toBe(2);
});

test("whoever listens hears each change, and nothing that is old", async () => {
  const watch = new IncidentWatch(() => {});
  const heard: string[] = [];
  const leave = watch.onIncident(({ id, state }) => heard.push(`${id} ${state}`));
  await watch.load();
  watch.hear(resolvedOf("a", 12_000), 12_000);
  watch.hear(incidentOf("a", { updatedAt: 11_000 }), 12_001);
  leave();
  watch.hear(incidentOf("b", { updatedAt: 13_000 }), 13_000);
  expect(heard).toEqual(["a resolved"]);
});

test("what somebody did here is counted at once, and not told to them as news", async () => {
  const watch = new IncidentWatch((news) => told.push(news));
  await watch.load();
  await watch.whileActing(["a"], 12_000, async () => {
    // The live connection is often faster than the answer.
    watch.hear(resolvedOf("a", 12_000), 12_100);
    return [resolvedOf("a", 12_000)];
  });
  watch.hear(resolvedOf("a", 12_000), 12_200);
  expect(watch.calling).toBe(0);
  expect(told).toEqual([]);
});

test("what becomes of it later is news again", async () => {
  const watch = new IncidentWatch((news) => told.push(news));
  await watch.load();
  const refused = watch.whileActing(["a"], 12_000, () => Promise.reject(new Error("refused")));
  await expect(refused).rejects.toThrow("refused");
  watch.hear(resolvedOf("a", 12_000), 12_100);
  expect(told).toHaveLength(1);
});
