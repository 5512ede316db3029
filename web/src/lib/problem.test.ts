import { expect, test } from "vitest";
import { ApiError } from "./api.ts";
import { isWithin, problemOf } from "./problem.ts";

test("a refused field is told beside the field, without its name and without advice for programs", () => {
  const refusal = new ApiError(400, {
    code: "invalid_field",
    field: "joinDomains[1]",
    message: "joinDomains[1]: is not a domain",
    remedy: "Correct this field and send again; nothing of this request was stored.",
  });
  expect(problemOf(refusal)).toEqual({ field: "joinDomains[1]", text: "It is not a domain." });
});

test("any other refusal is told with what to do about it", () => {
  const refusal = new ApiError(409, { code: "last_way_in", message: "This is the last way in.", remedy: "Add one." });
  expect(problemOf(refusal)).toEqual({ field: undefined, text: "This is the last way in. Add one." });
});

test("a field of the form is told what is wrong within it, and nothing of another that begins alike", () => {
  expect(isWithin("joinDomains[1]", "joinDomains")).toBe(true);
  expect(isWithin("target.url", "target.url")).toBe(true);
  expect(isWithin("target.headers[0].name", "target.headers")).toBe(true);
  expect(isWithin("target.urls", "target.url")).toBe(false);
  expect(isWithin("target", "target.url")).toBe(false);
});
