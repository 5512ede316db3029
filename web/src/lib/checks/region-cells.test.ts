import { expect, test } from "vitest";
import type { CheckEntry, RegionResult } from "../../../../contract/checks.ts";
import { regionCell, regionsInUse, worstCell } from "./region-cells.ts";

const result = (over: Partial<RegionResult> = {}): RegionResult => ({
  region: "weur",
  outcome: "ok",
  responseMs: 41.4,
  words: "answered 200 in 41 ms",
  ...over,
});
const refused = result({ region: "enam", outcome: "failed", responseMs: null, words: "refused the connection" });

test("a column shows the time, or that there was none, and the words with it", () => {
  expect(regionCell([result()], "weur")).toEqual({
    text: "41 ms",
    title: "Western Europe: answered 200 in 41 ms",
    tone: "plain",
  });
  expect(regionCell([refused], "enam")).toMatchObject({ text: "failed", tone: "failed" });
  expect(regionCell([result()], "oc")).toMatchObject({ text: "–", title: "Oceania: not asked" });
});

test("a failure of our own prober is not told as the target's", () => {
  const ours = result({ outcome: "unknown", responseMs: null, words: "no time was left" });
  expect(regionCell([ours], "weur")).toMatchObject({ text: "unsure", tone: "unknown" });
  expect(worstCell([ours, result({ region: "apac" })])).toMatchObject({ text: "41 ms", tone: "plain" });
});

test("in one cell a failure comes before any time, and the slowest before the rest", () => {
  expect(worstCell([result(), refused])).toMatchObject({ text: "1 of 2 failed", tone: "failed" });
  expect(worstCell([result(), result({ region: "apac", outcome: "slow", responseMs: 1_840 })])).toMatchObject({
    text: "1.84 s",
    tone: "slow",
  });
  expect(worstCell([])).toMatchObject({ text: "–" });
});

test("a region has a column where it is usual, or where one check looks from it", () => {
  const row = { results: [result({ region: "oc" })] } as CheckEntry;
  expect(regionsInUse(["weur", "enam"], [undefined, row])).toEqual(["enam", "weur", "oc"]);
});
