import { describe, expect, test } from "vitest";
import { allFound, fleet, HOSTILE_NAMES, named, randomOf } from "./engine.cases.ts";
import type { Finding, InsightEngine } from "./engine.ts";
import { history, machine, NOW, quietSeries } from "./local/made.cases.ts";

/** What is promised where all is reckoned from what is handed in. */
export function reckoningCases(engineOf: () => InsightEngine): void {
  let found: Promise<Finding[]> | undefined;
  const inFleet = (): Promise<Finding[]> => (found ??= allFound(engineOf(), fleet()));

  describe("what is reckoned", () => {
    test("is of every kind", async () => {
      const kinds = new Set((await inFleet()).map(({ kind }) => kind));
      expect([...kinds].sort()).toEqual(["anomaly", "change", "correlation", "pattern", "prediction", "waste"]);
    });

    test("has bands for what it knows of a machine", async () => {
      const [first] = await engineOf().predictions(fleet(), NOW);
      expect(Object.keys(first!.bands).length).toBeGreaterThan(3);
    });

    test.each(HOSTILE_NAMES)(
      "is the same whatever a machine is called, and shows the name as it is: %s",
      async (name) => {
        const plain = await inFleet();
        const hostile = await allFound(
          engineOf(),
          fleet().map((one) => named(one, "db-1", name)),
        );
        expect(hostile.map(outline)).toEqual(plain.map(outline));
        const about = hostile.filter(({ subjects }) => subjects.some((subject) => subject.id === "id-db-1"));
        expect(about.length).toBeGreaterThan(1);
        for (const { subjects, evidence } of about) {
          expect(subjects.find(({ id }) => id === "id-db-1")!.name).toBe(name);
          for (const row of evidence) if (row.subject === "id-db-1") expect(row.name).toBe(name);
        }
      },
    );

    test("of a fleet on which nothing happens, is nothing", async () => {
      const random = randomOf(77);
      const machines = Array.from({ length: 6 }, (_, place) => history(machine(`calm-${place}`), quietSeries(random)));
      expect((await allFound(engineOf(), machines)).map(({ title }) => title)).toEqual([]);
    });
  });
}

function outline({ key, kind, severity, confidence, metrics, at }: Finding) {
  return { key, kind, severity, confidence, metrics, at };
}
