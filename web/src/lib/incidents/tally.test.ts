import { expect, test } from "vitest";
import type { IncidentList } from "../../../../contract/incidents.ts";
import { incidentOf, resolvedOf } from "./testing.ts";
import { tallyOf, withIncident } from "./tally.ts";

const listOf = (over: Partial<IncidentList> = {}): IncidentList => ({
  now: 10_000,
  incidents: [incidentOf("a"), incidentOf("b", { severity: "warning" })],
  counts: { critical: 1, warning: 1, acknowledged: 0 },
  next: null,
  ...over,
});

test("what opens is counted, what is acknowledged moves, what is over goes", () => {
  let tally = withIncident(tallyOf(listOf(), []), incidentOf("c", { openedAt: 11_000, updatedAt: 11_000 }))!;
  expect(tally.counts).toEqual({ critical: 2, warning: 1, acknowledged: 0 });
  tally = withIncident(tally, incidentOf("a", { state: "acknowledged", updatedAt: 12_000 }))!;
  expect(tally.counts).toEqual({ critical: 1, warning: 1, acknowledged: 1 });
  tally = withIncident(tally, resolvedOf("a", 13_000))!;
  tally = withIncident(tally, incidentOf("b", { severity: "critical", updatedAt: 14_000 }))!;
  expect(tally.counts).toEqual({ critical: 2, warning: 0, acknowledged: 0 });
});

test("the same news twice counts once, and old news changes nothing", () => {
  const over = resolvedOf("a", 12_000);
  let tally = withIncident(tallyOf(listOf(), []), over)!;
  tally = withIncident(tally, over)!;
  tally = withIncident(tally, incidentOf("a", { updatedAt: 11_000 }))!;
  expect(tally.counts).toEqual({ critical: 0, warning: 1, acknowledged: 0 });
});

test("news that overtook the answer is counted with it", () => {
  const heard = [resolvedOf("a", 9_900), incidentOf("c", { openedAt: 9_800, updatedAt: 9_800 })];
  expect(tallyOf(listOf(), heard).counts).toEqual({ critical: 1, warning: 1, acknowledged: 0 });
});

test("of more than were told, one that is not known is only counted where it is new", () => {
  const part = tallyOf(listOf({ next: "more", counts: { critical: 400, warning: 1, acknowledged: 0 } }), []);
  expect(withIncident(part, resolvedOf("z", 11_000))).toBeNull();
  expect(withIncident(part, incidentOf("new", { openedAt: 11_000 }))!.counts.critical).toBe(401);
});

test("one that comes back within ten minutes is known, and later it is forgotten", () => {
  let tally = withIncident(tallyOf(listOf(), []), resolvedOf("a", 12_000))!;
  expect(tally.known.has("a")).toBe(true);
  tally = withIncident(tally, incidentOf("c", { openedAt: 700_000, updatedAt: 700_000 }))!;
  expect(tally.known.has("a")).toBe(false);
});
