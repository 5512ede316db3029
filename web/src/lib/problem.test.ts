import { expect, test } from "vitest";
import { ApiError } from "./api.ts";
import { problemOf } from "./problem.ts";

test("a refused field is told beside the field, without its name and without advice for programs", () => {
  const refusal = new ApiError(400, {
    code: "invalid_field",
    field: "joinDomains[1]",
    message: "joinDomains[1]: is not a domain",
    remedy: "Correct this field and send again; nothing of this request was stored.",
  });
  expect(problemOf(refusal)).toEqual({ field: "joinDomains", text: "It is not a domain." });
});

test("any other refusal is told with what to do about it", () => {
  const refusal = new ApiError(409, { code: "last_way_in", message: "This is the last way in.", remedy: "Add one." });
  expect(problemOf(refusal)).toEqual({ field: undefined, text: "This is the last way in. Add one." });
});
