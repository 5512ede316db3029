import { expect, test } from "vitest";
import { instanceFactsSchema, readingProblem } from "../../contract/ingest.ts";
import { definitionOf, FLEET_METRICS, parseSeriesKey } from "../../contract/metric.ts";
import { demoFleet, isHeard, readingsAt } from "./fleet.ts";

const BORN_AT = Date.UTC(2026, 9, 1, 12);
const HOUR_MS = 3_600_000;
const fleet = demoFleet(BORN_AT);

test("24 machines, each with an id and a name of its own that the wire takes", () => {
  expect(new Set(fleet.map(({ facts }) => facts.id)).size).toBe(24);
  expect(new Set(fleet.map(({ facts }) => facts.name)).size).toBe(24);
  for (const { facts } of fleet) expect(instanceFactsSchema.parse(facts)).toEqual(facts);
});

test("every reading of a day is a known metric within its range", () => {
  const problems = new Set<string>();
  for (const [index, instance] of fleet.entries()) {
    for (let at = BORN_AT - 24 * HOUR_MS; at < BORN_AT + 72 * HOUR_MS; at += 17 * 60_000) {
      for (const [key, value] of Object.entries(readingsAt(instance, index, at, BORN_AT))) {
        const problem =
          readingProblem(key, value) ?? (definitionOf(parseSeriesKey(key)!.metric) ? undefined : "unknown");
        if (problem) problems.add(`${key} ${problem}`);
      }
    }
  }
  expect([...problems]).toEqual([]);
});

test("cards have what they show", () => {
  const readings = readingsAt(fleet[0]!, 0, BORN_AT, BORN_AT);
  for (const metric of FLEET_METRICS) if (metric !== "health_up") expect(readings).toHaveProperty(metric);
});

test("the same moment is the same reading", () => {
  const [a, b] = [fleet, demoFleet(BORN_AT)].map((some) => readingsAt(some[5]!, 5, BORN_AT - HOUR_MS, BORN_AT));
  expect(a).toEqual(b);
});

test("one leaks, one fills its disk, one was silent for 40 minutes, one stopped two hours ago", () => {
  const of = (trouble: string) => fleet.findIndex((instance) => instance.trouble === trouble);
  const change = (trouble: string, key: string) => {
    const index = of(trouble);
    const at = (hours: number) => readingsAt(fleet[index]!, index, BORN_AT + hours * HOUR_MS, BORN_AT)[key]!;
    return at(0) - at(-24);
  };
  expect(change("leak", "memory_used_ratio")).toBeGreaterThan(0.2);
  expect(change("disk", "filesystem_used_ratio:/var")).toBeGreaterThan(0.2);
  const silentMinutes = (trouble: string) =>
    Array.from({ length: 24 * 60 }, (_, minute) => BORN_AT - minute * 60_000).filter(
      (at) => !isHeard(fleet[of(trouble)]!, at, BORN_AT),
    ).length;
  expect(silentMinutes("gap")).toBeCloseTo(40, -1);
  expect(silentMinutes("stopped")).toBeCloseTo(120, -1);
});
