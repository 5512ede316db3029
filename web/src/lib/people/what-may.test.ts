import { expect, test } from "vitest";
import type { Person } from "../../../../contract/people.ts";
import type { Role } from "../../../../contract/roles.ts";
import { mayChange, mayRemove, rolesGivenBy, tagsFor } from "./what-may.ts";

const person = (role: Role, id: string = role): Person => ({ id, name: id, email: null, role, tags: null });

test("nobody is offered to give more than they have", () => {
  expect(rolesGivenBy("admin")).toEqual(["viewer", "operator", "admin"]);
  expect(rolesGivenBy("owner")).toEqual(["viewer", "operator", "admin", "owner"]);
});

test("an admin does not touch an owner", () => {
  expect(mayChange(person("admin"), person("owner"))).toBe(false);
  expect(mayChange(person("admin"), person("admin", "another"))).toBe(true);
  expect(mayChange(person("owner"), person("owner", "another"))).toBe(true);
  expect(mayChange(person("operator"), person("viewer"))).toBe(false);
});

test("nobody removes themselves", () => {
  expect(mayRemove(person("owner"), person("owner"))).toBe(false);
  expect(mayRemove(person("owner"), person("viewer"))).toBe(true);
});

test("tags limit those who only look, and an empty list is no limit", () => {
  expect(tagsFor("viewer", ["eu"])).toEqual(["eu"]);
  expect(tagsFor("viewer", [])).toBeNull();
  expect(tagsFor("admin", ["eu"])).toBeNull();
});
