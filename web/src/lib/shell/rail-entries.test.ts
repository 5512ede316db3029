import { expect, test } from "vitest";
import { initialsOf, railEntriesOf } from "./rail-entries.ts";

const hrefs = (role: Parameters<typeof railEntriesOf>[0]) => railEntriesOf(role).map(({ href }) => href);

test("a role is shown what it may enter", () => {
  expect(hrefs("viewer")).toEqual(["/"]);
  expect(hrefs("operator")).toEqual(["/"]);
  expect(hrefs("admin")).toEqual(["/", "/add", "/people", "/audit"]);
  expect(hrefs("owner")).toEqual(hrefs("admin"));
});

test("before the role is known, nothing is shown that may be taken away", () => expect(hrefs(null)).toEqual(["/"]));

test.each([
  ["Ada Lovelace", "AL"],
  ["owner", "O"],
  ["Jean-Luc van Dame", "JD"],
  ["ops@example.com", "OC"],
  ["  ", ""],
])("%s is known by %s", (name, initials) => expect(initialsOf(name)).toBe(initials));
