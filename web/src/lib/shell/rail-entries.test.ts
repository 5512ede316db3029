import { expect, test } from "vitest";
import { initialsOf, railEntriesOf } from "./rail-entries.ts";

const hrefs = (role: Parameters<typeof railEntriesOf>[0]) => railEntriesOf(role).map(({ href }) => href);

test("a role is shown what it may enter", () => {
  expect(hrefs("viewer")).toEqual(["/", "/alerts", "/insights", "/checks", "/providers", "/compare"]);
  expect(hrefs("operator")).toEqual(["/", "/alerts", "/insights", "/checks", "/providers", "/compare"]);
  expect(hrefs("admin")).toEqual([
    "/",
    "/alerts",
    "/insights",
    "/checks",
    "/providers",
    "/compare",
    "/add",
    "/people",
    "/audit",
    "/operations",
  ]);
  expect(hrefs("owner")).toEqual(hrefs("admin"));
});

test("before the role is known, nothing is shown that may be taken away", () => {
  expect(hrefs(null)).toEqual(hrefs("viewer"));
});

test("no two rooms have the same keys", () => {
  const keys = railEntriesOf("owner").map((entry) => entry.keys);
  expect(new Set([...keys, "g a", "g u"]).size).toBe(keys.length + 2);
});

test.each([
  ["Ada Lovelace", "AL"],
  ["owner", "O"],
  ["Jean-Luc van Dame", "JD"],
  ["ops@example.com", "OC"],
  ["  ", ""],
])("%s is known by %s", (name, initials) => expect(initialsOf(name)).toBe(initials));
