import { expect, test } from "vitest";
import { inOrder, judgementsOf, oldSpells, uptimeDays, type Spell } from "./spells.ts";

const DAY_MS = 86_400_000;
const BORN_AT = Date.UTC(2026, 9, 1, 12);
const MIDNIGHT = Date.UTC(2026, 9, 1);
const spell = (from: number, to: number, verdict: Spell["verdict"]): Spell => ({ from, to, verdict, reason: verdict });

test("a day's seconds add up, and a spell over midnight is shared between its days", () => {
  const night = spell(MIDNIGHT - 600_000, MIDNIGHT + 300_000, "down");
  const open = spell(BORN_AT - 60_000, Infinity, "degraded");
  const days = uptimeDays([night, open], MIDNIGHT - DAY_MS, BORN_AT);
  const day = MIDNIGHT / DAY_MS;
  expect(days).toEqual([
    [day - 1, 85_800, 0, 600, 0],
    [day, 12 * 3_600 - 360, 60, 300, 0],
  ]);
});

test("verdicts follow each other, and one that lasts is the last", () => {
  const spells = [spell(BORN_AT - 9_000, BORN_AT - 8_000, "unsure"), spell(BORN_AT - 1_000, Infinity, "down")];
  const verdicts = judgementsOf(spells, "answers", BORN_AT - DAY_MS, BORN_AT);
  expect(verdicts.map(({ verdict, since }) => [verdict, since - BORN_AT])).toEqual([
    ["up", -DAY_MS],
    ["unsure", -9_000],
    ["up", -8_000],
    ["down", -1_000],
  ]);
});

test("no two spells of one overlap, and the one that was given first is kept", () => {
  const first = spell(5, 9, "down");
  expect(inOrder([first, spell(8, 12, "degraded"), spell(1, 5, "unsure")]).map(({ from }) => from)).toEqual([1, 5]);
});

test("bad hours are the same ones each time, lie within the weeks before, and leave the last two days alone", () => {
  const words = { down: "down", slow: "slow" };
  for (let number = 0; number < 20; number++) {
    const spells = oldSpells(number, words, BORN_AT);
    expect(spells).toEqual(oldSpells(number, words, BORN_AT));
    expect(spells.length).toBeGreaterThan(0);
    for (const { from, to } of spells) {
      expect(to).toBeGreaterThan(from);
      expect(to).toBeLessThan(BORN_AT - 1.9 * DAY_MS);
      expect(from).toBeGreaterThan(BORN_AT - 99 * DAY_MS);
    }
  }
});
