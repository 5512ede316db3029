import { isAtLeast, type Role, type Scope, SCOPE_NAMES } from "../../../../contract/roles.ts";

/** A token can do what its scopes say *and* its maker may: more than that is not offered. */
export function scopesOf(role: Role): Scope[] {
  return SCOPE_NAMES.filter((scope) => isAtLeast(role, LEAST[scope] ?? "admin"));
}

/** Where it takes less than an admin. */
const LEAST: Partial<Record<Scope, Role>> = {
  "fleet:read": "viewer",
  "checks:run": "operator",
  "alerts:read": "viewer",
  "alerts:act": "operator",
  "insights:read": "viewer",
  "insights:act": "operator",
};
