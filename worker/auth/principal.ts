import type { Person } from "../../contract/people.ts";
import { isAtLeast, type Role, type Scope } from "../../contract/roles.ts";
import type { ApiTokenRow, EnrolmentRow, SessionRow } from "./table.ts";

/** On whose behalf a request is made: a person, in a browser or through one of their API tokens. */
export interface Principal {
  person: Person;
  via: { kind: "browser"; session: SessionRow } | { kind: "token"; token: ApiTokenRow };
}

/** What the gate leaves for the handlers. Behind `public`, `door` and `enrolment` there is no principal. */
export type GateEnv = { Bindings: Env; Variables: { principal: Principal; enrolment: EnrolmentRow } };

/** Which instances a person sees: those with one of the tags, or all where they are not limited. */
export function maySee(tagsOfPerson: readonly string[] | null, tagsOfInstance: readonly string[]): boolean {
  return tagsOfPerson === null || tagsOfInstance.some((tag) => tagsOfPerson.includes(tag));
}

export function hasRole({ person }: Principal, wanted: Role): boolean {
  return isAtLeast(person.role, wanted);
}

/** A browser may what its person may; a token must have been made for it too. */
export function hasScope({ via }: Principal, scope: Scope | null): boolean {
  if (via.kind === "browser") return true;
  return scope !== null && via.token.scopes.includes(scope);
}
