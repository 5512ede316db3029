import { expect, it } from "vitest";
import { Chance } from "../chance.ts";
import { crashRuns } from "../crash-runs.ts";

const RUNS = 8;

const chance = new Chance();

it("however often it is killed while something is wrong: one incident, told once that it began and then that it is over", async () => {
  console.log(`seed ${chance.seed}`);
  const { kills, died, repeated, failed, complaints, faults, output } = await crashRuns(RUNS, chance);
  console.log(
    `${kills} kills, after which ${Object.entries(died)
      .map(([how, times]) => `${times} times ${how}`)
      .join(", ")}; ` +
      `${repeated} messages came again, ${failed} were refused; ` +
      Object.entries(faults)
        .map(([what, which]) => `${which.length} ${what}`)
        .join(", "),
  );
  expect(faults).toEqual(Object.fromEntries(Object.keys(faults).map((what) => [what, []])));
  expect(kills).toBeGreaterThanOrEqual(RUNS);
  expect(died.written + died["nothing written"]).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
  expect(output).not.toContain("a-secret-of-this-walk");
}, 240_000);
