import { afterAll, beforeAll, expect, test } from "vitest";
import { reconcile } from "../../worker/instances/reconcile.ts";
import type { InstanceRow } from "../../worker/instances/table.ts";
import type { DiscoveredInstance } from "../../worker/providers/provider.ts";
import { listOf } from "./cloud-past.ts";
import { rentAsOf, startClouds, stopClouds, type DemoClouds } from "./clouds.ts";
import { demoFleet } from "./fleet.ts";
import { momentsOfChange } from "./machines.ts";
import { DEMO_CLOUDS } from "./places.ts";

const BORN_AT = Date.UTC(2026, 9, 1, 12);
const fleet = demoFleet(BORN_AT);
let clouds: DemoClouds;

beforeAll(async () => void (clouds = await startClouds()));
afterAll(() => stopClouds(clouds));

async function listedAt(at: number): Promise<Map<string, DiscoveredInstance>> {
  rentAsOf(clouds, fleet, at, BORN_AT);
  const lists = await Promise.all(DEMO_CLOUDS.map(async (kind) => [kind, await listOf(clouds, kind)] as const));
  return new Map(lists.flatMap(([kind, list]) => list.map((one) => [`${kind} ${one.id}`, one])));
}

test("each machine is listed by its cloud as its agent tells of it, and 80 more are", async () => {
  const listed = await listedAt(BORN_AT);
  expect(listed.size).toBe(fleet.length + 80);
  for (const { facts } of fleet) {
    const one = listed.get(`${facts.cloudKind} ${facts.cloudId}`);
    expect(one).toMatchObject({ name: facts.name, region: facts.region, plan: facts.type });
    // Not every cloud tells the size.
    expect(one!.cpuCount ?? facts.cpuCount).toBe(facts.cpuCount);
    expect(one!.memoryBytes ?? facts.memoryTotalBytes).toBe(facts.memoryTotalBytes);
  }
  const all = [...listed.values()];
  expect(all.filter(({ status }) => status === "stopped").map(({ name }) => name)).toEqual([
    fleet.find(({ trouble }) => trouble === "stopped")!.facts.name,
  ]);
  expect(all.filter(({ impaired }) => impaired !== null)).toHaveLength(1);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  expect(new Set(all.map(({ publicAddresses }) => publicAddresses[0])).size).toBe(all.length);
  expect(all.filter(({ monthlyCost }) => monthlyCost !== null).length).toBeGreaterThan(40);
  expect(Object.values(clouds).flatMap(({ complaints }) => complaints)).toEqual([]);
});

test("a list for each change of the past tells of it once, and a list of now tells nothing new", async () => {
  const rows = new Map<string, InstanceRow>();
  const told: string[] = [];
  for (const at of [...momentsOfChange(fleet, BORN_AT), BORN_AT + 3_600_000]) {
    rentAsOf(clouds, fleet, at, BORN_AT);
    for (const kind of DEMO_CLOUDS) {
      const account = { id: kind, kind };
      const nothing = {
        takesFrom: new Set<string>(),
        unlistedRegions: new Set<string>(),
        missingBefore: new Set<string>(),
      };
      const { changes } = reconcile([...rows.values()], { account, found: await listOf(clouds, kind), ...nothing }, at);
      for (const { row, events } of changes) {
        rows.set(row.id, row);
        if (at > BORN_AT - 90 * 86_400_000)
          told.push(...events.map((event) => `${event.kind} ${event.what ?? row.name}`));
      }
    }
  }
  expect(told.toSorted()).toEqual([
    "added proxy-usc1-4",
    "changed impaired",
    "changed plan",
    "renamed proxy-ams-1",
    "started runner-fsn1-2",
    "stopped queue-ams-3",
    "stopped runner-fsn1-2",
  ]);
});
