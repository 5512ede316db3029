import { expect, test } from "vitest";
import { ENROLMENT_HOURS_MAX } from "../../../../contract/limits.ts";
import { LIVES, machinesOf } from "./lives.ts";

test("what is offered is what the server takes", () => {
  expect(Math.max(...LIVES.map(({ value }) => Number(value)))).toBe(ENROLMENT_HOURS_MAX);
});

test.each([
  ["1", 1],
  [" 1000 ", 1_000],
  ["0", undefined],
  ["1001", undefined],
  ["1.5", undefined],
  ["", undefined],
  ["many", undefined],
])("%s machines are %s", (typed, count) => expect(machinesOf(typed)).toBe(count));
