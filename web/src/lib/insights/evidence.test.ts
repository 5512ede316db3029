import { expect, test } from "vitest";
import { citedBy, numbersInWords, supported } from "./evidence.ts";
import { factOf } from "./testing.ts";

const facts = [factOf("e1"), factOf("e2"), factOf("e3"), factOf("e4")];
const claim = (...evidence: string[]) => ({ text: "So it is.", evidence });

test("a claim that nothing speaks for is not shown", () => {
  const claims = [claim("e1"), claim("e9"), claim("e9", "e2")];
  expect(supported(claims, facts)).toEqual([claims[0], claims[2]]);
});

test("facts are numbered by their place in the list, however a claim names them", () => {
  expect(citedBy(claim("e3", "e1", "e9"), facts).map(({ number, evidence }) => [number, evidence.id])).toEqual([
    [1, "e1"],
    [3, "e3"],
  ]);
});

test.each([
  [["e1"], "1"],
  [["e1", "e3"], "1, 3"],
  [["e1", "e2"], "1, 2"],
  [["e1", "e2", "e3", "e4"], "1–4"],
  [["e1", "e3", "e4"], "1, 3, 4"],
  [["e9"], ""],
])("%j is cited as %j", (ids, words) => expect(numbersInWords(citedBy(claim(...ids), facts))).toBe(words));
