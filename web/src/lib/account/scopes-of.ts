import { isAtLeast, type Role, type Scope, SCOPE_NAMES } from "../../../../contract/roles.ts";

/** A token can do what its scopes say *and* its maker may: more than that is not offered. */
export function scopesOf(role: Role): Scope[] {
  return SCOPE_NAMES.filter((scope) => isAtLeast(role, scope === "fleet:read" ? "viewer" : "admin"));
}
