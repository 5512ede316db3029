import { expect, test } from "vitest";
import { Pulse } from "./pulse.svelte.ts";

const heard = (...at: number[]) => {
  const pulse = new Pulse();
  for (const moment of at) pulse.hear(moment, 1e9 + moment);
  return (after: number) => pulse.isFast(1e9 + at.at(-1)! + after);
};

test("two readings within a second and a half are live", () => expect(heard(0, 1_400)(0)).toBe(true));
test("one reading alone is not", () => expect(heard(0)(0)).toBe(false));
test("the usual half minute is not", () => expect(heard(0, 1_000, 31_000)(0)).toBe(false));
test("it is over when nothing comes any more", () => {
  expect(heard(0, 1_000)(4_000)).toBe(true);
  expect(heard(0, 1_000)(4_001)).toBe(false);
});
test("a stored sample that comes late among the readings does not end it", () => {
  expect(heard(30_000, 31_000, 30_000)(0)).toBe(true);
  expect(heard(30_000, 31_000, 30_000, 32_000)(0)).toBe(true);
});
