import { expect, test } from "vitest";
import { whileVisible } from "./while-visible.ts";

test("it is done at once, then as often as asked, and never while nobody looks", () => {
  let now = 0;
  let isHidden = false;
  let beat = () => {};
  const done: number[] = [];
  const tab = { now: () => now, isHidden: () => isHidden, beat: (act: () => void) => ((beat = act), () => {}) };
  whileVisible(30_000, () => done.push(now), tab);
  const pass = (until: number) => {
    for (now += 1_000; now <= until; now += 1_000) beat();
    now = until;
  };
  pass(61_000);
  expect(done).toEqual([0, 30_000, 60_000]);
  isHidden = true;
  pass(200_000);
  expect(done).toHaveLength(3);
  isHidden = false;
  beat();
  expect(done).toEqual([0, 30_000, 60_000, 200_000]);
});
