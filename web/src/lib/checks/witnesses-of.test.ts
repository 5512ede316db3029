import { expect, test } from "vitest";
import type { Witness } from "../../../../contract/verdict.ts";
import { witnessesOf } from "./witnesses-of.ts";

const before: Witness = { kind: "region", name: "weur", says: "down", words: "timed out", at: 1 };
const agent: Witness = { kind: "agent", name: "web-1", says: "up", words: "last sample 12 s ago", at: 2 };
const judgement = { verdict: "down", since: 1, reason: "", witnesses: [before, agent] } as const;

test("regions are told as they were seen last, and who else was heard stays", () => {
  const results = [{ region: "weur", outcome: "unknown", responseMs: null, words: "no time was left" }] as const;
  expect(
    witnessesOf({ judgement: { ...judgement, witnesses: [before, agent] }, results: [...results], lastRoundAt: 9 }),
  ).toEqual([{ kind: "region", name: "weur", says: "nothing", words: "no time was left", at: 9 }, agent]);
});

test("without a round it is those of the verdict", () => {
  expect(witnessesOf({ judgement: { ...judgement, witnesses: [agent] }, results: [], lastRoundAt: null })).toEqual([
    agent,
  ]);
  expect(witnessesOf({ judgement: null, results: [], lastRoundAt: null })).toEqual([]);
});
