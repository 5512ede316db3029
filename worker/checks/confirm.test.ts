import { describe, expect, it } from "vitest";
import { REGION_NAMES, type Region } from "../../contract/regions.ts";
import { Chance } from "../../tests/chance.ts";
import { seeds } from "../testing/seeds.ts";
import { MORE_REGIONS_MAX, regionsToConfirm } from "./confirm.ts";
import type { Heard } from "./round.ts";

const THREE: Region[] = ["weur", "enam", "apac"];

describe("who else is asked", () => {
  it.each<[says: string, chosen: Region[], heard: Partial<Record<Region, Heard>>, asks: Region[]]>([
    ["all well: nobody", THREE, { weur: "good", enam: "good", apac: "good" }, []],
    ["all failed: nobody", THREE, { weur: "failed", enam: "failed", apac: "failed" }, []],
    ["two of three failed: nobody", THREE, { weur: "failed", enam: "good", apac: "failed" }, []],
    ["one of three failed: nobody", THREE, { weur: "failed", enam: "good", apac: "good" }, []],
    ["the only one is well: nobody", ["weur"], { weur: "good" }, []],
    ["the only one failed: another", ["weur"], { weur: "failed" }, ["wnam"]],
    ["it failed from two: nobody", ["weur"], { weur: "failed", wnam: "failed" }, []],
    ["the second one disagrees: a third", ["weur"], { weur: "failed", wnam: "good" }, ["enam"]],
    ["two of two disagree: a third", ["weur", "enam"], { weur: "failed", enam: "good" }, ["wnam"]],
    [
      "two against two: a fifth",
      [...THREE, "oc"],
      { weur: "failed", enam: "good", apac: "failed", oc: "good" },
      ["wnam"],
    ],
    ["a chosen one that was not asked comes first", THREE, { weur: "failed" }, ["enam"]],
    ["one is blind, and the others are well: nobody", THREE, { weur: "unable", enam: "good", apac: "good" }, []],
    ["one is blind, and the others failed: nobody", THREE, { weur: "unable", enam: "failed", apac: "failed" }, []],
    [
      "one is blind, and the others disagree: another",
      THREE,
      { weur: "unable", enam: "failed", apac: "good" },
      ["wnam"],
    ],
    [
      "two are blind, and the third failed: another",
      THREE,
      { weur: "unable", enam: "unable", apac: "failed" },
      ["wnam"],
    ],
    ["all are blind: two others", THREE, { weur: "unable", enam: "unable", apac: "unable" }, ["wnam", "sam"]],
    ["the only one is blind: two others", ["weur"], { weur: "unable" }, ["wnam", "enam"]],
    ["it may not be asked: nobody, for nobody may", ["weur"], { weur: "forbidden" }, []],
  ])("%s", (_, chosen, heard, asks) => {
    expect(regionsToConfirm(chosen, new Map(Object.entries(heard) as [Region, Heard][]), REGION_NAMES)).toEqual(asks);
  });

  it("nobody, where there is no other region", () => {
    expect(regionsToConfirm(["weur"], new Map([["weur", "failed"]]), ["weur"])).toEqual([]);
  });
});

describe.each(seeds(3))("whatever the regions say, seed %i", (seed) => {
  it("nobody is asked twice, it ends soon, and what is left open could not be settled", () => {
    const chance = new Chance(seed);
    for (let round = 0; round < 500; round++) {
      const chosen = chance.shuffled(REGION_NAMES).slice(0, 1 + chance.below(9));
      const heard = new Map<Region, Heard>();
      const hear = (region: Region) => heard.set(region, chance.pick<Heard>(["good", "failed", "unable"]));
      chosen.forEach(hear);
      for (;;) {
        const more = regionsToConfirm(chosen, heard, REGION_NAMES);
        if (more.length === 0) break;
        expect(more.length).toBeLessThanOrEqual(2);
        for (const region of more) {
          expect(heard.has(region)).toBe(false);
          hear(region);
        }
      }
      expect(heard.size).toBeLessThanOrEqual(chosen.length + MORE_REGIONS_MAX);
      const count = (one: Heard) => [...heard.values()].filter((said) => said === one).length;
      const isOpen =
        count("failed") > 0 && (count("failed") === count("good") || count("good") + count("failed") === 1);
      if (isOpen) expect(heard.size).toBe(Math.min(9, chosen.length + MORE_REGIONS_MAX));
    }
  });
});
