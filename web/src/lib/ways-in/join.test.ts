import { expect, test } from "vitest";
import { domainsIn, joinInWords, slugOf } from "./join.ts";

test("domains are taken as they are typed", () => {
  expect(domainsIn(" Example.com, @example.org\nexample.com ")).toEqual(["example.com", "example.org"]);
  expect(domainsIn("  ")).toEqual([]);
});

test("without a role or a domain nobody joins by themselves", () => {
  expect(joinInWords({ joinRole: null, joinDomains: ["example.com"] })).toBe("Only people who were invited");
  expect(joinInWords({ joinRole: "viewer", joinDomains: [] })).toBe("Only people who were invited");
  expect(joinInWords({ joinRole: "viewer", joinDomains: ["a.de", "b.de"] })).toBe(
    "Anybody of a.de, b.de joins as viewer",
  );
});

test("an id is made of a name", () => expect(slugOf("Google Wörkspace (EU)")).toBe("google-workspace-eu"));
