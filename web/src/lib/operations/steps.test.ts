import { expect, test } from "vitest";
import type { TickStep } from "../../../../contract/health.ts";
import { stepInWords, stepState, tickInWords } from "./steps.ts";

const MINUTE = 60_000;
const step = (over: Partial<TickStep> = {}): TickStep => ({
  name: "judge",
  lastAt: 100 * MINUTE,
  durationMs: 120,
  isOk: true,
  isUnfinished: false,
  problem: null,
  lastOkAt: 100 * MINUTE,
  says: null,
  ...over,
});

test("a step is told by what it does, and one that is new by its name", () => {
  expect(stepInWords("judge")).toBe("Judge the instances");
  expect(stepInWords("newThing")).toBe("New thing");
});

test("a failed step is that before anything else", () => {
  expect(stepState(step({ isOk: false, isUnfinished: true }), 100 * MINUTE)).toBe("failed");
  expect(stepState(step({ isUnfinished: true }), 100 * MINUTE)).toBe("unfinished");
  expect(stepState(step(), 100 * MINUTE)).toBe("well");
});

test("a step that other steps ran without is late, and one of once a day has a day", () => {
  expect(stepState(step(), 104 * MINUTE)).toBe("well");
  expect(stepState(step(), 106 * MINUTE)).toBe("late");
  expect(stepState(step({ name: "expired" }), 1_400 * MINUTE)).toBe("well");
  expect(stepState(step({ name: "expired" }), 1_600 * MINUTE)).toBe("late");
});

test("a tick that does not come is told, whatever its steps were like", () => {
  expect(tickInWords([step()], 107 * MINUTE)).toEqual({
    text: "It has not run since 7 min ago. Nothing is looked at meanwhile.",
    isWell: false,
  });
});

test("what failed is counted", () => {
  const steps = [step(), step({ name: "discover", isOk: false })];
  expect(tickInWords(steps, 101 * MINUTE)).toEqual({
    text: "Every two minutes, last 1 min ago. One step failed; the others ran.",
    isWell: false,
  });
  expect(tickInWords([step()], 101 * MINUTE).isWell).toBe(true);
  expect(tickInWords([], 0).isWell).toBe(true);
});
