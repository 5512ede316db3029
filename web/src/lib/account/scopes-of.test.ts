import { expect, test } from "vitest";
import { ENDPOINTS } from "../../../../contract/api.ts";
import { ROLES, SCOPE_NAMES, isAtLeast } from "../../../../contract/roles.ts";
import { scopesOf } from "./scopes-of.ts";

test.each(ROLES)("%s is offered the scopes with which there is something they may do", (role) => {
  const useful = SCOPE_NAMES.filter((scope) =>
    Object.values(ENDPOINTS).some(
      ({ access }) => typeof access === "object" && access.scope === scope && isAtLeast(role, access.role),
    ),
  );
  expect(scopesOf(role)).toEqual(useful);
});
