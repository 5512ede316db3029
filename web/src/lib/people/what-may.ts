import type { Person } from "../../../../contract/people.ts";
import { isAtLeast, type Role, ROLES, TAG_LIMITED_ROLES } from "../../../../contract/roles.ts";

/** Roles this person can give: nobody grants more than they have. */
export function rolesGivenBy(role: Role): Role[] {
  return ROLES.filter((given) => isAtLeast(role, given));
}

/** Whether this person may change that one: an admin does not touch owners. */
export function mayChange(me: Person, other: Pick<Person, "role">): boolean {
  return isAtLeast(me.role, "admin") && isAtLeast(me.role, other.role);
}

/** Nobody removes themselves here: one step too quick, and nobody is left to undo it. */
export function mayRemove(me: Person, other: Person): boolean {
  return mayChange(me, other) && me.id !== other.id;
}

/** The tags to send along with a role: only some roles can be limited to tags, and no tag at all means all instances. */
export function tagsFor(role: Role, tags: readonly string[]): string[] | null {
  return TAG_LIMITED_ROLES.includes(role) && tags.length > 0 ? [...tags] : null;
}
